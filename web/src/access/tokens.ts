/** Tokens for programs: those there are, a new one whose secret is shown once, and taking one away. */
import { openBox } from '../desk/box';
import { tick } from '../deliveries/parts';
import { dataTable } from '../desk/parts';
import { daysBetween, integer, moment, today } from '../format';
import { may } from '../session';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import { button, field, note, primary, refusal } from './parts';
import { makeToken, removeToken, tokens } from './questions';
import { icon } from './icons';
import { t, termOf } from './texts';
import type { Scope, Token } from './types';

const SCOPES: readonly Scope[] = ['read', 'edit', 'deliver', 'audit'];
const LONGEST_DAYS = 400;
const USUAL_DAYS = 90;
/** An end within a month is worth a mark. */
const SOON_DAYS = 30;

export class TokensPart {
  readonly element = h('section', { class: 'k-part' });
  private list: Token[] | null = null;
  private trouble: string | null = null;
  private everybody = false;

  constructor() {
    void this.load();
  }

  render(): void {
    const { list, trouble } = this;
    fill(
      this.element,
      h('div', { class: 'k-part-head' }, h('h2', {}, t('tokens.title')), button('plus', t('tokens.add'), () => this.ask())),
      h('p', { class: 'd-quiet' }, t('tokens.text')),
      may('manage_accounts') && tick(this.everybody, (checked) => { this.everybody = checked; void this.load(); }, t('tokens.everybody')),
      trouble !== null ? note('warn', trouble) : list === null ? h('div', { class: 'skeleton k-s-row' }) : list.length === 0 ? h('p', { class: 'a-none' }, t('tokens.none')) : this.table(list),
    );
  }

  private async load(): Promise<void> {
    try {
      this.list = await tokens(this.everybody);
      this.trouble = null;
    } catch (error) {
      this.trouble = refusal(error);
    }
    this.render();
  }

  private table(list: readonly Token[]): HTMLElement {
    const rows = list.map((token) => [
      h('span', {}, h('b', {}, token.name), token.owner && h('small', { class: 'k-below' }, token.owner)),
      h('span', { class: 'a-scopes' }, ...token.scopes.map((scope) => h('span', { class: 'd-chip plain' }, termOf('scope', scope) ?? scope))),
      ends(token.expires_at),
      token.last_used_at ? h('span', { class: 'num' }, moment(token.last_used_at)) : h('span', { class: 'd-quiet' }, t('tokens.unused')),
      h('button', { type: 'button', class: 'icon-button small', 'aria-label': t('tokens.remove', { name: token.name }), title: t('tokens.remove', { name: token.name }), onclick: () => this.askRemoval(token) }, icon('trash')),
    ]);
    return dataTable(t('tokens.title'), [t('tokens.name'), t('tokens.scopes'), t('tokens.expires'), t('tokens.used'), ''], rows);
  }

