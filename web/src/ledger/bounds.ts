/** Boxes around places. Pure. */
import type { BBox, LngLat } from '../types';

/** A single point is shown with as much around it, in degrees: about 300 m. */
const AROUND_DEG = 0.003;

/** The box around points, null without one. */
export function around(points: Iterable<LngLat>): BBox | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lng, lat] of points) {
    west = Math.min(west, lng);
    south = Math.min(south, lat);
    east = Math.max(east, lng);
    north = Math.max(north, lat);
  }
  return west > east ? null : [west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG];
}
