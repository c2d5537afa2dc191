/** The accounts of everybody, for administrators: who there is, with what role, and changing each. */
import * as api from '../api';
import { PRESENT, reportFault } from '../api';
import { dataTable, failure, pageHead, skeletons } from '../desk/parts';
import { integer, moment } from '../format';
import { t as base, term } from '../i18n';
import type { Street } from '../types';
import { fill, h } from '../ui/dom';
import { AccountBox } from './account-box';
import { icon } from './icons';
import { accounts } from './questions';
import { t } from './texts';
import type { Account } from './types';
import type { Context, View } from './view';

/** Streets that are named in a row; more are counted. */
const NAMED = 3;

export class AccountsPage implements View {
  readonly element = h('div', { class: 'k-page' });
  private readonly found = h('div', {});
  private list: Account[] | null = null;
  private streets: readonly Pick<Street, 'code' | 'name'>[] = [];
  private wanted = '';

  constructor(private readonly context: Context) {
    this.render();
    void this.load();
    void this.nameStreets();
  }

  title = (): string => t('accounts.title');

  render = (): void => {
    const add = h('button', { type: 'button', class: 'd-primary', 'data-action': 'add', onclick: () => this.open(null) }, t('accounts.add'));
    const search = h('input', { type: 'search', value: this.wanted, placeholder: t('accounts.search'), 'aria-label': t('accounts.search'), oninput: () => this.sift(search.value) });
    fill(this.element, pageHead(t('accounts.title'), t('accounts.text'), h('label', { class: 'l-search a-search' }, icon('search'), search), add), h('section', { class: 'k-part' }, this.found));
    this.draw();
  };

  private async load(): Promise<void> {
    fill(this.found, ...skeletons('row', 'row', 'row', 'row'));
    try {
      this.list = await accounts();
      this.draw();
    } catch (error) {
      fill(this.found, failure(error, () => void this.load()));
    }
  }

  private async nameStreets(): Promise<void> {
    try {
      this.streets = (await api.streets(PRESENT)).features.map(({ properties }) => properties);
      this.draw();
    } catch (error) {
      // The codes tell it too.
      reportFault(error);
    }
  }

  private sift(text: string): void {
    this.wanted = text;
    this.draw();
  }

  private draw(): void {
    const { list } = this;
    if (!list) return;
    const words = this.wanted.trim().toLowerCase();
    const shown = list.filter((account) => !words || [account.name, account.display_name, term('role', account.role), this.streetText(account.streets)].some((text) => text.toLowerCase().includes(words)));
    const heads = [t('account.name'), t('account.role'), t('account.streets'), t('accounts.state'), t('accounts.last'), ''];
    fill(
      this.found,
      h('p', { class: 'd-quiet num a-count', role: 'status' }, t('accounts.count', { n: integer(shown.length) })),
      shown.length === 0 ? h('div', { class: 'd-empty slim' }, h('b', {}, t('accounts.none')), h('p', {}, t('accounts.none.text'))) : dataTable(t('accounts.title'), heads, shown.map((account) => this.row(account))),
    );
  }

  private row(account: Account): (Node | string | null)[] {
    const { name, display_name, role, streets, last_sign_in } = account;
    return [
      h('span', {}, h('b', {}, display_name || name), display_name && display_name !== name && h('small', { class: 'k-below' }, name)),
      term('role', role),
      streets.length === 0 ? h('span', { class: 'd-quiet' }, role === 'officer' ? t('accounts.no_street') : t('accounts.district')) : this.streetText(streets),
      state(account),
      last_sign_in ? h('span', { class: 'num' }, moment(last_sign_in)) : h('span', { class: 'd-quiet' }, t('accounts.never')),
      h('button', { type: 'button', class: 'button small', 'data-account': name, 'aria-label': t('accounts.change.of', { name: display_name || name }), onclick: () => this.open(account) }, icon('edit'), t('accounts.change')),
    ];
  }

  private streetText(codes: readonly string[]): string {
    const names = codes.map((code) => this.streets.find((street) => street.code === code)?.name ?? code);
    return names.length > NAMED + 1 ? t('accounts.streets', { names: names.slice(0, NAMED).join(base('list.comma')), n: names.length }) : names.join(base('list.comma'));
  }

  private open(account: Account | null): void {
    const box = new AccountBox(account, { streets: this.streets, own: account?.name === this.context.session.name }, (saved) => {
      const others = (this.list ?? []).filter(({ name }) => name !== saved.name);
      this.list = [...others, saved].sort((a, b) => (a.name < b.name ? -1 : 1));
      this.draw();
      this.found.querySelector<HTMLElement>(`[data-account="${CSS.escape(saved.name)}"]`)?.focus();
    });
    void box.open();
  }
}

function state({ disabled, locked_until }: Account): HTMLElement {
  if (disabled) return h('span', { class: 'd-chip' }, icon('close'), t('accounts.disabled'));
  if (locked_until && Date.parse(locked_until) > Date.now()) return h('span', { class: 'd-chip fix_later' }, icon('lock'), t('accounts.locked', { until: moment(locked_until).slice(11) }));
  return h('span', { class: 'd-chip ready' }, icon('check'), t('accounts.active'));
}
