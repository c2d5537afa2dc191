/** The coloured areas: drawing of their tiles, the marks over them, and which one is under a pixel. */
import { TILE_PX, type Shape } from './decode';
import type { L } from './leaflet';
import type { Frame } from './overlay';
import { paintShape } from './pattern';
import { Paints, passes, type Inks, type Scene } from './scene';
import type { LoadedTile, VectorLayer } from './vector';

/** How strongly the rest stays while one area is selected. */
export const DIMMED = 0.6;
const MUTED_FILL = 0.07;
const MUTED_STROKE = 0.22;
const SELECTED_PX = 3;
const CASING_PX = 6;
const LIFT_PX = 4;

const paints = new Paints();

const shapesOf = (tile: LoadedTile): Shape[] => tile.data.shapes.get('areas') ?? [];

/** Draws a tile. The pane carries the opacity, so that tiles of two zooms never shine through each other. */
export function drawAreas(ctx: CanvasRenderingContext2D, tile: LoadedTile, ratio: number, scene: Scene, inks: Inks): void {
  const shapes = shapesOf(tile);
  const shown = shapes.filter((shape) => passes(scene, shape));
  if (shown.length < shapes.length) {
    ctx.setLineDash([]);
    ctx.lineWidth = 0.75;
    ctx.fillStyle = ctx.strokeStyle = inks.ink;
    for (const shape of shapes) {
      if (passes(scene, shape)) continue;
      ctx.globalAlpha = MUTED_FILL;
      ctx.fill(shape.path, 'evenodd');
      ctx.globalAlpha = MUTED_STROKE;
      ctx.stroke(shape.path);
    }
    ctx.globalAlpha = 1;
  }
  for (const shape of shown) {
    const paint = paints.of(scene, String(shape.props.style), tile.coords.z);
    if (paint) paintShape(ctx, shape.path, paint, ratio);
  }
}

/** Draws the hovered and the selected area over the others. */
export function drawMarks(frame: Frame, layer: VectorLayer, scene: Scene, inks: Inks): void {
  if (scene.hovered && scene.hovered !== scene.selected) {
    each(frame, layer, scene.hovered, (ctx, shape) => {
      ctx.clip(shape.path, 'evenodd');
      ctx.strokeStyle = inks.lift;
      ctx.lineWidth = LIFT_PX;
      ctx.stroke(shape.path);
    });
  }
  if (!scene.selected) return;
  each(frame, layer, scene.selected, (ctx, shape) => {
    const paint = paints.of(scene, String(shape.props.style), layer.zoom());
    if (!paint) return;
    ctx.globalAlpha = scene.theme.opacity[scene.mode];
    paintShape(ctx, shape.path, { ...paint, widthPx: 0.01 }, frame.ratio);
  });
  for (const [width, colour] of [
    [CASING_PX, inks.casing],
    [SELECTED_PX, inks.accent],
  ] as const) {
    each(frame, layer, scene.selected, (ctx, shape) => {
      ctx.setLineDash([]);
      ctx.lineJoin = 'round';
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.stroke(shape.path);
    });
  }
}

/** Every part of an area, cut at its tile's edge, where the next tile goes on. */
function each(frame: Frame, layer: VectorLayer, code: string, draw: (ctx: CanvasRenderingContext2D, shape: Shape) => void): void {
  const { ctx, origin } = frame;
  for (const tile of layer.current()) {
    for (const shape of shapesOf(tile)) {
      if (shape.props.code !== code) continue;
      ctx.save();
      ctx.translate(tile.coords.x * TILE_PX - origin.x, tile.coords.y * TILE_PX - origin.y);
      ctx.beginPath();
      ctx.rect(0, 0, TILE_PX, TILE_PX);
      ctx.clip();
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

/** Width on the screen of every area in the loaded tiles, pixels. */
export function widths(layer: VectorLayer): Map<string, number> {
  const spans = new Map<string, [number, number]>();
  for (const tile of layer.current()) {
    const left = tile.coords.x * TILE_PX;
    for (const { props, box } of shapesOf(tile)) {
      const code = String(props.code);
      const span = spans.get(code);
      const [from, until] = [left + Math.max(0, box.x0), left + Math.min(TILE_PX, box.x1)];
      if (span) spans.set(code, [Math.min(span[0], from), Math.max(span[1], until)]);
      else spans.set(code, [from, until]);
    }
  }
  return new Map([...spans].map(([code, [from, until]]) => [code, until - from]));
}
