/** The case at the right: what both sides say, why they belong together, what follows, and the decision. */
import { dropDown, field } from '../deliveries/parts';
import { integer, moment, percent } from '../format';
import { currentLang, pick } from '../i18n';
import { fill, h } from '../ui/dom';
import { keepFocus } from './focus';
import { kindOf, nameOf } from './list';
import { choicesOf, draftOf, stateOf, type Draft } from './queue';
import { taskSection, type TaskReply } from './task';
import { t, termOf } from './texts';
import type { Case, CaseField, ReasonKey, Side, VerdictName } from './types';
import { words } from './words';

const REASONS: readonly ReasonKey[] = ['better_source', 'survey', 'plan', 'street_confirmed', 'outdated', 'drawing_noise', 'not_an_area', 'other'];
const NOTE_MAX = 200;

export interface CardEvents {
  decide(verdict: VerdictName): void;
  undo(): void;
  next(): void;
  answer(reply: TaskReply): void;
}

/** What may be done with a case: everything, only its task answered, or nothing. */
export type Rights = 'decide' | 'answer' | 'look';

/** Enter that is held on a button presses it again and again: the case after would be decided unseen. */
const heldEnter = (event: KeyboardEvent): void => {
  if (event.repeat && event.key === 'Enter' && event.target instanceof HTMLButtonElement) event.preventDefault();
};

export class CaseCard {
  readonly element = h('aside', { class: 'r-card', onkeydown: heldEnter });
  private one: Case | null = null;
  private draft: Draft = draftOf(null);
  private findings: readonly string[] = [];
  private rights: Rights = 'look';

  constructor(private readonly events: CardEvents) {}

  /** What is to be sent with a verdict; with fields chosen one by one, accepting means them. */
  answer(verdict: VerdictName): { verdict: VerdictName; reason: ReasonKey; note: string; fields?: Record<string, Side> } {
    const { reason, note } = this.draft;
    const fields = choicesOf(this.one?.fields ?? [], this.draft.fields);
    const chosen = verdict === 'accept' && Object.values(fields).includes('ours');
    return chosen ? { verdict: 'fields', reason, note, fields } : { verdict, reason, note };
  }

  /** The case that is shown. */
  get shown(): Case | null {
    return this.one;
  }

  show(one: Case | null, { findings, rights }: { findings: readonly string[]; rights: Rights }): void {
    if (one?.key !== this.one?.key) this.draft = draftOf(one?.decision ?? null);
    this.one = one;
    this.findings = findings;
    this.rights = rights;
    this.render();
  }

  render(): void {
    keepFocus(this.element, () => this.draw());
  }

  private get locked(): boolean {
    return this.rights !== 'decide';
  }

  private draw(): void {
    const { one } = this;
    this.element.setAttribute('aria-label', t('card.label'));
    if (!one) {
      fill(this.element, h('p', { class: 'r-none' }, t('card.none')));
      return;
    }
    const reasons = one.reasons.map(({ zh, en }) => h('li', {}, currentLang() === 'en' ? en : zh));
    fill(
      this.element,
      h('header', { class: 'r-card-head' }, h('span', { class: 'r-quiet' }, kindOf(one)), h('h2', {}, nameOf(one)), h('p', { class: 'r-quiet num' }, [termOf('state', stateOf(one)), one.owner, t('case.sure', { n: Math.round(one.probability * 100) })].filter(Boolean).join(' · '))),
      this.verdict(one),
      one.task && taskSection(one.task, this.rights === 'decide' || (this.rights === 'answer' && one.task.state !== 'answered'), (reply) => this.events.answer(reply)),
      h('section', {}, h('h3', {}, t('card.sides')), this.sides(one)),
      stateOf(one) === 'minor' && h('section', { class: 'r-minor' }, h('p', {}, t('card.minor.text', { fields: (one.minor ?? []).map((name) => termOf('field', name)).join(currentLang() === 'en' ? ', ' : '、') }))),
      one.fields.length > 0 && h('section', {}, h('h3', {}, t('card.fields')), this.fields(one)),
      h('section', {}, h('h3', {}, t('card.effect')), this.effect(one)),
      reasons.length > 0 && h('section', {}, h('h3', {}, t('card.reasons')), h('ul', { class: 'r-reasons' }, ...reasons)),
      h('section', {}, h('h3', {}, t('card.findings', { n: this.findings.length })), this.findings.length > 0 ? h('ul', { class: 'r-reasons' }, ...this.findings.map((text) => h('li', {}, text))) : h('p', { class: 'r-quiet' }, t('card.no_findings'))),
    );
  }

