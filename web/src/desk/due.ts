/** What falls due: counts by urgency, by duty and by street, and the list of them. */
import { dueDay } from '../asof';
import { day, integer } from '../format';
import { pick, term } from '../i18n';
import { fill, h } from '../ui/dom';
import { parseScope, withWords, type Scope } from './address';
import { icon } from './icons';
import { areaLink, chooseDay, chooseOwnStreet, dataTable, empty, failure, into, moreButton, pageHead, pastNote, save, skeletons } from './parts';
import * as questions from './questions';
import { t } from './texts';
import type { DueItem, DueList, DueStateName } from './types';
import type { Context, View } from './view';

export const STATES: readonly DueStateName[] = ['overdue', 'within_30', 'within_90', 'within_180'];

export class DuePage implements View {
  readonly element = h('div', { class: 'k-page' });
  private readonly body = h('div', { class: 'k-body' });
  private list: DueList | null = null;
  private items: DueItem[] = [];

  constructor(private readonly context: Context) {
    this.element.append(this.body);
    void this.load();
  }

  title = (): string => t('due.title');

  recolour = (): void => undefined;

  render = (): void => {
    if (this.list) fill(this.body, ...this.content(this.list));
    this.head();
  };

  private scope(): Scope & { duty: string | null; state: string | null } {
    const query = new URLSearchParams(location.search);
    return { ...parseScope(location.search), duty: query.get('duty'), state: query.get('state') };
  }

  private async load(): Promise<void> {
    this.head();
    if (!this.list) fill(this.body, ...skeletons('figures', 'block', 'block'));
    const scope = this.scope();
    await into(
      this.body,
      () => questions.due({ street: scope.street, duty: scope.duty, state: scope.state }, scope),
      (list) => {
        this.list = list;
        this.items = [...list.items];
        this.head();
        return this.content(list);
      },
    );
  }

  private go(words: Record<string, string | null>): void {
    history.pushState(null, '', location.pathname + withWords(location.search, words));
    this.context.moved();
    void this.load();
  }

  private head(): void {
    const scope = this.scope();
    const { register } = this.context;
    this.element.querySelectorAll(':scope > :not(.k-body)').forEach((part) => part.remove());
    const streets = (this.list?.streets ?? []).map(({ street, street_name }) => ({ code: street, name: street_name }));
    const mapWords = new URLSearchParams({ ...(scope.on && { on: scope.on }), theme: 'due' }).toString();
    const onMap = h('a', { class: 'button', href: `${scope.street ? `/s/${encodeURIComponent(scope.street)}` : '/'}?${mapWords}` }, icon('base'), h('span', {}, t('due.on_map')));
    this.body.before(
      pageHead(t('due.title'), `${t('due.text')} ${t('due.as_of', { day: day(this.list?.date ?? scope.on ?? dueDay(register)) })}`, chooseOwnStreet(register, streets, scope.street, (street) => this.go({ street })), chooseDay(register, scope, (on) => this.go({ on, known: null }), dueDay(register)), onMap, this.workbook()),
    );
    const past = pastNote(scope, () => this.go({ on: null, known: null }));
    if (past) this.body.before(past);
  }

  private workbook(): HTMLElement {
    const button: HTMLButtonElement = h('button', { type: 'button', class: 'button', 'data-action': 'xlsx', onclick: () => void fetchFile() }, icon('download'), h('span', {}, t('due.xlsx')));
    const fetchFile = async () => {
      const scope = this.scope();
      button.disabled = true;
      try {
        save(await questions.dueWorkbook({ street: scope.street, duty: scope.duty, state: scope.state }, scope), `${t('due.title')}-${this.list?.date ?? ''}.xlsx`);
      } catch (error) {
        this.body.prepend(failure(error, null));
      }
      button.disabled = false;
    };
    return button;
  }

  private content(list: DueList): HTMLElement[] {
    const { duty, state, street } = this.scope();
    const figure = (key: DueStateName) =>
      h('button', { type: 'button', class: `k-figure ${key}`, 'aria-pressed': String(state === key), onclick: () => this.go({ state: state === key ? null : key }) }, h('span', {}, t(`due.state.${key}`)), h('b', { class: 'num' }, integer(list.counts[key])));
    const counted = (of: Record<DueStateName, number>) => STATES.map((key) => h('span', { class: of[key] > 0 ? `k-n ${key}` : 'k-n' }, of[key] > 0 ? integer(of[key]) : '·'));
    const pickable = (text: string, on: boolean, run: () => void) => h('button', { type: 'button', class: 'link k-pick', 'aria-pressed': String(on), onclick: run }, text, on && icon('close'));
    const heads = STATES.map((key) => t(`due.state.${key}`));
    const duties = list.duties.map((one) => [
      h('div', {}, pickable(pick(one.title), duty === one.id, () => this.go({ duty: duty === one.id ? null : one.id })), h('small', { class: 'k-rule' }, pick(one.rule), one.article !== null && ` ${t('due.article', { n: one.article })}`)),
      ...counted(one.counts),
    ]);
    const streets = [...list.streets].sort((a, b) => STATES.map((key) => b[key] - a[key]).find((by) => by !== 0) ?? 0);
    const byStreet = streets.map((one) => [pickable(one.street_name, street === one.street, () => this.go({ street: street === one.street ? null : one.street })), ...counted(one)]);
    return [
      h('div', { class: 'k-figures four' }, ...STATES.map(figure)),
      h('section', { class: 'k-part' }, h('h2', {}, t('due.list', { n: integer(list.count) })), this.listed(list)),
      h('div', { class: 'k-two' }, h('section', { class: 'k-part' }, h('h2', {}, t('due.by_duty')), dataTable(t('due.by_duty'), [t('due.duty'), ...heads], duties, [1, 2, 3, 4])), h('section', { class: 'k-part' }, h('h2', {}, t('due.by_street')), dataTable(t('due.by_street'), [t('street'), ...heads], byStreet, [1, 2, 3, 4]))),
    ];
  }

  private listed(list: DueList): HTMLElement {
    const place = h('div', { class: 'k-list' });
    const draw = (links: DueList['links']) => {
      const more = links.some(({ rel }) => rel === 'next')
        ? moreButton((button) => {
            button.disabled = true;
            void into(
              place,
              async () => {
                const page = await (questions.more<DueList>(links) ?? Promise.resolve({ items: [], links: [] }));
                this.items.push(...page.items);
                return page.links;
              },
              (next) => [draw(next)],
            );
          })
        : null;
      return h('div', {}, dueTable(this.items, this.scope()), more);
    };
    place.append(this.items.length === 0 ? empty('check', t('due.empty'), t('due.empty.text')) : draw(list.links));
    return place;
  }
}

/** Duties, one a row, the most urgent first. */
function dueTable(items: readonly DueItem[], scope: Scope): HTMLElement {
  const rows = items.map((item) => [
    areaLink(item.area, scope),
    item.area.street_name,
    h('span', {}, pick(item.title), item.committee && h('small', { class: 'k-below' }, term('committee_kind', item.committee.kind))),
    h('span', { class: 'num' }, item.due_on),
    h('span', { class: `k-due ${item.state}` }, daysText(item.days)),
  ]);
  return dataTable(t('due.title'), [t('area'), t('street'), t('due.duty'), t('due.on'), t('due.left')], rows);
}

/** 还有 43 天到期 / 逾期 13 天. */
export const daysText = (days: number): string => (days < 0 ? t('due.late', { n: integer(-days) }) : days === 0 ? t('due.today') : t('due.days', { n: integer(days) }));

