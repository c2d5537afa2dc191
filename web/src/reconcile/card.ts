/** The case at the right: what both sides say, why they belong together, what follows, and the decision. */
import { dropDown, field, primary } from '../deliveries/parts';
import { integer, percent, today } from '../format';
import { currentLang, pick, term } from '../i18n';
import { fill, h } from '../ui/dom';
import { kindOf, nameOf } from './list';
import { choicesOf } from './queue';
import { t, termOf } from './texts';
import type { Case, CaseField, ReasonKey, Side, VerdictName } from './types';

const REASONS: readonly ReasonKey[] = ['better_source', 'survey', 'plan', 'street_confirmed', 'outdated', 'drawing_noise', 'not_an_area', 'other'];
const NOTE_MAX = 200;

export interface CardEvents {
  decide(verdict: VerdictName): void;
  undo(): void;
  next(): void;
  answer(answer: { answer: string; name: string; dated: string; until?: string }): void;
}

/** What was chosen for a case and not sent yet. */
export interface Draft {
  fields: Record<string, Side>;
  reason: ReasonKey;
  note: string;
}

/** Words for a value of a field, which may be a code, a number or a list. */
function words(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (Array.isArray(value)) return value.map((part) => words(name, part)).join('、');
  if (typeof value === 'number') return integer(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const coded = termOf(`value.${name}`, text);
  return coded === text ? term(name, text) : coded;
}

export class CaseCard {
  readonly element = h('aside', { class: 'r-card', 'aria-label': t('card.label') });
  private one: Case | null = null;
  private draft: Draft = { fields: {}, reason: 'better_source', note: '' };
  private findings: readonly string[] = [];
  private locked = false;

  constructor(private readonly events: CardEvents) {}

  /** What is to be sent with a verdict; with fields chosen one by one, accepting means them. */
  answer(verdict: VerdictName): { verdict: VerdictName; reason: ReasonKey; note: string; fields?: Record<string, Side> } {
    const { reason, note } = this.draft;
    const fields = choicesOf(this.one?.fields ?? [], this.draft.fields);
    const chosen = verdict === 'accept' && Object.values(fields).includes('ours');
    return chosen ? { verdict: 'fields', reason, note, fields } : { verdict, reason, note };
  }

  /** The case that is shown. */
  get key(): string | null {
    return this.one?.key ?? null;
  }

  show(one: Case | null, { findings, locked }: { findings: readonly string[]; locked: boolean }): void {
    if (one?.key !== this.one?.key) {
      const told = one?.decision;
      this.draft = { fields: { ...told?.fields }, reason: told?.reason ?? this.draft.reason, note: told?.note ?? '' };
    }
    this.one = one;
    this.findings = findings;
    this.locked = locked;
    this.render();
  }

  render(): void {
    const { one } = this;
    if (!one) {
      fill(this.element, h('p', { class: 'r-none' }, t('card.none')));
      return;
    }
    const reasons = one.reasons.map(({ zh, en }) => h('li', {}, currentLang() === 'en' ? en : zh));
    fill(
      this.element,
      h('header', { class: 'r-card-head' }, h('span', { class: 'r-quiet' }, kindOf(one)), h('h2', {}, nameOf(one)), h('p', { class: 'r-quiet num' }, [termOf('state', one.state), one.owner, t('case.sure', { n: Math.round(one.probability * 100) })].filter(Boolean).join(' · '))),
      this.verdict(one),
      one.task && this.task(one),
      h('section', {}, h('h3', {}, t('card.sides')), this.sides(one)),
      one.fields.length > 0 && h('section', {}, h('h3', {}, t('card.fields')), this.fields(one)),
      h('section', {}, h('h3', {}, t('card.effect')), this.effect(one)),
      reasons.length > 0 && h('section', {}, h('h3', {}, t('card.reasons')), h('ul', { class: 'r-reasons' }, ...reasons)),
      h('section', {}, h('h3', {}, t('card.findings', { n: this.findings.length })), this.findings.length > 0 ? h('ul', { class: 'r-reasons' }, ...this.findings.map((text) => h('li', {}, text))) : h('p', { class: 'r-quiet' }, t('card.no_findings'))),
    );
  }

  private verdict(one: Case): HTMLElement {
    const done = one.decision !== null;
    const button = (verdict: VerdictName, key: string) => h('button', { type: 'button', class: verdict === 'accept' ? 'd-primary r-act' : 'button r-act', disabled: this.locked, 'aria-keyshortcuts': key, onclick: () => this.events.decide(verdict) }, t(`act.${verdict}.${one.class}` in ACT ? ACT[`act.${verdict}.${one.class}`]! : `act.${verdict as 'accept' | 'keep' | 'both_wrong'}`), h('kbd', {}, key));
    const note = h('input', { type: 'text', id: 'r-note', maxlength: NOTE_MAX, value: this.draft.note, autocomplete: 'off', disabled: this.locked, oninput: () => (this.draft.note = note.value) });
    const told = one.decision;
    return h(
      'section',
      { class: 'r-verdict' },
      told && h('p', { class: 'r-told' }, t('card.decided', { verdict: termOf('verdict', told.verdict), by: told.by, reason: termOf('reason', told.reason) }), told.replayed ? ` · ${t('state.remembered')}` : ''),
      h('div', { class: 'r-reason' }, field('r-reason', t('card.reason'), dropDown({ id: 'r-reason', label: t('card.reason'), value: this.draft.reason, disabled: this.locked, choices: REASONS.map((value) => ({ value, text: termOf('reason', value) })) }, (value) => (this.draft.reason = value as ReasonKey))), field('r-note', t('card.note'), note)),
      h('div', { class: 'r-acts' }, button('accept', 'A'), button('keep', 'K'), button('both_wrong', 'B')),
      h('div', { class: 'r-acts' }, h('button', { type: 'button', class: 'button r-act', disabled: !done, 'aria-keyshortcuts': 'U', onclick: () => this.events.undo() }, t('act.undo'), h('kbd', {}, 'U')), h('button', { type: 'button', class: 'button r-act', 'aria-keyshortcuts': 'N', onclick: () => this.events.next() }, t('act.next'), h('kbd', {}, 'N'))),
    );
  }

  private sides(one: Case): HTMLElement {
    const ours = one.ours.map(({ code, name, street_name }) => h('li', {}, h('a', { class: 'link', href: `/a/${encodeURIComponent(code)}` }, name), h('small', { class: 'num' }, `${code} · ${street_name}`)));
    const theirs = one.theirs.map(({ row, code, name, street_name }) => h('li', {}, h('span', {}, name ?? '—'), h('small', { class: 'num' }, [code, row, street_name].filter(Boolean).join(' · '))));
    const side = (key: 'card.ours' | 'card.theirs', items: HTMLElement[]) => h('div', { class: 'r-side' }, h('h4', {}, t(key)), items.length > 0 ? h('ul', {}, ...items) : h('p', { class: 'r-quiet' }, t('card.nobody')));
    return h('div', { class: 'r-sides' }, side('card.ours', ours), side('card.theirs', theirs));
  }

  private fields(one: Case): HTMLElement {
    const oneByOne = (one.class === 'same' || one.class === 'redrawn') && !this.locked;
    const choice = (told: CaseField, side: Side, value: unknown) => {
      const text = told.field === 'boundary' ? t(side === 'ours' ? 'card.ours' : 'card.theirs') : words(told.field, value);
      const suggested = told.suggestion === (side === 'ours' ? 'left' : 'right');
      if (!oneByOne || !told.enters) return h('td', { class: suggested ? 'suggested' : '' }, text);
      const picked = (this.draft.fields[told.field] ?? 'theirs') === side;
      return h('td', {}, h('button', { type: 'button', class: 'r-pick', 'aria-pressed': String(picked), onclick: () => { this.draft.fields[told.field] = side; this.render(); } }, text, suggested && h('small', {}, t('card.suggested'))));
    };
    return h('table', { class: 'r-fields' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('card.field')), h('th', { scope: 'col' }, t('card.ours')), h('th', { scope: 'col' }, t('card.theirs')))), h('tbody', {}, ...one.fields.map((told) => h('tr', {}, h('th', { scope: 'row' }, termOf('field', told.field)), choice(told, 'ours', told.ours), choice(told, 'theirs', told.theirs)))));
  }

  private effect({ effect }: Case): HTMLElement {
    if (!effect) return h('p', { class: 'r-quiet' }, t('card.no_effect'));
    const share = ([n, d]: [number, number]) => `${percent(d === 0 ? null : (100 * n) / d)} (${integer(n)}/${integer(d)})`;
    const moved = effect.rates.filter(({ before, after }) => before[0] !== after[0] || before[1] !== after[1]);
    const lines = moved.map(({ title, before, after }) => h('li', {}, h('b', {}, pick(title)), h('span', { class: 'num' }, `${share(before)} → ${share(after)}`)));
    const [before, after] = effect.m2;
    return h('ul', { class: 'r-effect' }, ...(lines.length > 0 ? lines : [h('li', { class: 'r-quiet' }, t('card.same_rates'))]), effect.street && h('li', {}, h('b', {}, t('field.street')), h('span', {}, effect.street.join(' → '))), h('li', {}, h('b', {}, t('card.m2')), h('span', { class: 'num' }, `${integer(before)} → ${integer(after)} m²`)));
  }

  private task(one: Case): HTMLElement {
    const { task } = one;
    if (!task) return h('section', {});
    const told = task.state !== 'open' && h('p', { class: 'r-told' }, [termOf('answer', task.answer ?? ''), task.name, task.dated, task.until && t('task.until_day', { day: task.until })].filter(Boolean).join(' · '));
    const name = h('input', { type: 'text', id: 'r-name', maxlength: 40, required: true, autocomplete: 'name', value: task.name ?? '' });
    const dated = h('input', { type: 'date', id: 'r-dated', required: true, max: today(), value: task.dated ?? today() });
    const until = h('input', { type: 'date', id: 'r-until', min: today(), value: task.until ?? '' });
    const untilField = field('r-until', t('task.until'), until);
    let answer = task.answer ?? 'still_valid';
    const refresh = () => (untilField.hidden = answer !== 'deferred');
    refresh();
    const send = (event: Event) => {
      event.preventDefault();
      until.required = answer === 'deferred';
      if (!form.reportValidity()) return;
      this.events.answer({ answer, name: name.value.trim(), dated: dated.value, ...(answer === 'deferred' && { until: until.value }) });
    };
    const form: HTMLFormElement = h('form', { class: 'r-task-form', onsubmit: send }, field('r-answer', t('task.answer'), dropDown({ id: 'r-answer', label: t('task.answer'), value: answer, choices: ['still_valid', 'adjusted', 'deferred'].map((value) => ({ value, text: termOf('answer', value) })) }, (value) => { answer = value; refresh(); })), field('r-name', t('task.name'), name), field('r-dated', t('task.dated'), dated), untilField, primary(t('task.send'), null));
    return h('section', { class: `r-task ${task.state}` }, h('h3', {}, t('task.title')), h('p', { class: 'r-quiet' }, t('task.why')), told, !this.locked && form);
  }
}

/** Verdicts that mean something of their own in a class. */
const ACT: Partial<Record<string, 'act.accept.split' | 'act.accept.merge' | 'act.accept.recut' | 'act.accept.duplicate' | 'act.accept.missing' | 'act.accept.new' | 'act.keep.missing' | 'act.keep.new'>> = {
  'act.accept.split': 'act.accept.split',
  'act.accept.merge': 'act.accept.merge',
  'act.accept.recut': 'act.accept.recut',
  'act.accept.duplicate': 'act.accept.duplicate',
  'act.accept.missing': 'act.accept.missing',
  'act.accept.new': 'act.accept.new',
  'act.keep.missing': 'act.keep.missing',
  'act.keep.new': 'act.keep.new',
};
