/** The map. Only the files of this folder touch Leaflet. */
import type { TileQuestion } from '../api';
import type { BBox, LngLat, Register } from '../types';
import type { Position } from '../url';
import { DIMMED, drawAreas, drawMarks, pick } from './areas';
import { drawHistoric } from './historic';
import { drawLabels } from './labels';
import { L, toBounds, toLeaflet, toLngLat } from './leaflet';
import { Overlay } from './overlay';
import { readInks, type Inks, type Look, type Scene } from './scene';
import { Sketch, type Drawing } from './sketch';
import { drawStreets } from './streets';
import { VectorLayer } from './vector';

const MAX_ZOOM = 18;
const FIT_ZOOM = 17;
/** Vector tiles reach out of the district by the width of a stroke. */
const TILE_MARGIN_DEG = 0.002;
/** Steps of the zoom: fine enough for the district to fill the room that the panels leave. */
const ZOOM_SNAP = 0.1;
/** How far beyond the district the map may be moved, as a share of its size: enough to centre it beside open panels. */
const ROAM_SHARE = 3;

/** Pixels at each side that panels cover. */
export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** A rectangle of the map, in its pixels. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Hover {
  props: Record<string, string | number | boolean>;
  x: number;
  y: number;
}

export interface MapEvents {
  click(lngLat: LngLat, toleranceM: number, picked: string | null): void;
  /** A click on the stand-in for all areas of a street, at zooms where single ones would be specks. */
  summary(street: string): void;
  hover(hover: Hover | null): void;
  pointer(lngLat: LngLat | null): void;
  move(position: Position): void;
  offline(offline: boolean): void;
}

export class MapView {
  private readonly map: L.Map;
  private readonly areas: VectorLayer;
  private readonly streets: VectorLayer;
  private readonly overlay: Overlay;
  private readonly here = L.layerGroup();
  private readonly sketch: Sketch;
  private drawer: ((lngLat: LngLat) => void) | null = null;
  private inks: Inks;
  private base: L.LayerGroup | null = null;
  private readonly sizes = new ResizeObserver(() => this.map.invalidateSize({ pan: false }));

  constructor(
    element: HTMLElement,
    private readonly register: Register,
    private scene: Scene,
    private readonly events: MapEvents,
    private readonly insets: () => Insets,
    private readonly covers: () => Rect[],
    { position, question }: { position: Position | null; question: TileQuestion },
  ) {
    this.inks = readInks();
    const district = toBounds(register.district.bbox);
    this.map = L.map(element, {
      zoomControl: false,
      attributionControl: false,
      // Tiles appear at once: a fade would show two zooms through each other.
      fadeAnimation: false,
      zoomAnimation: !reducedMotion(),
      minZoom: 9,
      maxZoom: MAX_ZOOM,
      zoomSnap: ZOOM_SNAP,
      maxBounds: district.pad(ROAM_SHARE),
      bounceAtZoomLimits: false,
    });
    this.pane('streets', 210);
    this.pane('areas', 220);
    this.pane('marks', 450).style.pointerEvents = 'none';
    const options = { minZoom: 0, maxNativeZoom: MAX_ZOOM, bounds: widened(register.district.bbox) };
    this.areas = new VectorLayer('areas', (ctx, tile, scale) => drawAreas(ctx, tile, scale, this.look()), { ...options, pane: 'areas' });
    this.streets = new VectorLayer('streets', (ctx, tile, scale) => drawStreets(ctx, tile, scale, this.look()), { ...options, pane: 'streets' });
    for (const layer of [this.areas, this.streets]) layer.ask(question);
    this.overlay = new Overlay((frame) => {
      const { scene, inks } = this.look();
      if (scene.historic) drawHistoric(frame, scene.historic, inks, (place) => this.map.project(toLeaflet(place), frame.zoom));
      drawMarks(frame, this.areas, this.look());
      drawLabels(frame, { areas: this.areas, streets: this.streets }, this.look(), this.covers());
    }, 'marks');
    if (position) this.map.setView(toLeaflet(position.lngLat), position.zoom);
    else this.fit(register.district.bbox, false);
    // The areas are asked first: they are the map.
    for (const layer of [this.areas, this.streets, this.overlay, this.here]) layer.addTo(this.map);
    this.sketch = new Sketch(this.map);
    this.listen();
    this.dim();
  }

