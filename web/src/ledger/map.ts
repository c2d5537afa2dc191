/** The map beside the table: the same selection, and the marked row as the selected area. */
import type { Insets } from '../map/map';
import { MapView } from '../map/map';
import type { Codes } from '../map/scene';
import type { AsOf, BBox, LngLat, Mode, Register, Theme } from '../types';
import { h } from '../ui/dom';
import { around } from './bounds';

const NO_INSETS: Insets = { top: 0, right: 0, bottom: 0, left: 0 };
const REVEAL_ZOOM = 15;

export interface Beside {
  register: Register;
  /** The register of the day shown, which names its tiles. */
  shown: Register;
  theme: Theme;
  mode: Mode;
  asOf: AsOf;
  /** An area was pressed, null for none. */
  pressed: (code: string | null) => void;
  /** The stand-in for all areas of a street was pressed. */
  street: (code: string) => void;
}

export class LedgerMap {
  private readonly view: MapView;
  private readonly district: BBox;

  /** Builds the map inside an element that stands in the page: the map measures it. */
  constructor(place: HTMLElement, label: string, { register, shown, theme, mode, asOf, pressed, street }: Beside) {
    this.district = register.district.bbox;
    const element = h('div', { class: 'map', role: 'application', 'aria-label': label });
    place.prepend(element);
    const scene = { theme, mode, classes: new Set<string>(), street: null, codes: null, selected: null, historic: null, hovered: null };
    const quiet = () => undefined;
    this.view = new MapView(
      element,
      register,
      scene,
      { click: (_, __, picked) => pressed(picked), summary: street, hover: quiet, pointer: quiet, move: quiet, offline: quiet },
      () => NO_INSETS,
      () => [],
      { position: null, question: { asOf, version: shown.version } },
    );
  }

  /** Shows a selection; null is everything. The map moves to what is left of it. */
  select(codes: Codes | null, labels: Iterable<LngLat>): void {
    this.view.show({ codes });
    this.view.fit(codes === null ? this.district : (around(labels) ?? this.district));
  }

  mark(code: string | null, label: LngLat | null): void {
    this.view.show({ selected: code });
    if (label) this.view.reveal(label, REVEAL_ZOOM);
  }

  recolour(mode: Mode): void {
    this.view.show({ mode });
  }

  close(): void {
    this.view.remove();
  }

  zoomBy(levels: number): void {
    this.view.zoomBy(levels);
  }

  whole(): void {
    this.view.fit(this.district);
  }
}
