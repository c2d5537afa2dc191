/** What somebody draws on the map, or has drawn: a pin, or a line with its corners. */
import type { LngLat } from '../types';
import { L, toLeaflet } from './leaflet';
import { readInks } from './scene';

export interface Drawing {
  kind: 'point' | 'line';
  points: readonly LngLat[];
}

const CORNER_PX = 5;

export class Sketch {
  private readonly group = L.layerGroup();
  private drawn: Drawing | null = null;

  constructor(private readonly map: L.Map) {
    this.group.addTo(map);
  }

  /** Shows a drawing in place of the one before; null takes it away. */
  show(drawing: Drawing | null): void {
    this.drawn = drawing;
    this.group.clearLayers();
    if (!drawing) return;
    const at = drawing.points.map(toLeaflet);
    const { accent, casing } = readInks();
    if (drawing.kind === 'point') {
      for (const point of at) this.group.addLayer(L.marker(point, { icon: L.divIcon({ className: 'pin', iconSize: [26, 26] }), interactive: false, keyboard: false }));
      return;
    }
    const line = (color: string, weight: number) => L.polyline(at, { color, weight, opacity: 1, interactive: false });
    for (const layer of [line(casing, 7), line(accent, 3.5), ...at.map((point) => L.circleMarker(point, { radius: CORNER_PX, color: casing, weight: 2, fillColor: accent, fillOpacity: 1, interactive: false }))]) this.group.addLayer(layer);
  }

  /** Whether presses on the map go to whoever draws. */
  drawing(on: boolean): void {
    this.map.getContainer().classList.toggle('sketching', on);
  }

  /** Reads the colours again, after light became dark. */
  recolour(): void {
    this.show(this.drawn);
  }
}
