/** One canvas over the whole map for what must not be cut by a tile edge: the marked areas and the labels. */
import { L } from './leaflet';

/** Share of the map's size by which the canvas reaches over its edges, so that a small move shows no bare strip. */
const MARGIN = 0.15;

export interface Frame {
  ctx: CanvasRenderingContext2D;
  ratio: number;
  zoom: number;
  /** Global pixel of the canvas's upper left corner at this zoom. */
  origin: L.Point;
  size: L.Point;
  /** Where the map's upper left corner stands on the canvas. */
  margin: L.Point;
}

export class Overlay extends L.Layer {
  private canvas!: HTMLCanvasElement;
  private topLeft = L.point(0, 0);
  private drawnZoom = 0;
  private asked = 0;
  private animating = false;

  constructor(
    private readonly draw: (frame: Frame) => void,
    pane: string,
  ) {
    super({ pane });
  }

  override onAdd(map: L.Map): this {
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'leaflet-zoom-animated';
    this.canvas.setAttribute('aria-hidden', 'true');
    this.getPane()?.append(this.canvas);
    map.on('moveend resize viewreset', () => this.redraw());
    map.on('zoomanim', ({ center, zoom }: L.ZoomAnimEvent) => this.scaleTo(center, zoom));
    map.on('zoom', () => this.scaleTo(map.getCenter(), map.getZoom()));
    map.on('zoomstart', () => (this.animating = true));
    map.on('zoomend', () => {
      this.animating = false;
      this.ask();
    });
    this.ask();
    return this;
  }

  override onRemove(): this {
    cancelAnimationFrame(this.asked);
    this.canvas.remove();
    return this;
  }

  /** Draws in the next frame, however often it is asked. */
  ask(): void {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (!this.animating) this.redraw();
    });
  }

  private redraw(): void {
    const map = this._map;
    if (!map || this.animating) return;
    const view = map.getSize();
    const margin = view.multiplyBy(MARGIN).round();
    const size = view.add(margin.multiplyBy(2));
    const ratio = Math.max(1, devicePixelRatio);
    const layerPoint = map.containerPointToLayerPoint(margin.multiplyBy(-1)).round();
    const { canvas } = this;
    const [width, height] = [Math.round(size.x * ratio), Math.round(size.y * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [width, height];
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    const ctx = canvas.getContext('2d');
    if (!ctx) return;
    L.DomUtil.setTransform(canvas, layerPoint, 1);
    this.drawnZoom = map.getZoom();
    this.topLeft = layerPoint.add(map.getPixelOrigin());
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, size.x, size.y);
    this.draw({ ctx, ratio, zoom: this.drawnZoom, origin: this.topLeft, size, margin });
  }

  /** Stretches what is drawn to another zoom, as Leaflet does with its tiles. */
  private scaleTo(center: L.LatLng, zoom: number): void {
    const map = this._map;
    const scale = map.getZoomScale(zoom, this.drawnZoom);
    const paneAt = L.DomUtil.getPosition(map.getPanes().mapPane);
    const pixelOrigin = map.project(center, zoom).subtract(map.getSize().divideBy(2)).add(paneAt).round();
    const corner = map.project(map.unproject(this.topLeft, this.drawnZoom), zoom);
    L.DomUtil.setTransform(this.canvas, corner.subtract(pixelOrigin), scale);
  }
}
