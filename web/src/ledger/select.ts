/** Which rows a view shows, in its order. Pure; every step is one pass over the rows. */
import { isDay } from '../format';
import type { Column, ListedColumn, Table } from './table';
import { ANY, NONE, type LedgerView } from './view';

/** Columns that the search box looks into. */
export const SEARCHED: readonly string[] = ['name', 'other_names', 'code', 'community', 'manager_name', 'manager_uscc', 'address'];

type Question = Pick<LedgerView, 'q' | 'conditions' | 'sort'>;

/** The rows that hold every word and every condition. Conditions on columns that this audience does not have hold always. */
export function select(table: Table, { q, conditions, sort }: Question): Uint32Array {
  const keep = new Uint8Array(table.count).fill(1);
  for (const [key, condition] of conditions) {
    const column = table.columns.get(key);
    if (column) sift(table, column, condition, keep);
  }
  for (const word of q.split(/\s+/).filter(Boolean)) search(table, word, keep);
  const order = table.order(sort?.key ?? 'code', sort?.descending ?? false);
  const rows = new Uint32Array(order.length);
  let count = 0;
  for (const row of order) if (keep[row] === 1) rows[count++] = row;
  return rows.subarray(0, count);
}

/** How many rows there would be of each value of a column, with every other condition as it is; the last count is of rows without a value. */
export function counts(table: Table, column: ListedColumn, question: Question): Uint32Array {
  const conditions = new Map(question.conditions);
  conditions.delete(column.key);
  const found = new Uint32Array(column.keys.length + 1);
  for (const row of select(table, { ...question, conditions, sort: null })) {
    const place = column.data[row] as number;
    const at = place < 0 ? column.keys.length : place;
    found[at] = (found[at] as number) + 1;
  }
  return found;
}

function sift(table: Table, column: Column, condition: string, keep: Uint8Array): void {
  if (column.kind === 'number') {
    const { data } = column;
    const [from, until] = condition === NONE || condition === ANY ? [-Infinity, Infinity] : numberRange(condition);
    const none = condition === NONE;
    for (let row = 0; row < data.length; row++) {
      const value = data[row] as number;
      // What is no number is in no range.
      if ((value >= from && value <= until) === none) keep[row] = 0;
    }
    return;
  }
  const marks = placeMarks(table, column, condition);
  const { data } = column;
  for (let row = 0; row < data.length; row++) if (marks[(data[row] as number) + 1] === 0) keep[row] = 0;
}

/** Both ends of `from..until` as numbers, open where they are missing or make no sense. */
function numberRange(condition: string): [number, number] {
  const [from = '', until = ''] = bounds(condition);
  const low = from === '' ? -Infinity : Number(from);
  const high = until === '' ? Infinity : Number(until);
  return [Number.isNaN(low) ? -Infinity : low, Number.isNaN(high) ? Infinity : high];
}

/** The two ends as they are written; a single value is both. */
export function bounds(condition: string): string[] {
  const [from = '', until] = condition.split('..');
  return [from, until ?? from];
}

/** 1 for every place that passes; what is at 0 stands for "no value". */
function placeMarks(table: Table, column: ListedColumn, condition: string): Uint8Array {
  const marks = new Uint8Array(column.keys.length + 1);
  if (condition === NONE) marks[0] = 1;
  else if (condition === ANY) marks.fill(1, 1);
  else if (column.kind === 'text') table.finder(column).mark(condition, marks);
  else if (column.kind === 'date') {
    const [from = '', until = ''] = bounds(condition).map((day) => (isDay(day) ? day : ''));
    column.keys.forEach((day, place) => {
      if (day >= from && (until === '' || day <= until)) marks[place + 1] = 1;
    });
  } else {
    const wanted = new Set(condition.split(','));
    if (wanted.has(NONE)) marks[0] = 1;
    column.keys.forEach((key, place) => {
      if (wanted.has(key)) marks[place + 1] = 1;
    });
  }
  return marks;
}

function search(table: Table, word: string, keep: Uint8Array): void {
  const found = new Uint8Array(table.count);
  for (const key of SEARCHED) {
    const column = table.columns.get(key);
    if (column?.kind !== 'text') continue;
    const marks = new Uint8Array(column.keys.length + 1);
    table.finder(column).mark(word, marks);
    const { data } = column;
    for (let row = 0; row < data.length; row++) if (marks[(data[row] as number) + 1] === 1) found[row] = 1;
  }
  for (let row = 0; row < found.length; row++) if (found[row] === 0) keep[row] = 0;
}

/** The sum of a column over rows, and of how many of them it is. */
export function sum(table: Table, key: string, rows: Uint32Array): { total: number; known: number } | null {
  const column = table.columns.get(key);
  if (column?.kind !== 'number') return null;
  let [total, known] = [0, 0];
  for (const row of rows) {
    const value = column.data[row] as number;
    if (Number.isNaN(value)) continue;
    total += value;
    known++;
  }
  return { total, known };
}