  private verdict(one: Case): HTMLElement {
    const undoable = one.decision !== null && this.rights !== 'look';
    const button = (verdict: VerdictName, key: string) => h('button', { type: 'button', class: verdict === 'accept' ? 'd-primary r-act' : 'button r-act', 'data-focus': `act.${verdict}`, disabled: this.locked, 'aria-keyshortcuts': key, onclick: () => this.events.decide(verdict) }, t(`act.${verdict}.${one.class}` in ACT ? ACT[`act.${verdict}.${one.class}`]! : `act.${verdict as 'accept' | 'keep' | 'both_wrong'}`), h('kbd', {}, key));
    const note = h('input', { type: 'text', id: 'r-note', maxlength: NOTE_MAX, value: this.draft.note, autocomplete: 'off', disabled: this.locked, oninput: () => (this.draft.note = note.value) });
    const told = one.decision;
    return h(
      'section',
      { class: 'r-verdict' },
      told && h('p', { class: 'r-told' }, t('card.decided', { verdict: termOf('verdict', told.verdict), by: told.by, at: moment(told.at), reason: termOf('reason', told.reason) }), told.replayed ? ` · ${t('state.remembered')}` : ''),
      h('div', { class: 'r-reason' }, field('r-reason', t('card.reason'), dropDown({ id: 'r-reason', label: t('card.reason'), value: this.draft.reason, disabled: this.locked, choices: REASONS.map((value) => ({ value, text: termOf('reason', value) })) }, (value) => (this.draft.reason = value as ReasonKey))), field('r-note', t('card.note'), note)),
      h('div', { class: 'r-acts' }, button('accept', 'A'), button('keep', 'K'), button('both_wrong', 'B')),
      h('div', { class: 'r-acts' }, h('button', { type: 'button', class: 'button r-act', disabled: !undoable, 'data-focus': 'act.undo', 'aria-keyshortcuts': 'U', onclick: () => this.events.undo() }, t('act.undo'), h('kbd', {}, 'U')), h('button', { type: 'button', class: 'button r-act', 'data-focus': 'act.next', 'aria-keyshortcuts': 'N', onclick: () => this.events.next() }, t('act.next'), h('kbd', {}, 'N'))),
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
      return h('td', {}, h('button', { type: 'button', class: 'r-pick', 'data-focus': `pick.${told.field}.${side}`, 'aria-pressed': String(picked), onclick: () => { this.draft.fields[told.field] = side; this.render(); } }, text, suggested && h('small', {}, t('card.suggested'))));
    };
    const minor = one.minor ?? [];
    const line = (told: CaseField) => h('tr', {}, h('th', { scope: 'row' }, termOf('field', told.field), minor.includes(told.field) && h('small', { class: 'r-tag' }, t('card.minor'))), choice(told, 'ours', told.ours), choice(told, 'theirs', told.theirs));
    const heads = (['card.field', 'card.ours', 'card.theirs'] as const).map((key) => h('th', { scope: 'col' }, t(key)));
    return h('table', { class: 'r-fields' }, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...one.fields.map(line)));
  }

  private effect({ effect, effect_refused: refused = [], effect_lacks: lacks }: Case): HTMLElement {
    if (!effect && refused.length > 0) return h('div', {}, h('p', { class: 'r-quiet' }, t('card.effect_refused')), h('ul', { class: 'r-reasons' }, ...refused.map((why) => h('li', {}, why))));
    if (!effect) return h('p', { class: 'r-quiet' }, lacks ? `${t('card.no_effect')}${termOf('lack', lacks)}` : t('card.no_effect'));
    const share = ([n, d]: [number, number]) => `${percent(d === 0 ? null : (100 * n) / d)} (${integer(n)}/${integer(d)})`;
    const moved = effect.rates.filter(({ before, after }) => before[0] !== after[0] || before[1] !== after[1]);
    const lines = moved.map(({ title, before, after }) => h('li', {}, h('b', {}, pick(title)), h('span', { class: 'num' }, `${share(before)} → ${share(after)}`)));
    const [before, after] = effect.m2;
    return h('ul', { class: 'r-effect' }, ...(lines.length > 0 ? lines : [h('li', { class: 'r-quiet' }, t('card.same_rates'))]), effect.street && h('li', {}, h('b', {}, t('field.street')), h('span', {}, effect.street.join(' → '))), h('li', {}, h('b', {}, t('card.m2')), h('span', { class: 'num' }, `${integer(before)} → ${integer(after)} m²`)));
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
