/** The district and its streets, drawn under the areas. */
import type { Ground, Look } from './scene';
import type { LoadedTile, Scale } from './vector';

const DISTRICT_PX = 2;
const DISTRICT_ALPHA = 0.6;
const STREET_PX = 1;
const CHOSEN_PX = 2.5;
/** A schematic border is dashed: nobody shall take it for the surveyed one. */
const SCHEMATIC_DASH = [5, 3];

export function drawStreets(ctx: CanvasRenderingContext2D, tile: LoadedTile, { unit }: Scale, { scene, inks }: Look<Ground>): void {
  const districts = tile.data.shapes.get('district') ?? [];
  const streets = tile.data.shapes.get('streets') ?? [];
  ctx.fillStyle = inks.land;
  for (const { path } of districts) ctx.fill(path, 'evenodd');
  ctx.strokeStyle = inks.street;
  ctx.lineWidth = STREET_PX * unit;
  for (const { path, props } of streets) {
    ctx.setLineDash(props.schematic === true ? SCHEMATIC_DASH.map((length) => length * unit) : []);
    ctx.stroke(path);
  }
  ctx.setLineDash([]);
  ctx.strokeStyle = inks.ink;
  ctx.globalAlpha = DISTRICT_ALPHA;
  ctx.lineWidth = DISTRICT_PX * unit;
  for (const { path } of districts) ctx.stroke(path);
  ctx.globalAlpha = 1;
  for (const { path, props } of streets) {
    if (props.code !== scene.street) continue;
    ctx.strokeStyle = inks.accent;
    ctx.lineWidth = CHOSEN_PX * unit;
    ctx.stroke(path);
  }
}
