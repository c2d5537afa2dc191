/** What the server answers to the pages of lists and figures; `docs/api.md` is the contract. */
import type { Area, AreaSummary, BBox, Committee, Counts, Rate, Text } from '../types';

export type DueStateName = 'overdue' | 'within_30' | 'within_90' | 'within_180';
export type DueCounts = Record<DueStateName, number>;

export interface DueItem {
  duty: string;
  title: Text;
  state: DueStateName;
  due_on: string;
  days: number;
  since: string;
  area: AreaSummary;
  committee: { code: string; kind: Committee['kind'] } | null;
}

export interface Link {
  rel: string;
  href: string;
}

export interface DueList {
  date: string;
  count: number;
  counts: DueCounts;
  streets: (DueCounts & { street: string; street_name: string })[];
  duties: { id: string; title: Text; rule: Text; article: number | null; counts: DueCounts }[];
  items: DueItem[];
  links: Link[];
}

export interface Target {
  date: string;
  percent: number;
  source: Text;
  due: boolean;
  met: boolean | null;
  difference_points: number | null;
}

export type FullRate = Rate & { targets: Target[] };

export interface FullRates {
  date: string;
  street: string | null;
  rates: FullRate[];
}

export type Part = 'numerator' | 'denominator' | 'missing';

export type Members = { id: string; part: Part; count: number; links: Link[] } & (
  | { kind: 'areas'; members: AreaSummary[] }
  | { kind: 'committees'; members: { code: string; kind: Committee['kind']; operating: boolean | null; formed_on: string; area: AreaSummary }[] }
  | { kind: 'companies'; members: { uscc: string; name: string; areas: number }[] }
);

export interface Share extends Counts {
  percent: number | null;
}

export interface Ranking {
  rate: { id: string; title: Text };
  district: Share;
  streets: (Share & { rank: number | null; street: string; street_name: string })[];
}

export interface Series {
  months: { date: string; areas: number | null; rates: (Share & { id: string })[] }[];
}

export interface Report {
  date: string;
  title: string;
  paragraphs: string[];
  asked: { rate: string; percent: number; text: string } | null;
}

export interface FindingList {
  count: number;
  issues: { id: string; title: Text; severity: string; count: number }[];
  findings: { issue: string; title: Text; text: Text; fix: Text; area: AreaSummary }[];
  links: Link[];
}

export interface StreetSummary {
  date: string;
  street: { code: string; name: string; kind: string; bbox: BBox };
  areas: number;
  rates: (FullRate & { rank: number | null; of: number; district_percent: number | null })[];
  classes: { key: string; count: number }[];
  due: { date: string; counts: DueCounts; items: DueItem[] };
  findings: Omit<FindingList, 'links'>;
  reports: { received: number; accepted: number };
  completeness: { ledger_only: number; map_only: number };
}

export interface Excuse {
  reason: string;
  owner: string;
  expires_on: string | null;
}

export interface LedgerOnly {
  name: string;
  street: string | null;
  street_name: string | null;
  delivery: number;
  sender: string;
  file: string;
  item: string;
  since: string;
  subject: string;
  fingerprint: string;
  excused: Excuse | null;
}

export interface Completeness {
  date: string;
  complete: boolean;
  totals: { areas: number; ledger_only: number; map_only: number; excused: number };
  streets: { street: string; street_name: string; areas: number; ledger_only: number; map_only: number; excused: number }[];
  /** How many there are, also beyond the longest list. */
  listed: { ledger_only: number; map_only: number };
  ledger_only: LedgerOnly[];
  map_only: (AreaSummary & { missing: string[]; subject: string; fingerprint: string; excused: Excuse | null })[];
  trend: { date: string; ledger_only: number; map_only: number }[];
}

export interface ManagerGaps {
  counts: { companies_without_areas: number; contracted_without_company: number; quasi_without_owning_unit: number };
  companies_without_areas: { uscc: string; name: string; kind: string }[];
  contracted_without_company: AreaSummary[];
  quasi_without_owning_unit: AreaSummary[];
}

export type ManagedArea = Area;