  /** Shows another scene; only what the change touches is drawn again. */
  show(patch: Partial<Scene>): void {
    const before = this.scene;
    this.scene = { ...before, ...patch };
    const { scene } = this;
    if (scene.mode !== before.mode) {
      this.inks = readInks();
      this.sketch.recolour();
    }
    const recolour = scene.mode !== before.mode || scene.theme !== before.theme;
    const refilter = scene.classes !== before.classes || scene.codes !== before.codes || scene.street !== before.street;
    if (recolour || refilter) this.areas.repaint();
    if (recolour || scene.street !== before.street) this.streets.repaint();
    if (recolour || scene.selected !== before.selected || scene.historic !== before.historic) this.dim();
    this.overlay.ask();
  }

  fit(bbox: BBox, animate = true): void {
    const { top, right, bottom, left } = this.insets();
    this.map.fitBounds(toBounds(bbox), {
      paddingTopLeft: [left + 24, top + 24],
      paddingBottomRight: [right + 24, bottom + 24],
      maxZoom: FIT_ZOOM,
      animate: animate && !reducedMotion(),
    });
  }

  /** Moves only when the place is hidden behind a panel or out of sight. */
  reveal(lngLat: LngLat, minZoom = 0): void {
    const at = this.map.latLngToContainerPoint(toLeaflet(lngLat));
    const size = this.map.getSize();
    const { top, right, bottom, left } = this.insets();
    const margin = 32;
    const seen = at.x > left + margin && at.x < size.x - right - margin && at.y > top + margin && at.y < size.y - bottom - margin;
    if (seen && this.map.getZoom() >= minZoom) return;
    const zoom = Math.max(this.map.getZoom(), minZoom);
    const middle = L.point((left + size.x - right) / 2, (top + size.y - bottom) / 2);
    const centre = this.map.project(toLeaflet(lngLat), zoom).subtract(middle.subtract(size.divideBy(2)));
    this.map.setView(this.map.unproject(centre, zoom), zoom, { animate: !reducedMotion() });
  }

  goTo(position: Position): void {
    this.map.setView(toLeaflet(position.lngLat), position.zoom, { animate: !reducedMotion() });
  }

  position(): Position {
    return { zoom: this.map.getZoom(), lngLat: toLngLat(this.map.getCenter()) };
  }

  /** Zooms by whole levels, to a whole level: there the tiles are sharpest. */
  zoomBy(levels: number): void {
    const zoom = this.map.getZoom();
    this.map.setZoom((levels > 0 ? Math.floor(zoom) : Math.ceil(zoom)) + levels);
  }

  /** A pin, with the circle of a position's accuracy; null takes it away. */
  pin(lngLat: LngLat | null, accuracyM: number | null): void {
    this.here.clearLayers();
    if (!lngLat) return;
    const at = toLeaflet(lngLat);
    if (accuracyM !== null) {
      const circle = { radius: accuracyM, weight: 1.5, color: this.inks.accent, fillColor: this.inks.accent, fillOpacity: 0.12 };
      this.here.addLayer(L.circle(at, { ...circle, interactive: false }));
    }
    const icon = L.divIcon({ className: accuracyM === null ? 'pin' : 'pin pin-me', iconSize: [22, 22] });
    this.here.addLayer(L.marker(at, { icon, interactive: false, keyboard: false }));
  }

  /** A drawing over the map; null takes it away. */
  draw(drawing: Drawing | null): void {
    this.sketch.show(drawing);
  }

  /** Hands every press on the map to whoever draws on it; null gives them back. */
  lend(drawer: ((lngLat: LngLat) => void) | null): void {
    this.drawer = drawer;
    this.sketch.drawing(drawer !== null);
  }

  /** Turns the map service under the areas on or off, where the register names one. */
  setBase(on: boolean): void {
    this.base?.remove();
    this.base = null;
    const { base_layer: service } = this.register;
    if (!on || !service) return;
    const layer = (name: string) =>
      L.tileLayer(
        `${service.host}/${name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${name}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${encodeURIComponent(service.key)}`,
        { subdomains: '01234567', maxZoom: MAX_ZOOM, className: 'base-tile' },
      );
    this.base = L.layerGroup([layer('vec'), layer('cva')]).addTo(this.map);
  }

