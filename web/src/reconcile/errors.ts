/** What a refusal means on the page of differences, by the type of the problem. Pure. */
import { ApiError } from '../api';
import { troubleOf, type Trouble } from '../deliveries/trouble';

const KINDS = {
  'not-checked': 'not_checked',
  'not-reconciled': 'not_reconciled',
  'no-such-case': 'no_such_case',
  'not-decided': 'not_decided',
  count: 'count',
  'not-in-bulk': 'not_in_bulk',
  'not-enterable': 'not_enterable',
  changed: 'changed',
  'decided-meanwhile': 'decided_meanwhile',
  'withdrawn-meanwhile': 'withdrawn_meanwhile',
  undecided: 'undecided',
  'committee-tasks': 'committee_tasks',
  'cases-refused': 'cases_refused',
  'not-publishable': 'not_publishable',
  vanishing: 'vanishing',
  'preview-outdated': 'preview_outdated',
  'nothing-entered': 'nothing_entered',
  'only-whole': 'only_whole',
  'changed-since': 'changed_since',
  faults: 'faults',
} as const;

export type Kind = (typeof KINDS)[keyof typeof KINDS];

/** Refusals because the cases are others than those that are shown: they have to be asked for anew. */
const CASES_MOVED: ReadonlySet<Kind> = new Set<Kind>(['no_such_case', 'not_decided', 'count', 'changed', 'decided_meanwhile', 'withdrawn_meanwhile', 'nothing_entered']);
/** Refusals that a preview which is not outdated tells of beforehand. */
const PREVIEW_MOVED: ReadonlySet<Kind> = new Set<Kind>(['changed', 'undecided', 'committee_tasks', 'cases_refused', 'not_publishable', 'vanishing', 'preview_outdated']);

/** A refusal that the page has words for. */
export interface Refusal {
  kind: Kind;
  /** What fills the holes of its text: the plain members of the problem, and `n` cases. */
  params: Record<string, string | number>;
  /** Cases to look at; `name` is null where the server told only the key. */
  cases: { key: string; name: string | null; why: string[] }[];
  areas: Trouble['areas'];
  faults: Trouble['faults'];
  /** What the rows of a case lack, where that is why. */
  detail: string | null;
}

export function kindOf(error: unknown): Kind | null {
  if (!(error instanceof ApiError) || error.kind !== 'problem') return null;
  const type = error.type.replace('urn:onemap:problem:', '');
  return type in KINDS ? KINDS[type as keyof typeof KINDS] : null;
}

export const casesMoved = (error: unknown): boolean => CASES_MOVED.has(kindOf(error) as Kind);
export const previewMoved = (error: unknown): boolean => PREVIEW_MOVED.has(kindOf(error) as Kind);

/** Null for failures of any request, which the texts of deliveries explain. */
export function refusalOf(error: unknown): Refusal | null {
  const kind = kindOf(error);
  if (!kind || !(error instanceof ApiError)) return null;
  const { body } = error;
  const cases = casesOf(body);
  const plain = Object.entries(body).filter((entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number');
  const { areas, faults } = troubleOf(error);
  return { kind, params: { ...Object.fromEntries(plain), n: cases.length }, cases, areas, faults, detail: kind === 'not_enterable' && typeof body.lacks === 'string' ? body.lacks : null };
}

function casesOf({ cases, case: one, name }: Readonly<Record<string, unknown>>): Refusal['cases'] {
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  if (!Array.isArray(cases)) return typeof one === 'string' ? [{ key: one, name: text(name), why: [] }] : [];
  return cases.flatMap((told: unknown) => {
    const { case: key, name: called, why } = Object(told) as { case?: unknown; name?: unknown; why?: unknown };
    return typeof key === 'string' ? [{ key, name: text(called), why: Array.isArray(why) ? why.filter((line): line is string => typeof line === 'string') : [] }] : [];
  });
}
