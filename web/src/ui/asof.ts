/** The day that the map shows: the date field of the top bar, and the strip over the map while it is not the present. */
import { EARLIEST, isPast, knowledge, latestDay, readDay, sameClocks, withDay } from '../asof';
import { day, longDay, today } from '../format';
import { currentLang, t } from '../i18n';
import { change, state } from '../state';
import type { AsOf, Clocks, Register } from '../types';
import { byId, fill, h, isPhone } from './dom';
import { icon } from './icons';

/** Typing a year passes through other years; a pause means that the day is the one meant. */
const WAIT_MS = 300;
const NOW: AsOf = { on: null, known: null };

let timer: ReturnType<typeof setTimeout> | undefined;
let published: Register | null = null;

/** The latest day that the field offers: today, or the date of the data where that is later. */
function latest(): string {
  return published ? latestDay(published.data_date) : today();
}

/** Shows another day; the date of the data is the present. */
function show(on: string | null): void {
  const next = withDay(state(), on);
  const present = published && next.known === null && next.on === day(published.data_date);
  const asOf = present ? NOW : next;
  if (!sameClocks(asOf, state())) change(asOf);
}

const input = h('input', { type: 'date', id: 'on', min: EARLIEST });
const box = h('div', { class: 'when', id: 'when', role: 'dialog', 'aria-modal': 'false', hidden: true });
const chip = (): HTMLElement | null => document.querySelector('.date-chip');

input.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(choose, WAIT_MS);
});
input.addEventListener('keydown', (event) => event.key === 'Enter' && choose());

function choose(): void {
  clearTimeout(timer);
  timer = undefined;
  const chosen = readDay(input.value, latest());
  if (chosen) show(chosen);
}

function toggle(open: boolean): void {
  if (open === !box.hidden) return;
  box.hidden = !open;
  chip()?.setAttribute('aria-expanded', String(open));
  if (open) {
    renderBox();
    place();
    // On a phone the focus would open the calendar's keyboard over the map.
    (isPhone() ? box.querySelector('button') : input)?.focus();
  } else if (box.contains(document.activeElement) || document.activeElement === document.body) chip()?.focus();
}

/** Under its button on a desk; the style sheet places it on a phone. */
function place(): void {
  const [bar, anchor] = [byId('top').getBoundingClientRect(), chip()?.getBoundingClientRect()];
  if (anchor) box.style.setProperty('--when-right', `${Math.round(Math.max(12, bar.right - anchor.right))}px`);
}

box.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  toggle(false);
});
box.addEventListener('focusout', ({ relatedTarget }) => {
  if (relatedTarget instanceof Node && !box.contains(relatedTarget) && !chip()?.contains(relatedTarget)) toggle(false);
});
addEventListener('pointerdown', ({ target }) => {
  if (target instanceof Node && !box.contains(target) && !chip()?.contains(target)) toggle(false);
});

/** The button that tells the date of the map and opens the field, and the field itself, once. */
export function dateControl(present: Register, shown: Register): { chip: HTMLElement; box: HTMLElement } {
  published = present;
  const past = isPast(state(), shown.as_of);
  const date = state().on ?? day(shown.as_of?.datetime ?? shown.data_date);
  renderBox();
  return {
    chip: h(
      'button',
      {
        type: 'button',
        class: past ? 'date-chip past' : 'date-chip',
        title: t('date.title', { revision: shown.revision }),
        'aria-haspopup': 'dialog',
        'aria-controls': 'when',
        'aria-expanded': String(!box.hidden),
        onclick: () => toggle(box.hidden),
      },
      icon(past ? 'history' : 'calendar'),
      h('span', {}, t(past ? 'date.past' : 'date.label')),
      h('b', { class: 'num' }, date),
      h('small', { class: 'sr-only' }, t('date.button')),
    ),
    box,
  };
}

