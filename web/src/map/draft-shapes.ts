/** Outlines of a draft in pixels of the whole world at zoom 0, made for drawing and picking. Pure. */
import type { BBox, LngLat } from '../types';

const WORLD_PX = 256;
const LAT_MAX = 85.05;

export interface Outline {
  /** Number of its row. */
  row: number;
  /** Rings as x, y, x, y… */
  rings: Float64Array[];
  /** West, north, east, south in pixels. */
  box: readonly [x0: number, y0: number, x1: number, y1: number];
}

/** Web Mercator; x grows to the east, y to the south. */
export function toWorld([lng, lat]: LngLat): [x: number, y: number] {
  const sin = Math.sin((Math.max(-LAT_MAX, Math.min(LAT_MAX, lat)) * Math.PI) / 180);
  return [((lng + 180) / 360) * WORLD_PX, (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * WORLD_PX];
}

/** The rings of a GeoJSON geometry: polygons alone, lines as they are. What cannot be read is left out. */
export function ringsOf(geometry: unknown): LngLat[][] {
  const { type, coordinates, geometries } = Object(geometry) as { type?: unknown; coordinates?: unknown; geometries?: unknown };
  const isPair = (value: unknown): value is LngLat => Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number' && Number.isFinite(value[0] + value[1]);
  const rings = (value: unknown, depth: number): LngLat[][] => {
    if (!Array.isArray(value)) return [];
    if (depth > 0) return value.flatMap((part) => rings(part, depth - 1));
    const pairs = value.filter(isPair);
    return pairs.length > 1 ? [pairs] : [];
  };
  if (type === 'LineString') return rings(coordinates, 0);
  if (type === 'Polygon' || type === 'MultiLineString') return rings(coordinates, 1);
  if (type === 'MultiPolygon') return rings(coordinates, 2);
  return Array.isArray(geometries) ? geometries.flatMap(ringsOf) : [];
}

/** An outline ready to be drawn, null for a geometry without any. */
export function outline(row: number, geometry: unknown): Outline | null {
  const rings = ringsOf(geometry).map((ring) => Float64Array.from(ring.flatMap(toWorld)));
  if (rings.length === 0) return null;
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] = [ring[i] ?? 0, ring[i + 1] ?? 0];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return { row, rings, box };
}

/** True when the point, in world pixels, lies in the outline; holes are outside. */
export function holds({ rings, box }: Outline, [x, y]: readonly [number, number]): boolean {
  if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return false;
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [xi = 0, yi = 0, xj = 0, yj = 0] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

/** The degrees that geometries and points take, null without any. */
export function extent(geometries: readonly unknown[], points: readonly LngLat[] = []): BBox | null {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const take = ([lng, lat]: LngLat) => {
    box[0] = Math.min(box[0], lng);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lng);
    box[3] = Math.max(box[3], lat);
  };
  for (const geometry of geometries) for (const ring of ringsOf(geometry)) ring.forEach(take);
  points.forEach(take);
  return box[0] <= box[2] ? box : null;
}

/** An outline as a path on a canvas; points closer together than `stepPx` are left out. */
export function trace({ rings }: Outline, scale: number, origin: { x: number; y: number }, stepPx: number): Path2D {
  const path = new Path2D();
  for (const ring of rings) {
    let [atX, atY] = [Infinity, Infinity];
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] = [(ring[i] ?? 0) * scale - origin.x, (ring[i + 1] ?? 0) * scale - origin.y];
      if (i === 0) path.moveTo(x, y);
      else if (Math.abs(x - atX) < stepPx && Math.abs(y - atY) < stepPx) continue;
      else path.lineTo(x, y);
      [atX, atY] = [x, y];
    }
    path.closePath();
  }
  return path;
}
