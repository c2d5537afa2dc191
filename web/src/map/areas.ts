/** The coloured areas: drawing of their tiles, the marks over them, and which one is under a pixel. */
import { TILE_PX, type Shape } from './decode';
import type { L } from './leaflet';
import type { Frame } from './overlay';
import { paintShape } from './pattern';
import { Paints, passes, styleOf, type Look, type Scene } from './scene';
import type { LoadedTile, Scale, VectorLayer } from './vector';

/** How strongly the rest stays while one area is selected. */
export const DIMMED = 0.6;
const SELECTED_PX = 3;
const CASING_PX = 6;
const LIFT_PX = 4;

const paints = new Paints();

const shapesOf = (tile: LoadedTile): Shape[] => tile.data.shapes.get('areas') ?? [];

/** Draws a tile. The pane carries the opacity, so that tiles of two zooms never shine through each other. */
export function drawAreas(ctx: CanvasRenderingContext2D, tile: LoadedTile, scale: Scale, { scene, inks }: Look): void {
  const shapes = shapesOf(tile);
  const shown = shapes.filter((shape) => passes(scene, shape));
  if (shown.length < shapes.length) {
    ctx.setLineDash([]);
    ctx.lineWidth = 0.75 * scale.unit;
    // Opaque colours: tiles overlap by a pixel, where transparent ones would show as a line.
    ctx.fillStyle = inks.muted;
    ctx.strokeStyle = inks.mutedLine;
    for (const shape of shapes) {
      if (passes(scene, shape)) continue;
      ctx.fill(shape.path, 'evenodd');
      ctx.stroke(shape.path);
    }
  }
  for (const shape of shown) {
    const paint = paints.of(scene, styleOf(scene, shape) ?? '', tile.coords.z);
    if (paint) paintShape(ctx, shape.path, paint, scale);
  }
}

/** Draws the hovered and the selected area over the others. */
export function drawMarks(frame: Frame, layer: VectorLayer, { scene, inks }: Look): void {
  const unit = layer.unit();
  if (scene.hovered && scene.hovered !== scene.selected) {
    each(frame, layer, scene.hovered, (ctx, shape) => {
      ctx.clip(shape.path, 'evenodd');
      ctx.strokeStyle = inks.lift;
      ctx.lineWidth = LIFT_PX * unit;
      ctx.stroke(shape.path);
    });
  }
  if (!scene.selected) return;
  each(frame, layer, scene.selected, (ctx, shape) => {
    const paint = paints.of(scene, styleOf(scene, shape) ?? '', layer.zoom());
    if (!paint) return;
    ctx.globalAlpha = scene.theme.opacity[scene.mode];
    paintShape(ctx, shape.path, { ...paint, widthPx: 0.01 }, { ratio: frame.ratio, unit });
  });
  for (const [width, colour] of [
    [CASING_PX, inks.casing],
    [SELECTED_PX, inks.accent],
  ] as const) {
    each(frame, layer, scene.selected, (ctx, shape) => {
      ctx.setLineDash([]);
      ctx.lineJoin = 'round';
      ctx.lineWidth = width * unit;
      ctx.strokeStyle = colour;
      ctx.stroke(shape.path);
    });
  }
}

/** Every part of an area, cut at its tile's edge, where the next tile goes on. */
function each(frame: Frame, layer: VectorLayer, code: string, draw: (ctx: CanvasRenderingContext2D, shape: Shape) => void): void {
  const { ctx, origin } = frame;
  const sidePx = TILE_PX / layer.unit();
  // Cuts on whole device pixels: two soft edges side by side would leave a hairline.
  const snap = (value: number) => Math.round(value * frame.ratio) / frame.ratio;
  for (const tile of layer.current()) {
    for (const shape of shapesOf(tile)) {
      if (shape.props.code !== code) continue;
      const [left, top] = [tile.coords.x * sidePx - origin.x, tile.coords.y * sidePx - origin.y];
      const [x0, y0, x1, y1] = [left, top, left + sidePx, top + sidePx].map(snap) as [number, number, number, number];
      ctx.save();
      ctx.beginPath();
      ctx.rect(x0, y0, x1 - x0, y1 - y0);
      ctx.clip();
      ctx.translate(left, top);
      ctx.scale(sidePx / TILE_PX, sidePx / TILE_PX);
      draw(ctx, shape);
      ctx.restore();
    }
  }
}

const probe = document.createElement('canvas').getContext('2d');

/** The topmost shown shape under a global pixel of the layer's zoom. */
export function pick(layer: VectorLayer, at: L.Point, scene: Scene): Shape | null {
  const tile = layer.tiles.get(`${layer.zoom()}/${Math.floor(at.x / TILE_PX)}/${Math.floor(at.y / TILE_PX)}`);
  if (!tile || !probe) return null;
  const [x, y] = [at.x - tile.coords.x * TILE_PX, at.y - tile.coords.y * TILE_PX];
  const shapes = shapesOf(tile);
  for (let i = shapes.length - 1; i >= 0; i--) {
    const shape = shapes[i];
    if (!shape || x < shape.box.x0 || x > shape.box.x1 || y < shape.box.y0 || y > shape.box.y1) continue;
    if (probe.isPointInPath(shape.path, x, y, 'evenodd') && passes(scene, shape)) return shape;
  }
  return null;
}

/** True when every point, in pixels of the layer's zoom, lies in the area. Tiles that are not there count as outside. */
export function holds(layer: VectorLayer, code: string, points: readonly (readonly [x: number, y: number])[]): boolean {
  return points.every(([x, y]) => {
    const tile = layer.tiles.get(`${layer.zoom()}/${Math.floor(x / TILE_PX)}/${Math.floor(y / TILE_PX)}`);
    if (!tile || !probe) return false;
    const [left, top] = [tile.coords.x * TILE_PX, tile.coords.y * TILE_PX];
    return shapesOf(tile).some(({ props, path }) => props.code === code && probe.isPointInPath(path, x - left, y - top, 'evenodd'));
  });
}
