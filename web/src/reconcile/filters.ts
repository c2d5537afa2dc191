/** What stands above the queue: what is looked for, whose a street is, and what may be decided at once. */
import { dropDown } from '../deliveries/parts';
import { integer } from '../format';
import { h } from '../ui/dom';
import { STATES, type Sift } from './queue';
import { t, type Key } from './texts';
import type { Bulk, Summary } from './types';

const NAME_MAX = 40;
const TAKE: Record<Bulk, Key> = { near_identical: 'bulk.accept', fills: 'bulk.fill', minor: 'bulk.take_minor' };

export interface FilterEvents {
  filter(patch: Partial<Sift>): void;
  /** What is typed; the filters stay as they are. */
  look(text: string): void;
  bulk(bulk: Bulk, verdict: 'accept' | 'keep', expected: number): void;
  /** Gives a street to somebody, or to nobody. */
  give(street: string, name: string | null): void;
}

/** Whether what can be done at once is unfolded; it stays so while the queue is drawn anew. */
let offersOpen = false;

export function filterParts(summary: Summary, sift: Sift, changes: boolean, events: FilterEvents): HTMLElement[] {
  const search = h('input', { type: 'search', class: 'r-search', placeholder: t('filter.text'), 'aria-label': t('filter.text'), value: sift.text, oninput: () => events.look(search.value) });
  const all = (text: string) => ({ value: '', text });
  const row = h(
    'div',
    { class: 'r-filter-row' },
    search,
    dropDown({ label: t('filter.state'), value: sift.state, choices: STATES.map((value) => ({ value, text: t(`filter.${value}`) })) }, (value) => events.filter({ state: value as Sift['state'] })),
    dropDown({ label: t('filter.street'), value: sift.street, choices: [all(t('filter.every_street')), ...summary.streets.map(({ code, name, open }) => ({ value: code, text: `${name} (${open})` }))] }, (value) => events.filter({ street: value })),
    dropDown({ label: t('filter.owner'), value: sift.owner, choices: [all(t('filter.everybody')), ...summary.owners.map(({ name, open }) => ({ value: name, text: `${name} (${open})` }))] }, (value) => events.filter({ owner: value })),
  );
  const street = summary.streets.find(({ code }) => code === sift.street);
  const { open, fills, minor = 0 } = summary.bulk;
  const button = (bulk: Bulk, verdict: 'accept' | 'keep', n: number) => h('button', { type: 'button', class: 'button', 'data-focus': `${bulk}.${verdict}`, onclick: () => events.bulk(bulk, verdict, n) }, t(verdict === 'keep' ? 'bulk.keep' : TAKE[bulk], { n: integer(n) }));
  const offer = (bulk: Bulk, what: Key, n: number, ...verdicts: ('accept' | 'keep')[]) => (changes && n > 0 ? [h('div', { class: `r-bulk ${bulk}` }, h('span', {}, t(what, { n: integer(n) })), ...verdicts.map((verdict) => button(bulk, verdict, n)))] : []);
  const offers = [...offer('near_identical', 'bulk.what', open, 'accept', 'keep'), ...offer('fills', 'bulk.fills', fills, 'accept'), ...offer('minor', 'bulk.minor', minor, 'accept')];
  const toggled = (event: Event) => (offersOpen = (event.target as HTMLDetailsElement).open);
  const folded = () => h('details', { class: 'r-offers', open: offersOpen, ontoggle: toggled }, h('summary', { 'data-focus': 'offers' }, t('bulk.title', { n: integer(open + fills + minor) })), ...offers);
  return [row, changes && street && ownerForm(street, events), offers.length > 0 && folded()].filter((part) => part instanceof HTMLElement);
}

function ownerForm({ code, name, owner }: Summary['streets'][number], events: FilterEvents): HTMLElement {
  const label = t('owner.of', { street: name });
  const input = h('input', { type: 'text', class: 'r-search', maxlength: NAME_MAX, value: owner ?? '', placeholder: label, 'aria-label': label, autocomplete: 'off' });
  const send = (event: Event) => {
    event.preventDefault();
    events.give(code, input.value.trim() || null);
  };
  return h('form', { class: 'r-owner', onsubmit: send }, input, h('button', { type: 'submit', class: 'button', 'data-focus': 'give' }, t('owner.give')));
}
