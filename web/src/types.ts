/** What the server answers; `docs/api.md` is the contract. Positions are `[lng, lat]` in degrees. */

export type LngLat = readonly [lng: number, lat: number];
export type BBox = readonly [west: number, south: number, east: number, north: number];
export type Lang = 'zh-CN' | 'en';
export type Mode = 'light' | 'dark';
export type Text = Record<Lang, string>;
export type Shades = Record<Mode, string>;

/** The day that a question is about (null: the date of the data) and what counts as known (null: everything). */
export interface AsOf {
  /** `2021-06-01` */
  on: string | null;
  /** The number of a record, or a day or an instant: what was recorded by then. */
  known: string | null;
}

/** The two clocks that an answer was made for. */
export interface Clocks {
  datetime: string;
  known: number;
  /** True when the answer is that of the published state. */
  present?: boolean;
}

export type Management = 'contracted' | 'quasi_property' | 'unknown';
export type CommitteeStatus = 'owners' | 'property_management' | 'transition' | 'none' | 'unknown';
export type Direction = 'N' | 'NE' | 'E' | 'SE' | 'S' | 'SW' | 'W' | 'NW';

export interface Register {
  title: string;
  district: { code: string; name: string; bbox: BBox; attribution: string };
  revision: number;
  as_of?: Clocks;
  /** Names the data that tiles are made from; put into their addresses so that they may be kept for good. */
  version?: string;
  data_date: string;
  recorded_at: string;
  demo: boolean;
  areas: number;
  streets: number;
  managers: number;
  audience: string;
  map_approval_number: string | null;
  /** Whether the map is there for everybody, and what it is labelled with; left out by a server without sessions. */
  map?: { open: boolean; label: string };
  base_layer: { kind: 'tianditu'; key: string; host: string } | null;
  limits: { items: number; search: number; neighbour_m: number };
}

export interface ThemeClass {
  key: string;
  /** Only classes of management and committee have these two. */
  management?: Management;
  committee?: CommitteeStatus;
  label: Text;
  explanation: Text;
  fill: Shades;
  stroke: { color: Shades; width_px: number; dash_px: number[] };
  pattern: { kind: 'solid' | 'hatch' | 'dots' | 'bands'; color: Shades | null };
  /** Null where it is held back; `count_below` is then there where it is small. */
  count: number | null;
  count_below?: number;
}

export interface Theme {
  id: string;
  title: Text;
  as_of?: Clocks;
  date: string;
  revision: number;
  source: string;
  street: string | null;
  total: number | null;
  total_below?: number;
  opacity: Record<Mode, number>;
  ground: Shades;
  classes: ThemeClass[];
  /** The class of an area by its code, where the tiles do not tell it; areas that are not named are of the last class. */
  areas?: Record<string, string>;
}

/** Ranges with both ends of what would give a printed percentage. */
export interface Candidates {
  numerators: [number, number] | null;
  with_denominator: number;
  denominators: [number, number] | null;
  with_numerator: number;
}

export interface Printed {
  percent: number;
  numerator: number | null;
  denominator: number | null;
  source: string;
  date: string;
  /** What the register counts on that date. */
  computed: { numerator: number; denominator: number; percent: number | null };
  difference_points: number | null;
  /** Whether the percentage follows from what the register counts. */
  follows: boolean;
  same_counts: boolean;
  candidates: Candidates | null;
  /** Whether the percentage follows from the integers printed with it; null where one of them was not printed. */
  own: { percent: number | null; follows: boolean; candidates: Candidates | null } | null;
}

/** The two integers of a share, each null where it is held back; `…_below` is then there where it is small. */
export interface Counts {
  numerator: number | null;
  numerator_below?: number;
  denominator: number | null;
  denominator_below?: number;
}

export interface Rate extends Counts {
  id: string;
  version: number;
  date: string;
  title: Text;
  definition: Text;
  percent: number | null;
  printed: Printed | null;
}

export interface Rates {
  as_of?: Clocks;
  date: string;
  revision: number;
  street: string | null;
  rates: Rate[];
}

export interface AreaSummary {
  code: string;
  name: string;
  street: string;
  street_name: string;
  management: Management;
  committee: CommitteeStatus;
  style: string;
}

