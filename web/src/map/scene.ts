/** What the map shows, apart from where it stands. */
import { classOf, paintsOf, type Paint } from '../style';
import type { Mode, Theme } from '../types';
import type { Shape } from './decode';
import type { Rings } from './historic';

export interface Scene {
  theme: Theme;
  mode: Mode;
  /** Class keys that are shown; empty means every class. */
  classes: ReadonlySet<string>;
  street: string | null;
  /** Codes that are shown, null when every one is. */
  codes: Codes | null;
  selected: string | null;
  /** The boundary of an area that is not there on the day, null without one. */
  historic: Rings | null;
  hovered: string | null;
}

/** Codes that can be asked for; a set is one, and a long list need not become one. */
export type Codes = Pick<ReadonlySet<string>, 'has'>;

/** What decides which areas a map shows and which of them it marks, whatever their colours. */
export type Ground = Pick<Scene, 'classes' | 'street' | 'codes' | 'selected'>;

/** Colours of the map that are not part of the theme, taken from the style sheet. */
export interface Inks {
  ink: string;
  accent: string;
  casing: string;
  halo: string;
  street: string;
  streetLabel: string;
  land: string;
  lift: string;
  muted: string;
  mutedLine: string;
  historic: string;
}

/** Everything a drawing function needs to know of the page. */
export interface Look<S = Scene> {
  scene: S;
  inks: Inks;
}

export function readInks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour('map-ink'),
    accent: colour('accent'),
    casing: colour('map-casing'),
    halo: colour('map-halo'),
    street: colour('map-street'),
    streetLabel: colour('map-street-label'),
    land: colour('map-land'),
    lift: colour('map-lift'),
    muted: colour('map-muted'),
    mutedLine: colour('map-muted-line'),
    historic: colour('map-historic'),
  };
}

/** Paints of one theme, mode and zoom, computed once. */
export class Paints {
  private key = '';
  private paints = new Map<string, Paint>();

  of(scene: Scene, style: string, zoom: number): Paint | undefined {
    const key = `${scene.theme.id} ${scene.theme.revision} ${scene.mode} ${zoom}`;
    if (key !== this.key) {
      this.key = key;
      this.paints = paintsOf(scene.theme, scene.mode, zoom);
    }
    return this.paints.get(style) ?? this.paints.get(classOf(scene.theme, style)?.key ?? '');
  }
}

/** The class of a shape. Tiles tell that of management and committee; other themes name theirs by code, and have none for a street as a whole. */
export function styleOf({ theme }: { theme?: Theme }, { props }: Shape): string | null {
  if (!theme?.areas) return String(props.style);
  if (props.code === undefined) return null;
  return theme.areas[String(props.code)] ?? theme.classes[theme.classes.length - 1]?.key ?? null;
}

/** True when the filters let a shape through. */
export function passes(scene: Ground & { theme?: Theme }, shape: Shape): boolean {
  const { props } = shape;
  const style = styleOf(scene, shape);
  if (style === null || (scene.classes.size > 0 && !scene.classes.has(style))) return false;
  if (scene.street && props.street !== scene.street) return false;
  return !scene.codes || scene.codes.has(String(props.code));
}
