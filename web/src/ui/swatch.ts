/** A small sample of a class, painted as the map paints it. */
import { paintShape } from '../map/pattern';
import { classOf, paintOf } from '../style';
import type { Mode, Theme } from '../types';
import { h } from './dom';

const WIDTH_PX = 22;
const HEIGHT_PX = 16;
const FULL_ZOOM = 18;

export function swatch(theme: Theme, key: string, mode: Mode): HTMLCanvasElement {
  const ratio = Math.max(2, Math.ceil(devicePixelRatio));
  const canvas = h('canvas', { class: 'swatch', width: WIDTH_PX * ratio, height: HEIGHT_PX * ratio, 'aria-hidden': 'true' });
  const ctx = canvas.getContext('2d');
  const item = classOf(theme, key);
  if (!ctx || !item) return canvas;
  const paint = paintOf(item, mode, FULL_ZOOM);
  const inset = paint.widthPx / 2 + 0.5;
  const path = new Path2D();
  path.rect(inset, inset, WIDTH_PX - inset * 2, HEIGHT_PX - inset * 2);
  ctx.scale(ratio, ratio);
  paintShape(ctx, path, { ...paint, widthPx: paint.widthPx * 0.8 }, { ratio, unit: 1 });
  return canvas;
}
