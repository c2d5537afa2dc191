/** What the server answers about deliveries; `docs/api.md` is the contract. Positions are `[lng, lat]` in degrees. */
import type { BBox, LngLat, Rate, RecordInfo, Text } from '../types';

export type Severity = 'must_fix' | 'fix_later';
export type Side = 'bureau' | 'street' | 'district';
export type RowChange = 'added' | 'changed' | 'unchanged' | 'unlocated' | 'unusable';
/** What becomes of areas; of an unusable row nothing can be made. */
export type DraftChange = 'added' | 'changed' | 'unchanged' | 'vanished' | 'unusable';
export type Scope = 'listed' | 'streets' | 'district';
export type Verdict = 'none' | 'declared' | 'confirmed' | 'suspect' | 'shifted' | 'ambiguous' | 'impossible';
export type Counts = Record<Severity | 'excepted' | 'repaired', number>;
export type ChangeTotals = Record<DraftChange, number>;

export interface Progress {
  step: string;
  done: number;
  /** 0 while it is not known. */
  total: number;
}

export interface Summary extends Counts, ChangeTotals {
  rows: number;
  revision: number;
}

export interface Column {
  name: string;
  samples: string[];
  filled: number;
  field: string | null;
  confidence: 'header' | 'values' | 'remembered' | 'none';
  /** Why nothing of it is taken, as with columns of personal data. */
  refused?: Text | null;
}

export interface Layer {
  file: string;
  name: string;
  format: string;
  encoding: string | null;
  crs: string | null;
  records: number;
  with_geometry: number;
  columns: Column[];
}

export interface Candidate {
  key: string;
  label: Text;
  /** Share of the outlines that would lie in the district. */
  in_district: number;
  matched: number;
  median_before_m: number | null;
  median_after_m: number | null;
  azimuth_deg: number | null;
}

export interface Placing {
  declared: string | null;
  used: string | null;
  verdict: Verdict;
  candidates: Candidate[];
  rows: { key: string; rows: number }[];
}

/** How a delivery is to be understood; members left out keep the proposal. */
export interface Settings {
  columns?: Record<string, Record<string, string | null>>;
  position?: string | null;
  scope?: Scope;
  effective?: string | null;
  encoding?: string | null;
  /** Layers that are not read. */
  left_out?: string[];
  remember?: boolean;
}

/** A delivery as the list tells it. */
export interface Listed {
  id: number;
  sender: string;
  note: string;
  received_at: string;
  received_by: string;
  digest: string;
  files: { name: string; bytes: number; digest: string }[];
  state: 'received' | 'published' | 'undone';
  /** The record that published it. */
  revision: number | null;
  /** The record that took it back. */
  undone_by: number | null;
  summary: Summary | null;
  progress: Progress | null;
}

export interface Delivery extends Listed {
  layers: Layer[];
  fields: { key: string; label: Text }[];
  position: Placing;
  settings: Settings | null;
}

/** The answer to what was handed in; `new` is false when the same bytes were there before. */
export type Received = Listed & { new: boolean };

export interface Deliveries {
  deliveries: Listed[];
  links: { rel: string; href: string }[];
}

export interface Report {
  delivery: number;
  revision: number;
  effective: string;
  rows: number;
  publishable: boolean;
  counts: Counts;
  changes: ChangeTotals;
  vanishing: { share: number; needs_confirmation: boolean; areas: { code: string; name: string }[] };
  issues: { id: string; severity: Severity; side: Side; title: Text; count: number }[];
  rates: { before: Rate[]; after: Rate[] };
  skipped: { file: string; item: string; why: string }[];
}

export interface Finding {
  number: number;
  issue: string;
  severity: Severity;
  side: Side;
  state: 'open' | 'excepted' | 'repaired';
  file: string;
  item: string;
  row: number | null;
  subject: string;
  name: string | null;
  street: string | null;
  field: string | null;
  column: string | null;
  value: string | null;
  title: Text;
  wrong: Text;
  fix: Text;
  at: LngLat | null;
  /** The piece of ground it is about, as a GeoJSON geometry. */
  shape: unknown;
  other: { subject: string; name: string | null; item: string | null } | null;
  fingerprint: string;
}

export interface Findings {
  findings: Finding[];
  total: number;
  links: { rel: string; href: string }[];
}

export interface DraftRow {
  row: number;
  item: string;
  file: string;
  code: string | null;
  name: string | null;
  street: string | null;
  change: RowChange;
  fields: string[];
  must_fix: number;
  fix_later: number;
  /** What the register says and what the row says, by field; as texts. */
  values?: Record<string, readonly [before: string | null, after: string | null]>;
}

export interface DraftFeature {
  type: 'Feature';
  bbox?: BBox;
  geometry: unknown;
  properties: DraftRow;
}

export interface DraftRows {
  features: DraftFeature[];
  links: { rel: string; href: string }[];
}

/** Why, on what paper and by whom the register is changed. */
export interface RecordForm {
  document: string;
  authority: string;
  dated: string;
  author: string;
  note: string;
}

export interface Published {
  revision: number;
  nothing_new?: boolean;
  record?: RecordInfo;
  changes?: Partial<ChangeTotals>;
}

export interface NewException {
  issue: string;
  subject: string;
  other: string | null;
  fingerprint: string;
  reason: string;
  owner: string;
  expires_on: string;
}

export interface Exception extends NewException {
  id: number;
  recorded_at: string;
  recorded_by: string;
  withdrawn_at: string | null;
}
