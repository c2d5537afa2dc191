/** The boundary of an area that is not there on the day: grey, dashed and hatched, so that nobody takes it for one of the map's areas. */
import type { LngLat } from '../types';
import type { Frame } from './overlay';
import { patternOf } from './pattern';
import type { Inks } from './scene';

const LINE_PX = 2;
const CASING_PX = 5;
const DASH_PX = [7, 5];
const FILL_ALPHA = 0.55;

/** The rings of a boundary, closed. */
export type Rings = readonly (readonly LngLat[])[];

/** The rings of a GeoJSON polygon or multi-polygon; none of anything else. */
export function ringsOf(geometry: unknown): Rings {
  const { type, coordinates } = (geometry ?? {}) as { type?: string; coordinates?: unknown };
  if (type === 'Polygon') return coordinates as Rings;
  return type === 'MultiPolygon' ? (coordinates as Rings[]).flat() : [];
}

export function drawHistoric({ ctx, ratio, origin }: Frame, rings: Rings, inks: Inks, toPixel: (lngLat: LngLat) => { x: number; y: number }): void {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach((place, index) => {
      const { x, y } = toPixel(place);
      if (index === 0) path.moveTo(x - origin.x, y - origin.y);
      else path.lineTo(x - origin.x, y - origin.y);
    });
    path.closePath();
  }
  ctx.save();
  ctx.lineJoin = 'round';
  ctx.globalAlpha = FILL_ALPHA;
  ctx.fillStyle = inks.muted;
  ctx.fill(path, 'evenodd');
  ctx.globalAlpha = 1;
  const hatch = patternOf(ctx, { fill: '', stroke: '', widthPx: 0, dashPx: [], pattern: { kind: 'hatch', color: inks.historic } }, ratio);
  if (hatch) {
    ctx.fillStyle = hatch;
    ctx.fill(path, 'evenodd');
  }
  for (const [width, colour, dash] of [
    [CASING_PX, inks.casing, []],
    [LINE_PX, inks.historic, DASH_PX],
  ] as const) {
    ctx.setLineDash([...dash]);
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke(path);
  }
  ctx.restore();
}
