/** The map of a draft: the register in grey, the outlines of the delivery over it. */
import { PRESENT } from '../api';
import type { BBox, LngLat, Register } from '../types';
import { drawDraft, drawDraftMarks, readDraftInks, type DraftInks, type DraftShape, type Marks } from './draft-paint';
import { extent, holds, toWorld } from './draft-shapes';
import { drawLabels } from './labels';
import { L, toBounds, toLeaflet, toLngLat } from './leaflet';
import { Overlay } from './overlay';
import { patternOf } from './pattern';
import { readInks, type Ground, type Inks } from './scene';
import { drawStreets } from './streets';
import { VectorLayer, type LoadedTile, type Scale } from './vector';

const MAX_ZOOM = 18;
/** The map may be moved this far beyond the district: what lies wrong lies anywhere. */
const ROAM_SHARE = 8;
const FIT_PX = 24;
/** What a finding is about is shown with as much of its surroundings. */
const AROUND = 0.6;

export interface DraftMapEvents {
  /** The rows under a click, the topmost first; none where no outline is. */
  choose(rows: number[]): void;
  hover(row: number | null, x: number, y: number): void;
}

export class DraftMap {
  private readonly map: L.Map;
  private readonly overlay: Overlay;
  private readonly areas: VectorLayer;
  private readonly streets: VectorLayer;
  private readonly sizes = new ResizeObserver(() => this.map.invalidateSize({ pan: false }));
  private inks: Inks = readInks();
  private draftInks: DraftInks = readDraftInks();
  private shapes: readonly DraftShape[] = [];
  private shown: readonly DraftShape[] = [];
  private marks: Marks = { row: null, hovered: null, place: null };
  private vanished: ReadonlySet<string> = new Set();
  private readonly ground: Ground = { classes: new Set(), street: null, codes: null, selected: null };

  constructor(
    element: HTMLElement,
    register: Register,
    private readonly events: DraftMapEvents,
  ) {
    const district = toBounds(register.district.bbox);
    this.map = L.map(element, { zoomControl: false, attributionControl: false, fadeAnimation: false, zoomAnimation: !still(), minZoom: 8, maxZoom: MAX_ZOOM, zoomSnap: 0.25, maxBounds: district.pad(ROAM_SHARE), bounceAtZoomLimits: false });
    for (const [name, z] of [['streets', 210], ['areas', 220], ['marks', 450]] as const) this.map.createPane(name).style.zIndex = String(z);
    const options = { minZoom: 0, maxNativeZoom: MAX_ZOOM, bounds: district.pad(0.02) };
    this.streets = new VectorLayer('streets', (ctx, tile, scale) => drawStreets(ctx, tile, scale, { scene: this.ground, inks: this.inks }), { ...options, pane: 'streets' });
    this.areas = new VectorLayer('areas', (ctx, tile, scale) => this.drawRegister(ctx, tile, scale), { ...options, pane: 'areas' });
    for (const layer of [this.areas, this.streets]) layer.ask({ asOf: PRESENT, version: register.version });
    this.overlay = new Overlay((frame) => {
      drawDraft(frame, this.shown, this.draftInks);
      drawLabels(frame, { areas: this.areas, streets: this.streets }, { scene: this.ground, inks: this.inks }, []);
      drawDraftMarks(frame, this.shapes, this.marks, this.draftInks);
    }, 'marks');
    this.fit(register.district.bbox, false);
    for (const layer of [this.streets, this.areas, this.overlay]) layer.addTo(this.map);
    this.listen();
  }

  /** The outlines, and which kinds of change are hidden. */
  draw(shapes: readonly DraftShape[], hidden: ReadonlySet<string>, vanished: ReadonlySet<string>): void {
    this.shapes = shapes;
    this.shown = shapes.filter(({ kind }) => !hidden.has(kind));
    this.vanished = hidden.has('vanished') ? new Set() : vanished;
    this.areas.repaint();
    this.overlay.ask();
  }

