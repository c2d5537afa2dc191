/** What somebody says is wrong on the map: a place, a reason and a few words without anything personal. Pure. */
import type { LngLat } from './types';

export const REASONS = ['boundary_wrong', 'name_wrong', 'missing_area', 'duplicate', 'other'] as const;
export type Reason = (typeof REASONS)[number];

export type PlaceKind = 'point' | 'line';

/** Characters of the text, and corners of a line. */
export const TEXT_MOST = 200;
export const CORNERS_MOST = 50;

export interface Draft {
  kind: PlaceKind;
  points: readonly LngLat[];
  reason: Reason;
  text: string;
}

export type Place = { type: 'Point'; coordinates: LngLat } | { type: 'LineString'; coordinates: LngLat[] };

const rounded = ([lng, lat]: LngLat): LngLat => [Number(lng.toFixed(6)), Number(lat.toFixed(6))];

/** The draft after a press on the map: a pin moves there, a line goes on there. A full line stays as it is. */
export function pressed(draft: Draft, at: LngLat): Draft {
  if (draft.kind === 'point') return { ...draft, points: [rounded(at)] };
  return draft.points.length >= CORNERS_MOST ? draft : { ...draft, points: [...draft.points, rounded(at)] };
}

/** Another kind of place; what was pressed first is kept where it can be. */
export const turned = (draft: Draft, kind: PlaceKind): Draft => ({ ...draft, kind, points: kind === 'point' ? draft.points.slice(-1) : draft.points });

/** The place as GeoJSON, null while there is none. */
export function placeOf({ kind, points }: Pick<Draft, 'kind' | 'points'>): Place | null {
  const [first] = points;
  if (!first) return null;
  if (kind === 'point') return { type: 'Point', coordinates: first };
  return points.length < 2 ? null : { type: 'LineString', coordinates: [...points] };
}

export const length = (text: string): number => [...text].length;

/** Full-width digits and letters as the usual ones; signs that people put between digits left out. */
const plain = (text: string): string => text.normalize('NFKC').replace(/(\d)[\s.\-—_·()]+(?=\d)/g, '$1');

// Some browsers that are still in use cannot look behind, so that what may not stand before a number is part of the match.
const PERSONAL: readonly [kind: 'identity' | 'phone' | 'email', pattern: RegExp][] = [
  ['identity', /(?:^|\D)\d{17}[\dXx](?!\d)/],
  ['phone', /(?:^|\D)(?:86)?1[3-9]\d{9}(?!\d)/],
  ['phone', /(?:^|\D)0\d{2,3}[2-9]\d{6,7}(?!\d)/],
  ['email', /[^\s@]+@[^\s@]+\.[A-Za-z]{2,}/],
];

/** What in a text tells of a person: a phone number, an identity number or an e-mail address. The server looks again. */
export function personal(text: string): 'identity' | 'phone' | 'email' | null {
  const read = plain(text);
  return PERSONAL.find(([, pattern]) => pattern.test(read))?.[0] ?? null;
}

/** What keeps a draft from being sent, the first thing first. */
export function obstacle(draft: Draft): 'place' | 'line' | 'long' | 'personal' | 'words' | null {
  if (!placeOf(draft)) return draft.points.length > 0 ? 'line' : 'place';
  if (length(draft.text.trim()) > TEXT_MOST) return 'long';
  if (personal(draft.text)) return 'personal';
  return draft.reason === 'other' && draft.text.trim() === '' ? 'words' : null;
}

/** The box around a place, which may be a single point. */
export function around(place: Place): [west: number, south: number, east: number, north: number] {
  const points = place.type === 'Point' ? [place.coordinates] : place.coordinates;
  const [lngs, lats] = [points.map(([lng]) => lng), points.map(([, lat]) => lat)];
  return [Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)];
}
