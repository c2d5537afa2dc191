/** What the ledger shows, as an address and back; the words are those of the map's address where both have them. Pure. */
import { isDay } from '../format';
import type { AsOf } from '../types';

/** A condition as it stands in the address: see `CONDITION` below. */
export type Conditions = ReadonlyMap<string, string>;

export interface Sort {
  key: string;
  descending: boolean;
}

export interface LedgerView extends AsOf {
  /** Words that are looked for in names, codes and the like. */
  q: string;
  /**
   * By column: `-` is "no value", `*` "any value"; days and numbers are `from..until`, either end may be missing; of coded
   * values it is a list of keys, and of texts a part of them.
   */
  conditions: Conditions;
  sort: Sort | null;
  /** The area that is marked. */
  area: string | null;
  /** The language that the address itself asks for. */
  lang: string | null;
}

export const NONE = '-';
export const ANY = '*';

/** Columns that go by another word in the address: the map's. */
const WORDS: Readonly<Record<string, string>> = { style: 'show' };
const COLUMNS: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(WORDS).map(([column, word]) => [word, column]));
const OWN = new Set(['q', 'sort', 'area', 'on', 'known', 'lang']);
const KEY = /^[a-z][a-z0-9_]{0,40}$/;
const LONGEST = 500;

export function parseLedger(search: string): LedgerView {
  const query = new URLSearchParams(search);
  const conditions = new Map<string, string>();
  for (const [word, value] of query) {
    if (OWN.has(word) || !KEY.test(word) || !value.trim()) continue;
    conditions.set(COLUMNS[word] ?? word, value.trim().slice(0, LONGEST));
  }
  const [, minus, key] = /^(-?)([a-z][a-z0-9_]*)$/.exec(query.get('sort') ?? '') ?? [];
  const on = query.get('on');
  return {
    q: (query.get('q') ?? '').slice(0, LONGEST),
    conditions,
    sort: key ? { key, descending: minus === '-' } : null,
    area: query.get('area'),
    on: on && isDay(on) ? on : null,
    known: query.get('known'),
    lang: query.get('lang'),
  };
}

/** `/ledger?…`, without a mark where there is nothing to say. */
export function formatLedger({ q, conditions, sort, area, on, known, lang }: LedgerView): string {
  const query = new URLSearchParams();
  if (on) query.set('on', on);
  if (known) query.set('known', known);
  if (q.trim()) query.set('q', q.trim());
  for (const [column, value] of conditions) query.set(WORDS[column] ?? column, value);
  if (sort) query.set('sort', `${sort.descending ? '-' : ''}${sort.key}`);
  if (area) query.set('area', area);
  if (lang) query.set('lang', lang);
  // These need no escaping in a query, and are easier to read without.
  const text = query.toString().replaceAll('%2C', ',').replaceAll('*', '%2A').replaceAll('%2A', '*');
  return text ? `/ledger?${text}` : '/ledger';
}

/** The map with the same day, street and classes. */
export function mapAddress({ conditions, on, known }: Pick<LedgerView, 'conditions' | 'on' | 'known'>): string {
  const street = single(conditions.get('street'));
  const show = conditions.get('style');
  const query = new URLSearchParams();
  if (on) query.set('on', on);
  if (known) query.set('known', known);
  if (show && show !== NONE && show !== ANY) query.set('show', show);
  const text = query.toString().replaceAll('%2C', ',');
  return `${street ? `/s/${encodeURIComponent(street)}` : '/'}${text ? `?${text}` : ''}`;
}

/** The ledger of what the map shows. */
export function ledgerAddress({ on, known, street, classes }: AsOf & { street: string | null; classes: readonly string[] }, area: string | null = null): string {
  const conditions = new Map<string, string>();
  if (street) conditions.set('street', street);
  if (classes.length > 0) conditions.set('style', classes.join(','));
  return formatLedger({ q: '', conditions, sort: null, area, on, known, lang: null });
}

/** The one key of a condition that names one, else null. */
export const single = (condition: string | undefined): string | null =>
  condition === undefined || condition === NONE || condition === ANY || condition.includes(',') ? null : condition;

/** The view with another condition on a column; null takes it away. */
export function withCondition(view: LedgerView, column: string, condition: string | null): LedgerView {
  const conditions = new Map(view.conditions);
  if (condition === null || condition === '') conditions.delete(column);
  else conditions.set(column, condition);
  return { ...view, conditions };
}
