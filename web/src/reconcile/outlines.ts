/** Outlines of a case as paths of a drawing whose units are metres on the ground. Pure. */
import { extent, ringsOf, toWorld } from '../map/draft-shapes';
import type { BBox } from '../types';
import type { Case, Feature } from './types';

/** What is seen of the ground: corner and size, metres. */
export interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** From degrees to metres east and south of the middle of a case. */
export interface Ground {
  origin: readonly [x: number, y: number];
  metresPerUnit: number;
}

const EARTH_M = 40_075_016.686;
/** As much again of the surroundings is shown on each side. */
const AROUND = 0.35;
const LEAST_M = 60;
/** Sizes of the world of `toWorld`, pixels at zoom 0. */
const WORLD = toWorld([180, 0])[0] - toWorld([-180, 0])[0];

/** Radius of the mark of a row that is only a point, metres. */
const POINT_M = 6;

const shapesOf = (one: Case): unknown[] => [...one.geometry.ours.features, ...one.geometry.theirs.features].map(({ geometry }) => geometry);

function pointOf(geometry: unknown): readonly [number, number] | null {
  const { type, coordinates } = Object(geometry) as { type?: unknown; coordinates?: unknown };
  return type === 'Point' && Array.isArray(coordinates) ? [Number(coordinates[0]), Number(coordinates[1])] : null;
}

/** The ground of a case, and what of it is seen at first; null when nothing of it has a place. */
export function groundOf(one: Case): { ground: Ground; seen: Window } | null {
  const shapes = shapesOf(one);
  const box: BBox | null = extent(shapes, shapes.map(pointOf).filter((point) => point !== null));
  if (!box) return null;
  const [west, south, east, north] = box;
  const [left, bottom] = toWorld([west, south]);
  const [right, top] = toWorld([east, north]);
  const ground: Ground = { origin: [(left + right) / 2, (top + bottom) / 2], metresPerUnit: (EARTH_M / WORLD) * Math.cos((((south + north) / 2) * Math.PI) / 180) };
  const width = Math.max(LEAST_M, (right - left) * ground.metresPerUnit) * (1 + 2 * AROUND);
  const height = Math.max(LEAST_M, (bottom - top) * ground.metresPerUnit) * (1 + 2 * AROUND);
  return { ground, seen: { x: -width / 2, y: -height / 2, width, height } };
}

/** The `d` of an outline, or of a ring around a point; metres to the centimetre. */
export function pathOf({ geometry }: Feature, { origin, metresPerUnit }: Ground): string {
  const point = (position: readonly [number, number]): string => {
    const [x, y] = toWorld([position[0], position[1]]);
    return `${((x - origin[0]) * metresPerUnit).toFixed(2)} ${((y - origin[1]) * metresPerUnit).toFixed(2)}`;
  };
  const at = pointOf(geometry);
  if (at) return `M${point(at)}m-${POINT_M} 0a${POINT_M} ${POINT_M} 0 1 0 ${2 * POINT_M} 0a${POINT_M} ${POINT_M} 0 1 0 -${2 * POINT_M} 0Z`;
  return ringsOf(geometry).map((ring) => `M${ring.map(point).join('L')}Z`).join('');
}

/** The window after a step of the wheel at a place in it, given as shares of its width and height. */
export function zoomed(seen: Window, factor: number, [fx, fy]: readonly [number, number]): Window {
  const width = Math.min(50_000, Math.max(10, seen.width * factor));
  const height = (seen.height / seen.width) * width;
  return { x: seen.x + (seen.width - width) * fx, y: seen.y + (seen.height - height) * fy, width, height };
}
