/** What the server answers about the past of an area; `docs/api.md` is the contract. */
import type { RecordInfo } from './types';

/** What was held to be true of a part of an area over some days. */
export interface Version {
  part: 'area' | 'manager' | 'committee';
  code: string | null;
  valid_from: string | null;
  valid_until: string | null;
  recorded_from: number;
  /** The record from which on it is no longer held to be true, null when it still is. */
  recorded_until: number | null;
  /** What differs from the version before, empty for the first. */
  changed: string[];
  facts: Record<string, unknown>;
  record: RecordInfo;
  /** The row of a delivery that said so; left out for the public, null when it was entered by hand. */
  source?: VersionSource | null;
}

/** Where in which delivery a version came from. */
export interface VersionSource {
  delivery: number;
  file: string;
  item: string;
  sender: string;
}

/** An area that this one came from or became. */
export interface Relative {
  code: string;
  name: string;
  from: string;
  record: number;
}

export interface History {
  code: string;
  name: string;
  street: string;
  present: boolean;
  began_on: string | null;
  ended_on: string | null;
  versions: Version[];
  lineage: { predecessors: Relative[]; successors: Relative[] };
}
