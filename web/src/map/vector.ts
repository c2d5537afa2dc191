/** A Leaflet layer that fetches vector tiles and draws them on canvases. */
import { ApiError, isAbort, PRESENT, tile as fetchTile, tilePath, type TileQuestion } from '../api';
import { decode, TILE_PX, type Decoded } from './decode';
import { L } from './leaflet';

/** A tile on the map. */
export interface LoadedTile {
  coords: L.Coords;
  canvas: HTMLCanvasElement;
  data: Decoded;
}

/** How a tile is drawn: device pixels a tile pixel, and tile pixels a pixel of the screen (not 1 between two whole zooms). */
export interface Scale {
  ratio: number;
  unit: number;
}

type Draw = (ctx: CanvasRenderingContext2D, tile: LoadedTile, scale: Scale) => void;

/** Tiles reach one pixel over their right and lower neighbour, so that no hairline shows where scaled tiles meet. */
const SPAN_PX = TILE_PX + 1;

/** A tile that Leaflet has on the map, whether drawn, empty or on its way. */
interface Slot {
  coords: L.Coords;
  canvas: HTMLCanvasElement;
  done: L.DoneCallback;
}

/** Fires `tiles` whenever a tile came or went, and `offline` / `online` when the server stops or starts to answer. */
export class VectorLayer extends L.GridLayer {
  readonly tiles = new Map<string, LoadedTile>();
  private readonly slots = new Map<string, Slot>();
  private readonly pending = new Map<string, AbortController>();
  private readonly failed = new Set<string>();
  private question: TileQuestion = { asOf: PRESENT, version: undefined };
  private drawnUnit = 1;

  constructor(
    private readonly source: string,
    private readonly paint: Draw,
    options: L.GridLayerOptions,
  ) {
    super({ tileSize: TILE_PX, updateWhenZooming: false, updateWhenIdle: false, keepBuffer: 1, ...options });
    this.on('tileunload', (event: L.TileEvent) => this.forget(event.coords));
    // Leaflet sets the size of a tile after it was made.
    this.on('tileloadstart', ({ tile }: L.TileEvent) => {
      tile.style.width = tile.style.height = `${SPAN_PX}px`;
    });
  }

  override onAdd(map: L.Map): this {
    map.on('zoomend', () => this.unit() !== this.drawnUnit && this.repaint());
    return super.onAdd(map);
  }

  override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'presentation');
    const slot = { coords, canvas, done };
    this.slots.set(keyOf(coords), slot);
    void this.load(slot);
    return canvas;
  }

  /** Draws every tile again from what it holds. */
  repaint(): void {
    this.drawnUnit = this.unit();
    for (const tile of this.tiles.values()) this.drawTile(tile);
  }

  /** Tiles that come from now on answer this question. */
  ask(question: TileQuestion): void {
    this.question = question;
  }

  /** Asks for every tile again; each stays as it is until the new one is there, so that nothing flashes. */
  reload(): void {
    for (const slot of this.slots.values()) void this.load(slot);
  }

  /** Asks again for the tiles that did not come. */
  retry(): void {
    const again = [...this.failed].flatMap((key) => this.slots.get(key) ?? []);
    this.failed.clear();
    for (const slot of again) void this.load(slot);
  }

  /** Tiles of the zoom that is shown. */
  current(): LoadedTile[] {
    const zoom = this.zoom();
    return [...this.tiles.values()].filter((tile) => tile.coords.z === zoom);
  }

  zoom(): number {
    return Math.round(this._map.getZoom());
  }

  /** Tile pixels a pixel of the screen: 1 at whole zooms. */
  unit(): number {
    return 2 ** (this.zoom() - this._map.getZoom());
  }

  private async load({ coords, canvas, done }: Slot): Promise<void> {
    const key = keyOf(coords);
    const abort = new AbortController();
    this.pending.get(key)?.abort();
    this.pending.set(key, abort);
    this.failed.delete(key);
    try {
      const bytes = await fetchTile(tilePath(this.source, coords, this.question), abort.signal);
      if (abort.signal.aborted) return;
      if (bytes) {
        const tile = { coords, canvas, data: decode(bytes) };
        this.tiles.set(key, tile);
        this.drawTile(tile);
      } else this.wipe(key, canvas);
      this.fire('online');
      done(undefined, canvas);
    } catch (error) {
      if (isAbort(error)) return;
      // What is drawn may answer an earlier question: an empty tile is better than one of another day.
      this.wipe(key, canvas);
      // No tile is there (404) is an answer; anything else is worth another try.
      if (error instanceof ApiError && error.notFound) return done(error, canvas);
      // Without `done` Leaflet keeps the tiles of the zoom before under this one.
      this.failed.add(key);
      this.fire('offline');
    } finally {
      if (this.pending.get(key) === abort) this.pending.delete(key);
      this.fire('tiles');
    }
  }

  private wipe(key: string, canvas: HTMLCanvasElement): void {
    if (this.tiles.delete(key)) canvas.width = canvas.height = 0;
  }

  private drawTile(tile: LoadedTile): void {
    const unit = this.unit();
    // At fractional densities and zooms the canvas is rounded up to whole device pixels.
    const side = Math.ceil((SPAN_PX * Math.max(1, devicePixelRatio)) / unit);
    const { canvas } = tile;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const ctx = canvas.getContext('2d');
    if (!ctx) return;
    const ratio = side / SPAN_PX;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, side, side);
    ctx.scale(ratio, ratio);
    ctx.lineJoin = 'round';
    this.paint(ctx, tile, { ratio, unit });
  }

  private forget(coords: L.Coords): void {
    const key = keyOf(coords);
    this.pending.get(key)?.abort();
    this.pending.delete(key);
    this.slots.delete(key);
    this.failed.delete(key);
    this.tiles.delete(key);
  }
}

const keyOf = ({ z, x, y }: L.Coords): string => `${z}/${x}/${y}`;
