/** How the outlines of a draft are drawn: by what they change, over them what is wrong, over all what is chosen. */
import type { LngLat } from '../types';
import { outline, toWorld, trace, type Outline } from './draft-shapes';
import type { Frame } from './overlay';
import { patternOf } from './pattern';

export type DraftKind = 'added' | 'changed' | 'unchanged' | 'unlocated' | 'unusable';

/** An outline with what is said of it. */
export interface DraftShape extends Outline {
  kind: DraftKind;
  flag: 'must_fix' | 'fix_later' | null;
}

/** What is marked on the draft. */
export interface Marks {
  /** The row that is chosen. */
  row: number | null;
  hovered: number | null;
  /** The place of the finding that is chosen: its own piece of ground, or a point. */
  place: { shape: unknown; at: LngLat | null; severity: 'must_fix' | 'fix_later' } | null;
}

/** Colours of the draft, taken from the style sheet. */
export interface DraftInks {
  added: string;
  changed: string;
  unchanged: string;
  must_fix: string;
  fix_later: string;
  vanished: string;
  accent: string;
  casing: string;
}

export function readDraftInks(): DraftInks {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    added: colour('draft-added'), changed: colour('draft-changed'), unchanged: colour('draft-unchanged'), vanished: colour('draft-vanished'),
    must_fix: colour('late'), fix_later: colour('draft-later'), accent: colour('accent'), casing: colour('map-casing'),
  };
}

/** A smaller outline is a speck of this size, so that it can be seen and found. */
const SPECK_PX = 4;
const STEP_PX = 0.7;
const FILL = { added: 0.34, changed: 0.28, unchanged: 0.05, unusable: 0.12 } as const;
const FLAG_PX = { must_fix: 2.5, fix_later: 1.75 } as const;
const PLACE_PX = 7;

const visible = ({ box }: Outline, scale: number, { origin, size }: Frame): boolean =>
  box[2] * scale >= origin.x && box[0] * scale <= origin.x + size.x && box[3] * scale >= origin.y && box[1] * scale <= origin.y + size.y;

/** Draws the shapes that are shown, in the order unchanged, changed, added, and over them what is wrong. */
export function drawDraft(frame: Frame, shapes: readonly DraftShape[], inks: DraftInks): void {
  const { ctx, zoom, origin } = frame;
  const scale = 2 ** zoom;
  ctx.save();
  ctx.lineJoin = 'round';
  const flagged: { shape: DraftShape; path: Path2D }[] = [];
  const seen = shapes.filter((shape) => visible(shape, scale, frame));
  for (const kind of ['unchanged', 'changed', 'added', 'unusable'] as const) {
    const colour = kind === 'unusable' ? inks.must_fix : inks[kind];
    const hatch = kind === 'changed' ? patternOf(ctx, { fill: '', stroke: '', widthPx: 0, dashPx: [], pattern: { kind: 'hatch', color: inks.changed } }, frame.ratio) : null;
    ctx.setLineDash([]);
    for (const shape of seen) {
      if (shape.kind !== kind) continue;
      const path = speck(shape, scale, origin) ?? trace(shape, scale, origin, STEP_PX);
      ctx.globalAlpha = FILL[kind];
      ctx.fillStyle = colour;
      ctx.fill(path, 'evenodd');
      ctx.globalAlpha = 1;
      if (hatch && zoom >= 13) {
        ctx.fillStyle = hatch;
        ctx.fill(path, 'evenodd');
      }
      ctx.strokeStyle = colour;
      ctx.lineWidth = kind === 'unchanged' ? 0.9 : 1.5;
      ctx.stroke(path);
      if (shape.flag) flagged.push({ shape, path });
    }
  }
  for (const severity of ['fix_later', 'must_fix'] as const) {
    ctx.strokeStyle = inks[severity];
    ctx.setLineDash(severity === 'fix_later' ? [6, 3] : []);
    for (const { shape, path } of flagged) {
      if (shape.flag !== severity) continue;
      // Small outlines must not drown in what marks them.
      ctx.lineWidth = Math.min(FLAG_PX[severity], Math.max(1, ((shape.box[2] - shape.box[0]) * scale) / 8));
      ctx.stroke(path);
    }
  }
  ctx.restore();
}

function speck({ box: [x0, y0, x1, y1] }: Outline, scale: number, origin: { x: number; y: number }): Path2D | null {
  if ((x1 - x0) * scale >= SPECK_PX || (y1 - y0) * scale >= SPECK_PX) return null;
  const path = new Path2D();
  path.rect(((x0 + x1) / 2) * scale - origin.x - SPECK_PX / 2, ((y0 + y1) / 2) * scale - origin.y - SPECK_PX / 2, SPECK_PX, SPECK_PX);
  return path;
}

/** Draws what is hovered, what is chosen, and the place of the finding. */
export function drawDraftMarks(frame: Frame, shapes: readonly DraftShape[], { row, hovered, place }: Marks, inks: DraftInks): void {
  const { ctx, zoom, origin } = frame;
  const scale = 2 ** zoom;
  const line = (path: Path2D, width: number, colour: string) => {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke(path);
  };
  ctx.save();
  ctx.lineJoin = 'round';
  ctx.setLineDash([]);
  for (const shape of shapes) {
    if (shape.row !== row && shape.row !== hovered) continue;
    const path = trace(shape, scale, origin, 0);
    line(path, shape.row === row ? 6 : 4, inks.casing);
    line(path, shape.row === row ? 3 : 2, inks.accent);
  }
  if (place) drawPlace(frame, place, inks, line);
  ctx.restore();
}

function drawPlace({ ctx, ratio, zoom, origin }: Frame, place: NonNullable<Marks['place']>, inks: DraftInks, line: (path: Path2D, width: number, colour: string) => void): void {
  const scale = 2 ** zoom;
  const ink = inks[place.severity];
  const ground = outline(0, place.shape);
  if (ground) {
    const path = trace(ground, scale, origin, 0);
    ctx.globalAlpha = 0.35;
    ctx.fillStyle = ink;
    ctx.fill(path, 'evenodd');
    ctx.globalAlpha = 1;
    const hatch = patternOf(ctx, { fill: '', stroke: '', widthPx: 0, dashPx: [], pattern: { kind: 'hatch', color: ink } }, ratio);
    if (hatch) {
      ctx.fillStyle = hatch;
      ctx.fill(path, 'evenodd');
    }
    line(path, 5, inks.casing);
    line(path, 2.5, ink);
  }
  if (!place.at) return;
  const [x, y] = toWorld(place.at).map((value, axis) => value * scale - (axis === 0 ? origin.x : origin.y)) as [number, number];
  const ring = new Path2D();
  ring.arc(x, y, PLACE_PX, 0, 7);
  line(ring, 6, inks.casing);
  line(ring, 3, ink);
  const dot = new Path2D();
  dot.arc(x, y, 2, 0, 7);
  ctx.fillStyle = ink;
  ctx.fill(dot);
}
