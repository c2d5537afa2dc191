/** From a class of the theme, the mode and the zoom to what a canvas needs. Pure. */
import type { Mode, Theme, ThemeClass } from './types';

export interface Paint {
  fill: string;
  stroke: string;
  widthPx: number;
  dashPx: readonly number[];
  pattern: { kind: 'solid' | 'hatch' | 'dots' | 'bands'; color: string };
}

/** Patterns repeat every 8 px; 256 is a multiple, so they run on over the edges of tiles. */
export const PATTERN_PX = 8;
/** Below this zoom dashes would be longer than the sides they run along. */
const DASH_ZOOM = 14;
/** Below this zoom a pattern would only make an area look dirty. */
const PATTERN_ZOOM = 13;
/** Share of the printed stroke width, by zoom: small areas must not drown in their outlines. */
const WIDTH_BY_ZOOM: readonly (readonly [zoom: number, share: number])[] = [
  [10, 0.3],
  [11, 0.35],
  [12, 0.45],
  [13, 0.6],
  [14, 0.75],
  [15, 0.9],
];

/** A class that the theme does not name is drawn as unknown. */
export const classOf = (theme: Theme, key: string): ThemeClass | undefined =>
  theme.classes.find((item) => item.key === key) ?? theme.classes.find((item) => item.key === 'unknown');

export function strokeShare(zoom: number): number {
  for (const [level, share] of WIDTH_BY_ZOOM) if (zoom <= level) return share;
  return 1;
}

/** How a class is drawn at a zoom. */
export function paintOf(item: ThemeClass, mode: Mode, zoom: number): Paint {
  const { stroke, pattern } = item;
  return {
    fill: item.fill[mode],
    stroke: stroke.color[mode],
    widthPx: Math.max(0.5, stroke.width_px * strokeShare(zoom)),
    dashPx: zoom < DASH_ZOOM ? [] : stroke.dash_px,
    pattern: {
      kind: zoom < PATTERN_ZOOM && pattern.kind !== 'bands' ? 'solid' : pattern.kind,
      color: pattern.color?.[mode] ?? stroke.color[mode],
    },
  };
}

/** Every class at a zoom, by key. */
export function paintsOf(theme: Theme, mode: Mode, zoom: number): Map<string, Paint> {
  return new Map(theme.classes.map((item) => [item.key, paintOf(item, mode, zoom)]));
}
