/** From the versions of an area to the steps that a card lists. Pure. */
import type { RecordInfo } from './types';
import type { Version, VersionSource, Relative } from './types-history';

/** What one record said to be true of an area from one day on. */
export interface Step {
  from: string | null;
  until: string | null;
  record: RecordInfo;
  /** The record that contradicted it later, null when it still holds. */
  corrected: number | null;
  parts: Part[];
  /** The rows of deliveries that said so, each once. */
  sources: VersionSource[];
}

export interface Part {
  part: Version['part'];
  /** True when nothing was known of it before. */
  first: boolean;
  fields: Field[];
  facts: Version['facts'];
}

/** A fact that changed; `before` is undefined when the older value is not known or not shown. */
export interface Field {
  name: string;
  before: unknown;
  after: unknown;
}

/** Facts that follow from others, or that only the map uses. */
const DERIVED = new Set(['style', 'label', 'street_name', 'community_name', 'revision', 'source', 'valid_from', 'valid_until']);

/**
 * Versions that one record entered for the same day are one step. The order stays: newest first.
 * A version that was entered anew only because its end became known is told once, as the record that first said so.
 */
export function steps(all: readonly Version[]): Step[] {
  const versions = joined(all);
  const found = new Map<string, Step>();
  versions.forEach((version, index) => {
    const { valid_from: from, valid_until: until, recorded_until: corrected, record } = version;
    const key = `${from} ${record.id} ${corrected}`;
    const step = found.get(key) ?? { from, until, record, corrected, parts: [], sources: [] };
    step.parts.push(partOf(version, versions.slice(index + 1)));
    if (version.source && !step.sources.some((known) => sameRow(known, version.source))) step.sources.push(version.source);
    found.set(key, step);
  });
  return [...found.values()];
}

const sameRow = (a: VersionSource, b: VersionSource | null | undefined): boolean => a.delivery === b?.delivery && a.file === b.file && a.item === b.item;

/** Without the versions that another one repeats with a different end. */
function joined(versions: readonly Version[]): Version[] {
  const repeats = (later: Version, earlier: Version): boolean =>
    later.recorded_from === earlier.recorded_until && later.part === earlier.part && later.code === earlier.code && later.valid_from === earlier.valid_from && told(later) === told(earlier);
  // The versions of an area are few: looking through all of them for each is cheap.
  const firstSaid = (version: Version): Version => {
    const earlier = versions.find((other) => repeats(version, other));
    return earlier ? firstSaid(earlier) : version;
  };
  return versions
    .filter((version) => !versions.some((later) => repeats(later, version)))
    .map((version) => {
      const { record, source } = firstSaid(version);
      return { ...version, record, ...(source && { source }) };
    });
}

const told = ({ facts }: Version): string => JSON.stringify(Object.entries(facts).filter(([name]) => !DERIVED.has(name)));

function partOf(version: Version, older: readonly Version[]): Part {
  const { part, changed, facts } = version;
  const before = older.find((other) => other.part === part && (part !== 'committee' || other.code === version.code));
  const fields = changed
    .filter((name) => !DERIVED.has(name))
    .map((name) => ({ name, before: before?.facts[name], after: facts[name] }));
  return { part, first: changed.length === 0, fields, facts };
}

/** How an area came to be or ended, as far as numbers of areas and the kind of the record tell. */
export type Descent = 'split' | 'merge' | 'one';
export type Fate = Exclude<Descent, 'merge'>;

/** `kind` is that of the record that drew the line between them, where it is known. */
export function origin(predecessors: readonly Relative[], kind: string | undefined): Descent {
  if (kind === 'split' || kind === 'merge') return kind;
  return predecessors.length > 1 ? 'merge' : 'one';
}

export function fate(successors: readonly Relative[]): Fate {
  return successors.length > 1 ? 'split' : 'one';
}

/** The kind of the record of a relation, where a version of the area came with the same one. */
export const kindOf = (relatives: readonly Relative[], versions: readonly Version[]): string | undefined =>
  versions.find(({ record }) => record.id === relatives[0]?.record)?.record.kind;
