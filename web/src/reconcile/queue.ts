/** The queue of cases: what is shown, what comes next, what adds up. Pure. */
import type { CaseField, CaseRow, ClassCount, ClassName, Side, Summary } from './types';

export interface Sift {
  class: ClassName | '';
  street: string;
  owner: string;
  /** `todo`: open, or decided with a task that nobody answered. */
  state: 'todo' | 'decided' | 'settled' | 'all';
  text: string;
}

export const EVERYTHING: Sift = { class: '', street: '', owner: '', state: 'todo', text: '' };

export const isTodo = ({ state, task }: CaseRow): boolean => state === 'open' || task?.state === 'open';

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().trim();

/** The cases that are asked for, in the order of the server: by consequence. */
export function sifted(cases: readonly CaseRow[], sift: Sift): CaseRow[] {
  const text = plain(sift.text);
  const states = { todo: isTodo, decided: ({ state }: CaseRow) => state === 'decided' || state === 'remembered', settled: ({ state }: CaseRow) => state === 'settled', all: () => true };
  return cases.filter(
    (one) =>
      states[sift.state](one) &&
      (!sift.class || one.class === sift.class) &&
      (!sift.street || [...one.ours, ...one.theirs].some(({ street }) => street === sift.street)) &&
      (!sift.owner || one.owner === sift.owner) &&
      (!text || [...one.ours, ...one.theirs].some(({ code, name }) => plain(`${code ?? ''} ${name ?? ''}`).includes(text))),
  );
}

/** The case after `key` that is still to be decided, from the beginning again at the end; null when there is none. */
export function nextOpen(cases: readonly CaseRow[], key: string | null): string | null {
  const at = cases.findIndex((one) => one.key === key);
  const after = [...cases.slice(at + 1), ...cases.slice(0, Math.max(0, at))];
  return after.find(({ state }) => state === 'open')?.key ?? null;
}

/** The terms of a sum that are not nothing, and whether they add up to what was handed in. */
export function sumOf({ classes, ours, theirs }: Pick<Summary, 'classes' | 'ours' | 'theirs'>, side: 'ours' | 'theirs'): { total: number; terms: ClassCount[]; holds: boolean } {
  const total = side === 'ours' ? ours : theirs;
  const terms = classes.filter((count) => count[side] > 0);
  return { total, terms, holds: terms.reduce((sum, count) => sum + count[side], 0) === total };
}

/** How much is decided of what had to be. */
export function progressOf(classes: readonly ClassCount[]): { done: number; all: number } {
  const done = classes.reduce((sum, { decided }) => sum + decided, 0);
  return { done, all: done + classes.reduce((sum, { open }) => sum + open, 0) };
}

export type Command = 'accept' | 'keep' | 'both_wrong' | 'next' | 'previous' | 'undo';

const KEYS: Record<string, Command> = { a: 'accept', k: 'keep', b: 'both_wrong', n: 'next', p: 'previous', u: 'undo' };

/** Whose word is taken for every field that can be: theirs, but for those that somebody gave to ours. */
export function choicesOf(fields: readonly Pick<CaseField, 'field' | 'enters'>[], picked: Record<string, Side>): Record<string, Side> {
  return Object.fromEntries(fields.filter(({ enters }) => enters).map(({ field }) => [field, picked[field] ?? 'theirs']));
}

/** What a key asks for; nothing while somebody types or holds it, or with a key of the browser. */
export function commandOf(event: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; repeat?: boolean }, typing: boolean): Command | null {
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return null;
  return KEYS[event.key.toLowerCase()] ?? null;
}
