/** What the server tells of a reconciliation. */
import type { Rate, Text } from '../types';

export type ClassName = 'same' | 'redrawn' | 'split' | 'merge' | 'recut' | 'duplicate' | 'missing' | 'new';
export type CaseState = 'settled' | 'open' | 'decided' | 'remembered';
export type Consequence = 'rate' | 'street' | 'area' | 'attribute' | 'none';
export type VerdictName = 'accept' | 'keep' | 'both_wrong' | 'fields';
export type ReasonKey = 'plan' | 'survey' | 'street_confirmed' | 'better_source' | 'outdated' | 'drawing_noise' | 'not_an_area' | 'other';
export type Side = 'ours' | 'theirs';

export interface ClassCount {
  class: ClassName;
  cases: number;
  ours: number;
  theirs: number;
  open: number;
  decided: number;
  settled: number;
}

export interface Summary {
  delivery: number;
  sender: string;
  revision: number;
  /** False once the register has gone on since. */
  current: boolean;
  ours: number;
  theirs: number;
  classes: ClassCount[];
  sum: { ours: number; theirs: number };
  open_tasks: number;
  /** Tasks that were put off, and the earliest day until which one was. */
  deferred_tasks?: number;
  deferred_until?: string | null;
  shift_m: [east: number, north: number];
  noise_m: number;
  /** `owner` looks after the cases of the street. */
  streets: { code: string; name: string; open: number; owner: string | null }[];
  owners: { name: string; open: number }[];
  /** Open cases that are nearly identical; settled pairs whose row only says what the register lacks, and those with other small differences. */
  bulk: { open: number; fills: number; minor?: number; differing?: number };
}

export interface Task {
  state: 'open' | 'answered' | 'deferred';
  answer: string | null;
  name: string | null;
  dated: string | null;
  until: string | null;
  note: string | null;
}

export interface Verdict {
  verdict: VerdictName;
  fields: Record<string, Side>;
  reason: ReasonKey;
  note: string;
  by: string;
  at: string;
  replayed: boolean;
  /** Whether it changed the register. */
  entered?: boolean;
}

export interface CaseRow {
  key: string;
  class: ClassName;
  relation: string;
  state: CaseState;
  status: 'auto' | 'review';
  probability: number;
  consequence: Consequence;
  difference_m2: number | null;
  near_identical: boolean;
  ours: { code: string; name: string; street: string; street_name: string }[];
  theirs: { row: string; code: string | null; name: string | null; street: string | null; street_name: string | null; places?: string[] }[];
  conflicts: string[];
  /** Fields of a settled pair in which the row says something else or more, entered only when somebody takes them. */
  minor?: string[];
  owner: string | null;
  decision: Verdict | null;
  task: Task | null;
  findings: number;
}

export interface Feature {
  geometry: unknown;
  properties: { code?: string; row?: string; name?: string | null; side?: Side; m2?: number };
}

export interface Features {
  features: Feature[];
}

export interface CaseField {
  field: string;
  ours: unknown;
  theirs: unknown;
  suggestion: 'left' | 'right' | 'ask';
  /** Whether somebody must decide on it; others go along. */
  asks: boolean;
  /** False where taking theirs would change nothing. */
  enters: boolean;
}

export interface Effect {
  rates: { id: string; title: Text; before: [number, number]; after: [number, number] }[];
  street: [before: string, after: string] | null;
  m2: [before: number, after: number];
}

export interface Case extends CaseRow {
  reasons: { zh: string; en: string }[];
  fields: CaseField[];
  geometry: Record<'ours' | 'theirs' | 'difference' | 'neighbours', Features>;
  /** Null when what the rows say cannot be entered. */
  effect: Effect | null;
  /** Why the history of the area does not allow it. */
  effect_refused?: string[];
  /** What its rows lack, where that is why it cannot be entered. */
  effect_lacks?: 'outlines' | 'name' | 'whole' | null;
}

export interface Decided {
  decided: { key: string; state: CaseState; task: Task | null }[];
  summary: Summary;
}

export interface Preview {
  effective: string;
  rates: { before: Rate[]; after: Rate[] };
  streets: { code: string; name: string; before: Rate[]; after: Rate[] }[];
  /** Areas that are counted otherwise; `street` is a code. One that begins has the code that it would get. */
  moved: { code: string; name: string; street: string; why: string; rates: string[] }[];
  counts: Record<'accepted' | 'kept' | 'both_wrong' | 'undecided' | 'ended' | 'begun' | 'changed', number>;
  publishable: boolean;
  /** Accepted cases that the history of their areas does not allow. */
  refused: { case: string; name: string; why: string[] }[];
  /** Accepted cases with findings in the way. */
  blocked?: { case: string | null; name: string; what: Text }[];
  /** Of the state that is told; publishing is refused when it is another by then. */
  digest?: string;
  obstacles: { kind: string; count: number }[];
}

/** What is decided at once. */
export type Bulk = 'near_identical' | 'fills' | 'minor';

/** Without a revision the register said all of it already, and nothing was entered. */
export interface Published {
  revision?: number;
  nothing_new?: boolean;
}

export interface Question {
  cases?: string[];
  bulk?: Bulk;
  /** The decision on each case as it was shown, by its instant; null where there was none. */
  seen?: Record<string, string | null>;
  verdict: VerdictName;
  fields?: Record<string, Side>;
  reason: ReasonKey;
  note?: string;
  expected?: number;
}