  /** The scale bar, to be put where the page wants it. */
  scale(): HTMLElement {
    const control = L.control.scale({ imperial: false, maxWidth: 96 }).addTo(this.map);
    const element = control.getContainer() ?? document.createElement('div');
    element.setAttribute('aria-hidden', 'true');
    return element;
  }

  /** Asks for the tiles that come from now on in another way; `now` also for those that are there. */
  ask(question: TileQuestion, when: 'now' | 'later'): void {
    for (const layer of [this.areas, this.streets]) {
      layer.ask(question);
      if (when === 'now') layer.reload();
    }
  }

  retry(): void {
    this.areas.retry();
    this.streets.retry();
  }

  /** Lets go of everything that it listens to and of what it has asked for. */
  remove(): void {
    this.sizes.disconnect();
    this.map.remove();
  }

  private look(): Look {
    return { scene: this.scene, inks: this.inks };
  }

  private pane(name: string, zIndex: number): HTMLElement {
    const pane = this.map.createPane(name);
    pane.style.zIndex = String(zIndex);
    return pane;
  }

  private dim(): void {
    const { theme, mode, selected, historic } = this.scene;
    const pane = this.map.getPane('areas');
    if (pane) pane.style.opacity = String(theme.opacity[mode] * (selected || historic ? DIMMED : 1));
  }

  private listen(): void {
    const { map, events } = this;
    for (const layer of [this.areas, this.streets]) {
      layer.on('tiles tileunload', () => this.overlay.ask());
      layer.on('offline', () => events.offline(true));
      layer.on('online', () => events.offline(false));
    }
    map.on('moveend', () => events.move(this.position()));
    map.on('click', (event: L.LeafletMouseEvent) => this.clicked(event.latlng));
    // A finger leaves a mouse position behind that nobody hovers at.
    if (matchMedia('(hover: hover)').matches) map.on('mousemove', (event: L.LeafletMouseEvent) => this.hovered(event));
    map.on('mouseout zoomstart', () => this.hovered(null));
    map.on('keypress', (event: L.LeafletKeyboardEvent) => {
      if (event.originalEvent.key === 'Enter') this.clicked(map.getCenter());
    });
    // The mark in the middle is for those who steer by keys; Leaflet focuses the map for a mouse as well.
    const box = map.getContainer();
    box.addEventListener('keyup', () => box.classList.add('keyed'));
    box.addEventListener('pointerdown', () => box.classList.remove('keyed'));
    this.sizes.observe(map.getContainer());
  }

  private clicked(at: L.LatLng): void {
    if (this.drawer) return this.drawer(toLngLat(at));
    const metresPerPx = (40_075_016.7 * Math.cos((at.lat * Math.PI) / 180)) / (256 * 2 ** this.map.getZoom());
    // A hand misses a border by a few pixels, but two areas of a small-scale map are not one place.
    const toleranceM = Math.min(5, 4 * metresPerPx);
    const shape = pick(this.areas, this.map.project(at, this.areas.zoom()), this.scene);
    if (shape?.props.summary === true) {
      this.events.summary(String(shape.props.street));
      return;
    }
    this.events.click(toLngLat(at), toleranceM, shape?.props.code === undefined ? null : String(shape.props.code));
  }

  private hovered(event: L.LeafletMouseEvent | null): void {
    this.events.pointer(event ? toLngLat(event.latlng) : null);
    const shape = !event || this.drawer ? null : pick(this.areas, this.map.project(event.latlng, this.areas.zoom()), this.scene);
    const code = shape?.props.code === undefined ? null : String(shape?.props.code);
    if (code !== this.scene.hovered) {
      this.scene = { ...this.scene, hovered: code };
      this.overlay.ask();
      this.map.getContainer().classList.toggle('on-area', code !== null);
    }
    this.events.hover(event && shape ? { props: shape.props, x: event.containerPoint.x, y: event.containerPoint.y } : null);
  }
}

const widened = ([west, south, east, north]: BBox): L.LatLngBounds =>
  toBounds([west - TILE_MARGIN_DEG, south - TILE_MARGIN_DEG, east + TILE_MARGIN_DEG, north + TILE_MARGIN_DEG]);

const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