  private ask(): void {
    const box = openBox(t('tokens.add'), null);
    const name = field(t('tokens.name'), h('input', { type: 'text', id: 'token-name', maxlength: 64, autocomplete: 'off' }), t('tokens.name.hint'));
    const days = field(t('tokens.days'), h('input', { type: 'text', id: 'token-days', inputmode: 'numeric', maxlength: 3, autocomplete: 'off', value: USUAL_DAYS }), t('tokens.days.hint', { n: LONGEST_DAYS }));
    const ticks = SCOPES.map((scope) => ({ scope, input: h('input', { type: 'checkbox', checked: scope === 'read' }) }));
    const scopes = h('fieldset', { class: 'a-set' }, h('legend', {}, t('tokens.scopes')), ...ticks.map(({ scope, input }) => h('label', { class: 'd-tick' }, h('span', { class: 'd-tick-box' }, input, icon('check')), h('span', {}, t(`scope.${scope}`), h('small', {}, t(`scope.about.${scope}`))))));
    const answer = h('div', { class: 'a-answer', 'aria-live': 'polite' });
    const send = primary(t('tokens.run'));
    const submit = async (event: Event) => {
      event.preventDefault();
      const chosen = ticks.filter(({ input }) => input.checked).map(({ scope }) => scope);
      const count = Number(days.control.value.trim());
      const isDays = /^\d{1,3}$/.test(days.control.value.trim()) && count >= 1 && count <= LONGEST_DAYS;
      name.blame(name.control.value.trim() === '' ? t('required') : '');
      days.blame(isDays ? '' : t('tokens.days.wrong', { n: LONGEST_DAYS }));
      answer.replaceChildren(...(chosen.length === 0 ? [note('warn', t('tokens.scopes.none'))] : []));
      const wrong = [name, days].find(({ control }) => control.getAttribute('aria-invalid'));
      if (wrong) return wrong.control.focus();
      if (chosen.length === 0) return;
      send.disabled = true;
      try {
        const made = await makeToken(name.control.value.trim(), chosen, count);
        this.list = [made, ...(this.list ?? [])];
        this.render();
        fill(box.body, ...secret(made, box.close));
      } catch (error) {
        answer.replaceChildren(note('warn', refusal(error)));
        send.disabled = false;
      }
    };
    box.body.append(h('form', { class: 'd-form one', novalidate: true, onsubmit: (event: Event) => void submit(event) }, name.element, scopes, days.element, answer, h('div', { class: 'd-buttons end' }, h('button', { type: 'button', class: 'button', onclick: box.close }, t('cancel')), send)));
    name.control.focus();
  }

  private askRemoval(token: Token): void {
    const box = openBox(t('tokens.remove.title'), null);
    const answer = h('div', { class: 'a-answer', 'aria-live': 'polite' });
    const run = async () => {
      try {
        await removeToken(token.id);
        this.list = (this.list ?? []).filter(({ id }) => id !== token.id);
        this.render();
        box.close();
        toast({ icon: 'check', text: t('tokens.removed', { name: token.name }) });
      } catch (error) {
        answer.replaceChildren(note('warn', refusal(error)));
      }
    };
    box.body.append(
      h('p', {}, t('tokens.remove.text', { name: token.name })),
      answer,
      h('div', { class: 'd-buttons end' }, h('button', { type: 'button', class: 'button', onclick: box.close }, t('cancel')), h('button', { type: 'button', class: 'd-primary grave', onclick: () => void run() }, t('tokens.remove.run'))),
    );
  }
}

function ends(at: string): HTMLElement {
  const left = daysBetween(today(), at);
  const mark = left < 0 ? h('span', { class: 'k-due overdue' }, t('tokens.ended')) : left <= SOON_DAYS ? h('span', { class: 'k-due within_30' }, t('tokens.left', { n: integer(left) })) : null;
  return h('span', { class: 'a-ends' }, h('span', { class: 'num' }, moment(at).slice(0, 10)), mark);
}

/** The secret, this once. */
function secret({ name, secret: text }: Token & { secret: string }, close: () => void): HTMLElement[] {
  const shown = h('input', { type: 'text', readonly: true, value: text, class: 'a-secret', 'aria-label': t('tokens.secret'), onfocus: () => shown.select() });
  const copied = h('span', { role: 'status', class: 'd-quiet' });
  const copy = () => {
    shown.select();
    navigator.clipboard.writeText(text).then(
      () => (copied.textContent = t('tokens.copied')),
      () => (copied.textContent = t('tokens.copy_failed')),
    );
  };
  queueMicrotask(() => shown.focus());
  return [
    note('good', t('tokens.made', { name })),
    shown,
    h('div', { class: 'd-buttons' }, button('copyText', t('tokens.copy'), copy), copied),
    note('warn', t('tokens.once')),
    h('p', { class: 'd-quiet' }, t('tokens.how'), h('code', {}, `Authorization: Bearer ${text.slice(0, 10)}…`)),
    h('div', { class: 'd-buttons end' }, h('button', { type: 'button', class: 'd-primary', onclick: close }, t('tokens.kept'))),
  ];
}
