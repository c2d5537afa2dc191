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

/** The classes of the theme of due items, and the terms of the column that tells the same. */
const DUE: readonly (readonly [style: string, term: string])[] = [['due-overdue', 'overdue'], ['due-30', 'within_30'], ['due-90', 'within_90'], ['due-180', 'within_180'], ['due-none', NONE]];

/** What of a view the map can show: one street, and classes of one theme. */
function onMap(conditions: Conditions): { street: string | null; show: string | null; due: string | null } {
  const styles = conditions.get('style');
  const show = styles && styles !== ANY && !styles.split(',').includes(NONE) ? styles : null;
  const terms = show === null ? (conditions.get('due')?.split(',') ?? []) : [];
  const due = DUE.filter(([, term]) => terms.includes(term) || (terms.includes(ANY) && term !== NONE)).map(([style]) => style);
  return { street: single(conditions.get('street')), show, due: due.length > 0 ? due.join(',') : null };
}

/** The map with the same day, one street, and classes of either theme. */
export function mapAddress({ conditions, on, known }: Pick<LedgerView, 'conditions' | 'on' | 'known'>): string {
  const { street, show, due } = onMap(conditions);
  const query = new URLSearchParams();
  if (on) query.set('on', on);
  if (known) query.set('known', known);
  if (due) query.set('theme', 'due');
  if (show ?? due) query.set('show', show ?? due ?? '');
  const text = query.toString().replaceAll('%2C', ',');
  return `${street ? `/s/${encodeURIComponent(street)}` : '/'}${text ? `?${text}` : ''}`;
}

/** Columns with a condition that the map cannot show, and `q` for words that are looked for. */
export function leftBehind({ conditions, q }: Pick<LedgerView, 'conditions' | 'q'>): string[] {
  const { street, show, due } = onMap(conditions);
  const kept = new Set([street && 'street', show && 'style', due && 'due']);
  return [...(q.trim() ? ['q'] : []), ...[...conditions.keys()].filter((column) => !kept.has(column))];
}

/** The ledger of what the map shows. */
export function ledgerAddress({ on, known, street, classes }: AsOf & { street: string | null; classes: readonly string[] }, area: string | null = null): string {
  const conditions = new Map<string, string>();
  const due = DUE.filter(([style]) => classes.includes(style)).map(([, term]) => term);
  const styles = classes.filter((style) => !DUE.some(([known_style]) => known_style === style));
  if (street) conditions.set('street', street);
  if (styles.length > 0) conditions.set('style', styles.join(','));
  if (due.length > 0) conditions.set('due', due.join(','));
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