  mark(patch: Partial<Marks>): void {
    this.marks = { ...this.marks, ...patch };
    this.overlay.ask();
  }

  /** Moves to a piece of ground, or else to a point. */
  goTo(geometries: readonly unknown[], at: LngLat | null): void {
    // The text below it may just have grown.
    this.map.invalidateSize({ pan: false, animate: false });
    const box = extent(geometries);
    if (box) this.map.fitBounds(toBounds(box).pad(AROUND), { maxZoom: MAX_ZOOM, animate: !still() });
    else if (at) this.map.setView(toLeaflet(at), Math.max(this.map.getZoom(), 17), { animate: !still() });
  }

  fit(bbox: BBox, animate = true): void {
    this.map.fitBounds(toBounds(bbox), { padding: [FIT_PX, FIT_PX], maxZoom: 17, animate: animate && !still() });
  }

  zoomBy(levels: number): void {
    this.map.setZoom(Math.round(this.map.getZoom()) + levels);
  }

  /** Reads the colours again, after light became dark. */
  recolour(): void {
    this.inks = readInks();
    this.draftInks = readDraftInks();
    for (const layer of [this.streets, this.areas]) layer.repaint();
    this.overlay.ask();
  }

  close(): void {
    this.sizes.disconnect();
    // Its layers must hear no more of it once it is gone.
    this.map.off();
    this.map.remove();
  }

  /** What the register holds: grey outlines; what vanishes is dashed and hatched. */
  private drawRegister(ctx: CanvasRenderingContext2D, tile: LoadedTile, { ratio, unit }: Scale): void {
    const hatch = patternOf(ctx, { fill: '', stroke: '', widthPx: 0, dashPx: [], pattern: { kind: 'hatch', color: this.draftInks.vanished } }, ratio);
    for (const { path, props } of tile.data.shapes.get('areas') ?? []) {
      const gone = this.vanished.has(String(props.code));
      ctx.setLineDash(gone ? [5 * unit, 4 * unit] : []);
      ctx.strokeStyle = gone ? this.draftInks.vanished : this.inks.mutedLine;
      ctx.lineWidth = (gone ? 1.75 : 1) * unit;
      if (gone && hatch) {
        ctx.fillStyle = hatch;
        ctx.fill(path, 'evenodd');
      }
      ctx.stroke(path);
    }
  }

  private listen(): void {
    const { map } = this;
    for (const layer of [this.areas, this.streets]) layer.on('tiles tileunload', () => this.overlay.ask());
    map.on('click', (event: L.LeafletMouseEvent) => this.events.choose(this.under(event.latlng)));
    map.on('keypress', (event: L.LeafletKeyboardEvent) => event.originalEvent.key === 'Enter' && this.events.choose(this.under(map.getCenter())));
    if (matchMedia('(hover: hover)').matches) map.on('mousemove', (event: L.LeafletMouseEvent) => this.hovered(this.under(event.latlng)[0] ?? null, event.containerPoint));
    map.on('mouseout zoomstart', () => this.hovered(null, L.point(0, 0)));
    const box = map.getContainer();
    box.addEventListener('keyup', () => box.classList.add('keyed'));
    box.addEventListener('pointerdown', () => box.classList.remove('keyed'));
    this.sizes.observe(box);
  }

  private hovered(row: number | null, { x, y }: L.Point): void {
    if (row !== this.marks.hovered) {
      this.mark({ hovered: row });
      this.map.getContainer().classList.toggle('on-area', row !== null);
    }
    this.events.hover(row, x, y);
  }

  /** Smaller outlines lie over larger ones. */
  private under(at: L.LatLng): number[] {
    const point = toWorld(toLngLat(at));
    const size = ({ box }: DraftShape) => (box[2] - box[0]) * (box[3] - box[1]);
    return this.shown.filter((shape) => holds(shape, point)).sort((a, b) => size(a) - size(b)).map(({ row }) => row);
  }
}

const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
