/** Which findings are shown and in what order. Pure. */
import type { Lang } from '../types';
import type { Finding, Listed, Report, Side } from './types';

/** Open ones by severity, and those that do not count. */
export type Kind = 'must_fix' | 'fix_later' | 'excepted' | 'repaired';
export const KINDS: readonly Kind[] = ['must_fix', 'fix_later', 'excepted', 'repaired'];

export interface Filter {
  kind: Kind | null;
  issue: string | null;
  side: Side | null;
  street: string | null;
  /** Part of a name, a code or a sentence. */
  text: string;
}

export const NO_FILTER: Filter = { kind: null, issue: null, side: null, street: null, text: '' };

export type SortKey = 'kind' | 'issue' | 'row' | 'name' | 'street';

export interface Sort {
  key: SortKey;
  descending: boolean;
}

/** What sorting and searching read of a finding. */
export interface Words {
  lang: Lang;
  street: (code: string | null) => string;
}

export const kindOf = ({ state, severity }: Pick<Finding, 'state' | 'severity'>): Kind => (state === 'open' ? severity : state);

export function sift(findings: readonly Finding[], filter: Filter, { lang, street }: Words): Finding[] {
  const text = filter.text.trim().toLowerCase();
  return findings.filter(
    (finding) =>
      (filter.kind === null || kindOf(finding) === filter.kind) &&
      (filter.issue === null || finding.issue === filter.issue) &&
      (filter.side === null || finding.side === filter.side) &&
      (filter.street === null || finding.street === filter.street) &&
      (text === '' || [finding.name, finding.subject, finding.item, finding.wrong[lang], street(finding.street)].some((part) => part?.toLowerCase().includes(text))),
  );
}

export function sorted(findings: readonly Finding[], { key, descending }: Sort, { lang, street }: Words): Finding[] {
  const order = new Intl.Collator(lang === 'en' ? 'en' : 'zh-Hans-CN', { numeric: true });
  // What a comparison needs is worked out once for each finding.
  const keyed = findings.map((finding) => ({ finding, value: valueOf(finding, key, lang, street) }));
  const turn = descending ? -1 : 1;
  keyed.sort((a, b) => {
    const by = typeof a.value === 'number' && typeof b.value === 'number' ? a.value - b.value : order.compare(String(a.value), String(b.value));
    return by * turn || a.finding.number - b.finding.number;
  });
  return keyed.map(({ finding }) => finding);
}

function valueOf(finding: Finding, key: SortKey, lang: Lang, street: Words['street']): string | number {
  if (key === 'kind') return KINDS.indexOf(kindOf(finding));
  if (key === 'row') return finding.row ?? Infinity;
  if (key === 'issue') return finding.title[lang];
  return key === 'name' ? (finding.name ?? finding.subject) : street(finding.street);
}

/** How many findings there would be of each value of one part of the filter, with the other parts as they are. */
export function tally<K extends 'issue' | 'side' | 'street'>(findings: readonly Finding[], part: K, filter: Filter, words: Words): Map<NonNullable<Finding[K]>, number> {
  const counts = new Map<NonNullable<Finding[K]>, number>();
  for (const finding of sift(findings, { ...filter, [part]: null }, words)) {
    const value = finding[part];
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** The worst open finding of every row of the draft. */
export function flags(findings: readonly Finding[]): Map<number, Finding['severity']> {
  const worst = new Map<number, Finding['severity']>();
  for (const { state, severity, row } of findings) {
    if (state === 'open' && row !== null && worst.get(row) !== 'must_fix') worst.set(row, severity);
  }
  return worst;
}

/** How far a delivery has come, as the list tells it. */
export type Stage = 'unchecked' | 'checking' | 'blocked' | 'ready' | 'published' | 'undone';

export function stageOf({ state, summary, progress }: Pick<Listed, 'state' | 'summary' | 'progress'>): Stage {
  if (state !== 'received') return state;
  if (progress) return 'checking';
  if (!summary) return 'unchecked';
  return summary.must_fix > 0 ? 'blocked' : 'ready';
}

/** Why a checked delivery cannot be published yet; empty when it can. */
export type Obstacle = 'must_fix' | 'position' | 'changed_settings' | 'vanishing' | 'other';

export function obstacles(report: Report, now: { stale: boolean; position: string; confirmed: number | null }): Obstacle[] {
  const found: Obstacle[] = [];
  if (now.stale) found.push('changed_settings');
  if (report.counts.must_fix > 0) found.push('must_fix');
  else if (!report.publishable && ['suspect', 'shifted', 'ambiguous', 'impossible'].includes(now.position)) found.push('position');
  else if (!report.publishable) found.push('other');
  if (report.vanishing.needs_confirmation && now.confirmed !== report.changes.vanished) found.push('vanishing');
  return found;
}