function renderBox(): void {
  if (box.hidden) return;
  const { on, known } = state();
  const held = knowledge(state());
  const date = published ? day(published.data_date) : '';
  box.setAttribute('aria-label', t('asof.title'));
  input.max = latest();
  // The field keeps what is being typed.
  if (document.activeElement !== input || (timer === undefined && readDay(input.value, latest()))) input.value = on ?? date;
  const limited = held.kind === 'record' || held.kind === 'time';
  const check = h('input', {
    type: 'checkbox',
    id: 'known',
    'aria-describedby': 'known-text',
    disabled: on === null && known === null,
    onchange: () => change({ known: check.checked ? on : null }),
  });
  check.checked = known !== null;
  const focused = document.activeElement?.id;
  const present = h('button', { type: 'button', id: 'present', class: 'button', disabled: on === null && known === null, onclick: () => show(null) }, t('asof.present'));
  const label = limited ? t(held.kind === 'record' ? 'asof.known.record' : 'asof.known.time', { value: shorten(held.value) }) : t('asof.known');
  if (!input.isConnected) fill(box, h('div', { class: 'when-head' }), h('div', { class: 'when-row' }, input), h('div', { class: 'when-more' }));
  fill(box.querySelector('.when-head') ?? box, h('label', { for: 'on' }, t('asof.label')), closer());
  // The field is not taken out: the browser would close its calendar.
  box.querySelector('#present')?.remove();
  input.after(present);
  fill(
    box.querySelector('.when-more') ?? box,
    h('label', { class: 'check', for: 'known' }, check, h('span', {}, h('b', {}, label), h('small', { id: 'known-text' }, t('asof.known.text')))),
    h('button', { type: 'button', id: 'to-changes', class: 'link row-link', onclick: openChanges }, icon('history'), t(on ? 'asof.compare' : 'changes.open')),
  );
  if (focused && focused !== 'on') document.getElementById(focused)?.focus();
}

const closer = (): HTMLElement =>
  h('button', { type: 'button', class: 'icon-button small', 'aria-label': t('card.close'), title: t('card.close'), onclick: () => toggle(false) }, icon('close'));

/** The changes since the day shown, or those of the latest record. */
function openChanges(): void {
  toggle(false);
  change({ focus: { kind: 'changes', since: state().on } });
}

const shorten = (value: string): string => (/^\d+$/.test(value) ? value : day(value));

/** The strip over the map. Before the answer is there it goes by the address alone, so that nothing moves later. */
export function renderAsOf(shown: Register | null): void {
  const strip = byId('asof');
  const asOf = state();
  const past = isPast(asOf, shown?.as_of);
  if (!strip.querySelector('p')) fill(strip, h('p', { role: 'status' }), h('div', { class: 'asof-actions' }));
  const [text, actions] = [strip.querySelector('p'), strip.querySelector('.asof-actions')];
  if (!text || !actions) return;
  strip.classList.toggle('on', past);
  document.documentElement.classList.toggle('in-past', past);
  const message = past ? sentence(asOf, shown) : [];
  // The same words again would be read aloud again.
  if (text.dataset.words !== message.join(' ')) {
    text.dataset.words = message.join(' ');
    const [long, short, held] = message;
    fill(text, ...(long ? [icon('history'), h('b', { class: 'long' }, long), h('b', { class: 'short' }, short), held && h('span', {}, held)] : []));
  }
  fill(
    actions,
    past && asOf.on !== null && h('button', { type: 'button', class: 'asof-button quiet', onclick: openChanges }, t('asof.compare.short')),
    past && h('button', { type: 'button', class: 'asof-button', 'data-action': 'present', onclick: () => show(null) }, t('asof.back')),
  );
}

/** What the strip says: the day at length and in short, and how the knowledge is limited. */
function sentence(asOf: AsOf, shown: Register | null): string[] {
  const date = asOf.on ?? shown?.as_of?.datetime;
  const words = date === undefined ? [t('asof.earlier'), t('asof.earlier.short')] : dayWords(date);
  const held = knowledge(asOf);
  if (held.kind === 'then') words.push(t('asof.held.then'));
  else if (held.kind === 'record') words.push(t('asof.held.record', { value: held.value }));
  else if (held.kind === 'time') words.push(t('asof.held.time', { value: longDay(held.value, currentLang()) }));
  return words;
}

function dayWords(text: string): string[] {
  const date = longDay(text, currentLang());
  return [t(text > latest() ? 'asof.future' : 'asof.text', { date }), t('asof.short', { date })];
}

/** A small mark beside headings that count: these figures are those of another day. */
export function dayMark(answered: Clocks | undefined): HTMLElement | null {
  return answered?.present === false ? h('span', { class: 'badge past num' }, day(answered.datetime)) : null;
}
