/** Vector tile bytes to shapes in CSS pixels of their tile. */
import { VectorTile, type VectorTileFeature } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';

export const TILE_PX = 256;

export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** A polygon of a tile. */
export interface Shape {
  id: number;
  props: Record<string, string | number | boolean>;
  path: Path2D;
  box: Box;
}

/** A labelled point of a tile. */
export interface Spot {
  x: number;
  y: number;
  props: Record<string, string | number | boolean>;
}

export interface Decoded {
  shapes: Map<string, Shape[]>;
  spots: Spot[];
}

const POINT = 1;
const POLYGON = 3;

/** Polygons by layer, and the points of the layer `labels`. */
export function decode(bytes: Uint8Array): Decoded {
  const shapes = new Map<string, Shape[]>();
  const spots: Spot[] = [];
  for (const [name, layer] of Object.entries(new VectorTile(new PbfReader(bytes)).layers)) {
    const scale = TILE_PX / layer.extent;
    const found: Shape[] = [];
    for (let i = 0; i < layer.length; i++) {
      const feature = layer.feature(i);
      if (feature.type === POLYGON) found.push(shape(feature, scale));
      else if (feature.type === POINT && name === 'labels') spots.push(...points(feature, scale));
    }
    if (found.length > 0) shapes.set(name, found);
  }
  return { shapes, spots };
}

function points(feature: VectorTileFeature, scale: number): Spot[] {
  const props = feature.properties;
  return feature.loadGeometry().flat().map(({ x, y }) => ({ x: x * scale, y: y * scale, props }));
}

function shape(feature: VectorTileFeature, scale: number): Shape {
  const path = new Path2D();
  const box: Box = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  for (const ring of feature.loadGeometry()) {
    ring.forEach((point, index) => {
      const [x, y] = [point.x * scale, point.y * scale];
      if (index === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
      box.x0 = Math.min(box.x0, x);
      box.y0 = Math.min(box.y0, y);
      box.x1 = Math.max(box.x1, x);
      box.y1 = Math.max(box.y1, y);
    });
    path.closePath();
  }
  return { id: feature.id ?? 0, props: feature.properties, path, box };
}
