/** The queue of cases: what is shown, what comes next, what adds up. Pure. */
import { pick } from '../i18n';
import type { Finding } from '../deliveries/types';
import type { CaseField, CaseRow, ClassCount, ClassName, Preview, ReasonKey, Side, Summary, Verdict } from './types';

export const STATES = ['todo', 'decided', 'settled', 'minor', 'tasks', 'deferred', 'all'] as const;

export interface Sift {
  class: ClassName | '';
  street: string;
  owner: string;
  /** `todo`: open, or decided with a task that nobody answered; `tasks` and `deferred`: with a task that is open or put off. */
  state: (typeof STATES)[number];
  text: string;
}

export const EVERYTHING: Sift = { class: '', street: '', owner: '', state: 'todo', text: '' };

export const isTodo = ({ state, task }: CaseRow): boolean => state === 'open' || task?.state === 'open';

/** What the state of a case is called: a settled pair may differ in small ways. */
export const stateOf = ({ state, minor = [] }: Pick<CaseRow, 'state' | 'minor'>): CaseRow['state'] | 'minor' => (state === 'settled' && minor.length > 0 ? 'minor' : state);

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().trim();

/** The cases that are asked for, in the order of the server: by consequence. */
export function sifted(cases: readonly CaseRow[], sift: Sift): CaseRow[] {
  const text = plain(sift.text);
  const states: Record<Sift['state'], (one: CaseRow) => boolean> = {
    todo: isTodo,
    decided: ({ state }) => state === 'decided' || state === 'remembered',
    settled: ({ state }) => state === 'settled',
    minor: (one) => stateOf(one) === 'minor',
    tasks: ({ task }) => task?.state === 'open',
    deferred: ({ task }) => task?.state === 'deferred',
    all: () => true,
  };
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

/** What was chosen for a case and not sent yet. */
export interface Draft {
  fields: Record<string, Side>;
  reason: ReasonKey;
  note: string;
}

/** What a case that is opened shows: what was decided on it, and nothing of the case before. */
export const draftOf = (decision: Verdict | null): Draft => ({ fields: { ...decision?.fields }, reason: decision?.reason ?? 'better_source', note: decision?.note ?? '' });

/** Whether only a record takes a decision back: it changed the register. */
export const needsRecord = (decision: Verdict | null, published: boolean): boolean => decision?.entered ?? published;

/** Open findings about any of the places that the rows of a case come from, as the queue counts them. */
export function findingsOf<F extends Pick<Finding, 'file' | 'item' | 'state'>>(rows: CaseRow['theirs'], findings: readonly F[]): F[] {
  const places = new Set(rows.flatMap(({ row, places: all }) => (all && all.length > 0 ? all : [row])));
  return findings.filter(({ file, item, state }) => state === 'open' && (places.has(`${file}:${item}`) || places.has(`${file}, ${item}`)));
}

/** Cases with findings in the way, one line each with all that is said of it. */
export function grouped(blocked: NonNullable<Preview['blocked']>): { case: string | null; name: string; why: string[] }[] {
  const lines = new Map<string, { case: string | null; name: string; why: string[] }>();
  for (const { case: key, name, what } of blocked) {
    const line = lines.get(key ?? name) ?? { case: key, name, why: [] };
    line.why.push(pick(what));
    lines.set(key ?? name, line);
  }
  return [...lines.values()];
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
