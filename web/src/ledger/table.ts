/** The ledger as the server tells it by column, made ready to be sorted and sifted at once. Pure. */
import type { Lang, LngLat, Text } from '../types';

/** A coded value, as the server names it. */
export interface Term {
  key: string;
  label: Text;
}

/** A column as it is sent: see `GET /api/ledger` in docs/api.md. */
export interface SentColumn {
  key: string;
  title: Text;
  kind: 'text' | 'date' | 'term' | 'number' | 'boolean';
  decimals?: number;
  values?: string[] | Term[];
  data: (number | null)[];
}

export interface SentLedger {
  date: string;
  revision: number;
  count: number;
  labels: LngLat[];
  columns: SentColumn[];
}

/** Columns whose values are places in a list: texts and days in their order, terms, or no and yes. */
export interface ListedColumn {
  kind: 'text' | 'date' | 'term' | 'boolean';
  key: string;
  title: Text;
  /** What the places mean: a text or a day itself, else the key of a term or of yes and no. */
  keys: readonly string[];
  terms: readonly Term[] | null;
  /** The place of every row's value, -1 where there is none. */
  data: Int32Array;
}

export interface NumberColumn {
  kind: 'number';
  key: string;
  title: Text;
  decimals: number;
  /** NaN where there is none. */
  data: Float64Array;
}

export type Column = ListedColumn | NumberColumn;

/** Keys of the values of a column of yes and no. */
export const NO_YES = ['no', 'yes'] as const;

export class Table {
  readonly columns: ReadonlyMap<string, Column>;
  private readonly orders = new Map<string, Uint32Array>();
  private readonly finders = new Map<string, Finder>();
  private places: Map<string, number> | null = null;

  constructor(readonly sent: SentLedger) {
    this.columns = new Map(sent.columns.map((column) => [column.key, ready(column)]));
  }

  get count(): number {
    return this.sent.count;
  }

  /** Rows in the order of a column, those without a value last in both directions; rows of equal value stay in order of code. */
  order(key: string, descending: boolean): Uint32Array {
    const name = `${descending ? '-' : ''}${key}`;
    let order = this.orders.get(name);
    if (!order) {
      const column = this.columns.get(key);
      order = column ? ordered(column, descending) : Uint32Array.from({ length: this.count }, (_, row) => row);
      this.orders.set(name, order);
    }
    return order;
  }

  /** What finds a part of a text among the different texts of a column. */
  finder(column: ListedColumn): Finder {
    let finder = this.finders.get(column.key);
    if (!finder) {
      finder = new Finder(column.keys);
      this.finders.set(column.key, finder);
    }
    return finder;
  }

  /** The code of the area of a row. */
  code(row: number): string {
    return this.text('code', row) ?? '';
  }

  /** The row of an area, null without one. */
  row(code: string): number | null {
    this.places ??= new Map(Array.from({ length: this.count }, (_, row) => [this.code(row), row]));
    return this.places.get(code) ?? null;
  }

  /** The key of a value of a column that is no number. */
  text(key: string, row: number): string | null {
    const column = this.columns.get(key);
    return column && column.kind !== 'number' ? (column.keys[column.data[row] ?? -1] ?? null) : null;
  }

  /** Does beforehand what the first search and the first sorting would wait for, one column a step, so that whoever asks meanwhile waits for one step only. */
  *preparing(searched: readonly string[], sorted: readonly string[]): Generator<void> {
    for (const key of searched) {
      const column = this.columns.get(key);
      if (column?.kind === 'text') yield void this.finder(column);
    }
    for (const key of sorted) for (const descending of [false, true]) yield void this.order(key, descending);
  }
}

function ready({ key, title, kind, decimals, values, data }: SentColumn): Column {
  if (kind === 'number') return { kind, key, title, decimals: decimals ?? 0, data: Float64Array.from(data, (value) => value ?? NaN) };
  const terms = kind === 'term' ? (values as Term[]) : null;
  const keys = kind === 'boolean' ? NO_YES : (terms?.map((term) => term.key) ?? (values as string[]));
  return { kind, key, title, keys, terms, data: Int32Array.from(data, (value) => value ?? -1) };
}

function ordered(column: Column, descending: boolean): Uint32Array {
  if (column.kind !== 'number') return counted(column.data, column.keys.length, descending);
  const { ranks, different } = ranked(column.data);
  return counted(ranks, different, descending);
}

/** The place of every number among the different ones, -1 for none. */
function ranked(data: Float64Array): { ranks: Int32Array; different: number } {
  // The sort of a typed array puts NaN last, and is many times as fast as one that is told how to compare.
  const sorted = data.slice().sort();
  let different = 0;
  for (const value of sorted) {
    if (Number.isNaN(value)) break;
    if (different === 0 || sorted[different - 1] !== value) sorted[different++] = value;
  }
  const ranks = new Int32Array(data.length);
  for (let row = 0; row < data.length; row++) {
    const value = data[row] as number;
    if (Number.isNaN(value)) {
      ranks[row] = -1;
      continue;
    }
    let [low, high] = [0, different - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    ranks[row] = low;
  }
  return { ranks, different };
}

/** Sorts rows by their places by counting: one pass to count, one to put. */
function counted(places: Int32Array, different: number, descending: boolean): Uint32Array {
  const starts = new Uint32Array(different + 2);
  const bucket = (place: number) => (place < 0 ? different : descending ? different - 1 - place : place);
  for (let row = 0; row < places.length; row++) {
    const after = bucket(places[row] as number) + 1;
    starts[after] = (starts[after] as number) + 1;
  }
  for (let at = 1; at < starts.length; at++) starts[at] = (starts[at] as number) + (starts[at - 1] as number);
  const order = new Uint32Array(places.length);
  for (let row = 0; row < places.length; row++) {
    const at = bucket(places[row] as number);
    const to = starts[at] as number;
    starts[at] = to + 1;
    order[to] = row;
  }
  return order;
}

const BREAK = '\n';

/** Finds texts that contain a part. All texts stand in one long text: one search goes through it many times as fast as one for each. */
class Finder {
  private readonly whole: string;
  /** Where each text begins. */
  private readonly starts: Uint32Array;

  constructor(texts: readonly string[]) {
    const lowered = texts.map((text) => fold(text).replaceAll(BREAK, ' '));
    this.whole = lowered.join(BREAK);
    this.starts = new Uint32Array(texts.length);
    let at = 0;
    lowered.forEach((text, place) => {
      this.starts[place] = at;
      at += text.length + 1;
    });
  }

  /** Marks with 1 the places of texts that contain a part, one further along: what is at 0 stands for "no value". */
  mark(part: string, marks: Uint8Array): void {
    const wanted = fold(part);
    let place = 0;
    let at = this.whole.indexOf(wanted);
    while (at >= 0) {
      place = this.placeAt(at, place);
      marks[place + 1] = 1;
      const next = this.starts[place + 1];
      if (next === undefined) return;
      at = this.whole.indexOf(wanted, next);
    }
  }

  /** The text that stands at a position of the whole, not before `low`. */
  private placeAt(position: number, low: number): number {
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] as number) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Texts that differ in case or in the width of letters and digits only are the same to a search. */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

/** The chosen language of a term or of a text. */
export const termText = (term: Term, lang: Lang): string => term.label[lang];
