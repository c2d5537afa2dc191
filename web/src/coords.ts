/** Reads pasted coordinates. Pure. */
import type { LngLat } from './types';

/** A place somebody typed. */
export type TypedPlace = { kind: 'lnglat'; lngLat: LngLat } | { kind: 'grid'; easting: number; northing: number };

/** Longitudes of China; they do not meet the latitudes, so the order of a pair is never in doubt. */
const LNG = [73, 136] as const;
const LAT = [3, 54] as const;
/** Metres of a three-degree zone: eastings around the false 500 000, northings of China. They do not meet either. */
const EASTING = [300_000, 700_000] as const;
const NORTHING = [300_000, 6_000_000] as const;
/** Zone numbers that are written before an easting of the zone around 117° E. */
const ZONE_PREFIXES = [39_000_000, 20_000_000];

const within = (value: number, [low, high]: readonly [number, number]) => value >= low && value <= high;

/**
 * A pair of numbers in either order: degrees, or metres of EPSG:4548 with or without the zone number.
 * Accepts full-width digits and commas, blanks, semicolons, degree signs, and N/E/北纬/东经 marks. Null when it is not a pair.
 */
export function parsePlace(text: string): TypedPlace | null {
  const plain = text.normalize('NFKC').replace(/[、;°]/g, ' ');
  const left = plain.replace(/东经|北纬|经度|纬度|lng|lon|lat|[xyen:=()[\]]/gi, ' ');
  if (/[^\d\s.,+-]/.test(left)) return null;
  const numbers = left.match(/\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  const [a, b] = numbers;
  if (numbers.length !== 2 || a === undefined || b === undefined) return null;
  return degrees(a, b) ?? metres(a, b);
}

function degrees(a: number, b: number): TypedPlace | null {
  if (within(a, LNG) && within(b, LAT)) return { kind: 'lnglat', lngLat: [a, b] };
  if (within(b, LNG) && within(a, LAT)) return { kind: 'lnglat', lngLat: [b, a] };
  return null;
}

function metres(a: number, b: number): TypedPlace | null {
  const [x, y] = [withoutZone(a), withoutZone(b)];
  // A northing of China is above every easting of a zone, except in the far south, where the pair stays ambiguous.
  const [easting, northing] = x < y ? [x, y] : [y, x];
  return within(easting, EASTING) && within(northing, NORTHING) ? { kind: 'grid', easting, northing } : null;
}

function withoutZone(value: number): number {
  const prefix = ZONE_PREFIXES.find((zone) => value >= zone && value < zone + 1_000_000);
  return prefix === undefined ? value : value - prefix;
}
