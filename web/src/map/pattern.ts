/** Canvas patterns for the classes, made once a colour and density. */
import { PATTERN_PX, type Paint } from '../style';

const made = new Map<string, CanvasPattern>();

/** The pattern over a fill, or null for a plain one. `ratio` is device pixels a CSS pixel. */
export function patternOf(ctx: CanvasRenderingContext2D, { pattern }: Paint, ratio: number): CanvasPattern | null {
  if (pattern.kind === 'solid') return null;
  const key = `${pattern.kind} ${pattern.color} ${ratio}`;
  const known = made.get(key);
  if (known) return known;
  const sidePx = Math.round(PATTERN_PX * ratio);
  const cell = document.createElement('canvas');
  cell.width = cell.height = sidePx;
  const pen = cell.getContext('2d');
  if (!pen) return null;
  pen.scale(sidePx / PATTERN_PX, sidePx / PATTERN_PX);
  draw(pen, pattern);
  const result = ctx.createPattern(cell, 'repeat');
  if (!result) return null;
  result.setTransform(new DOMMatrix().scale(PATTERN_PX / sidePx));
  made.set(key, result);
  return result;
}

function draw(pen: CanvasRenderingContext2D, { kind, color }: Paint['pattern']): void {
  const side = PATTERN_PX;
  pen.fillStyle = pen.strokeStyle = color;
  if (kind === 'bands') {
    pen.fillRect(0, side / 2, side, side / 2);
    return;
  }
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1;
  pen.beginPath();
  if (kind === 'hatch') {
    // Three strokes: the diagonal and the two corners that it leaves open.
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift - 1, side + 1);
      pen.lineTo(shift + side + 1, -1);
    }
    pen.stroke();
  } else {
    pen.arc(side / 4, side / 4, 1, 0, 7);
    pen.arc((side * 3) / 4, (side * 3) / 4, 1, 0, 7);
    pen.fill();
  }
}

/** Fills and strokes one shape; widths are pixels of the screen, of which each is `unit` of the canvas. */
export function paintShape(ctx: CanvasRenderingContext2D, path: Path2D, paint: Paint, { ratio, unit }: { ratio: number; unit: number }): void {
  ctx.fillStyle = paint.fill;
  ctx.fill(path, 'evenodd');
  const pattern = patternOf(ctx, paint, ratio);
  if (pattern) {
    ctx.fillStyle = pattern;
    ctx.fill(path, 'evenodd');
  }
  ctx.strokeStyle = paint.stroke;
  ctx.lineWidth = paint.widthPx * unit;
  ctx.setLineDash(paint.dashPx.map((length) => length * unit));
  ctx.stroke(path);
}