export type Inside = AreaSummary & { distance_to_border_m: number };
export type Near = AreaSummary & { distance_m: number; direction: Direction };

export interface Located {
  point: LngLat;
  /** Null far outside the zone of the survey grid. */
  grid: { crs: string; easting_m: number; northing_m: number } | null;
  in_district: boolean;
  street: { code: string; name: string; schematic: boolean } | null;
  areas: Inside[];
  neighbours: Near[];
  nearest: Near[];
  radius_m: number;
}

export interface SearchResult {
  kind: 'area' | 'street' | 'manager';
  code: string;
  name: string;
  matched: { field: string; text: string };
  street: string | null;
  street_name: string | null;
  management: Management | null;
  committee: CommitteeStatus | null;
  style: string | null;
  point: LngLat | null;
  bbox: BBox | null;
  distance_m?: number | null;
  areas?: number;
}

export interface Committee {
  code: string;
  kind: 'owners' | 'property_management';
  formed_on: string | null;
  filing_applied_on: string | null;
  filed_on: string | null;
  filing_number: string | null;
  term_until: string | null;
  dissolved_on: string | null;
  operating: boolean | null;
  members: number | null;
  party_organisation: boolean | null;
  party_since: string | null;
}

/** What only the internal audience sees is optional: it is left out for the public, and null when it is not known. */
export interface Area extends AreaSummary {
  other_names: { kind: 'common' | 'former' | 'building_group'; text: string }[];
  community: string | null;
  community_name: string | null;
  quasi_kind: string | null;
  manager?: string | null;
  manager_name: string | null;
  manager_kind: 'company' | 'owning_unit' | null;
  manager_phone: string | null;
  site_area_m2?: number | null;
  floor_area_m2?: number | null;
  households?: number | null;
  building_count?: number | null;
  built_year?: number | null;
  address?: string | null;
  fee_yuan_per_m2_month: number | null;
  contract_from?: string | null;
  contract_until?: string | null;
  contract_kind?: 'ordinary' | 'early_stage' | 'emergency' | null;
  contract_filed_on?: string | null;
  delimitation_document: string | null;
  committees?: Committee[] | null;
  label: LngLat | null;
  demo: boolean;
  /** The days on which all this is true: from the first on, until before the second. */
  valid_from?: string | null;
  valid_until?: string | null;
  source: { record: number; kind: string; document: string | null; authority: string | null; dated: string | null; recorded_at: string } | null;
}

export interface Street {
  code: string;
  name: string;
  stem: string;
  kind: 'subdistrict' | 'area_office';
  initials: string;
  aliases: string[];
  areas: number | null;
  areas_below?: number;
  label: LngLat | null;
  schematic: boolean;
}

export interface Manager {
  uscc: string;
  name: string;
  kind: 'company' | 'owning_unit';
  phone: string | null;
  party_organisation?: boolean | null;
  areas: number;
  demo: boolean;
}

/** A GeoJSON feature as the collections answer it. The page draws from tiles; only of an ended area it reads the geometry. */
export interface Item<P> {
  type: 'Feature';
  bbox?: BBox;
  geometry: unknown;
  properties: P;
}

export interface Items<P> {
  type: 'FeatureCollection';
  features: Item<P>[];
  links: { rel: string; href: string }[];
}

/** A record: why, on what paper and when the register was changed. */
export interface RecordInfo {
  id: number;
  kind: string;
  document: string | null;
  authority: string | null;
  dated: string | null;
  recorded_at: string;
  note?: string | null;
}

export interface Records {
  records: RecordInfo[];
  links: { rel: string; href: string }[];
}

export type Change = 'added' | 'ended' | 'geometry' | 'attributes';
export type ChangeCounts = Record<Change, number>;

export interface ChangedArea {
  code: string;
  name: string;
  street: string;
  change: Change[];
  fields: string[];
  record: number;
}

export interface Changes {
  from: Clocks;
  to: Clocks;
  totals: ChangeCounts & { unchanged: number };
  streets: (ChangeCounts & { street: string; name: string })[];
  areas: ChangedArea[];
  links: { rel: string; href: string }[];
}

/** One record with what it changed. */
export type RecordDetail = RecordInfo & { changes: ChangeCounts; areas: { code: string; name: string; change: Change[] }[] };
