/** Names on the map: streets at middle zooms, areas close up. */
import { holds } from './areas';
import { TILE_PX } from './decode';
import type { Rect } from './map';
import type { Frame } from './overlay';
import { place, wrap, type Candidate } from './place';
import { passes, type Ground, type Look } from './scene';
import type { VectorLayer } from './vector';

const STREET_ZOOMS = [10, 14] as const;
const AREA_ZOOM = 15;
/** Up to this zoom a street goes by its short name. */
const SHORT_ZOOM = 11;
const GAP_PX = 5;
/** At far zooms street names stand wider apart: the areas between them are the map. */
const FAR_GAP_PX = 9;
/** Longer names never stand in one line. */
const WRAP_CHARS = 8;
/** Shorter names never stand in two. */
const SHORT_CHARS = 4;
/** Glyphs do not fill their line; the corners that are tested lie a little inside. */
const CORNER_SHARE = 0.75;
const FAMILY = '"PingFang SC","Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei",system-ui,sans-serif';

interface Label extends Candidate {
  font: string;
  lineHeight: number;
  colour: string;
}

const measured = new Map<string, number>();

function measure(ctx: CanvasRenderingContext2D, font: string, text: string): number {
  const key = font + text;
  let width = measured.get(key);
  if (width === undefined) {
    ctx.font = font;
    width = ctx.measureText(text).width;
    measured.set(key, width);
  }
  return width;
}

export function drawLabels(frame: Frame, layers: { areas: VectorLayer; streets: VectorLayer }, look: Look<Ground>, covers: readonly Rect[]): void {
  const { ctx, origin, size, margin } = frame;
  const corner = origin.add(margin);
  const taken = covers.map(({ left, top, right, bottom }) => ({ x: corner.x + (left + right) / 2, y: corner.y + (top + bottom) / 2, width: right - left, height: bottom - top }));
  const gap = frame.zoom <= SHORT_ZOOM ? FAR_GAP_PX : GAP_PX;
  const labels = place([...streetLabels(frame, layers.streets, look), ...areaLabels(frame, layers.areas, look)], gap, taken);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.setLineDash([]);
  for (const label of labels) {
    const [x, y] = [label.x - origin.x, label.y - origin.y];
    if (x < -label.width || y < -label.height || x > size.x + label.width || y > size.y + label.height) continue;
    ctx.font = label.font;
    ctx.strokeStyle = look.inks.halo;
    ctx.lineWidth = 3.5;
    ctx.fillStyle = label.colour;
    label.lines.forEach((line, index) => {
      const lineY = y + (index - (label.lines.length - 1) / 2) * label.lineHeight;
      ctx.strokeText(line, x, lineY);
      ctx.fillText(line, x, lineY);
    });
  }
}

function streetLabels({ ctx, zoom }: Frame, layer: VectorLayer, { scene, inks }: Look<Ground>): Label[] {
  const level = Math.round(zoom);
  if (level < STREET_ZOOMS[0] || level > STREET_ZOOMS[1]) return [];
  const px = level <= SHORT_ZOOM ? 12 : 13;
  const unit = layer.unit();
  const labels: Label[] = [];
  for (const tile of layer.current()) {
    for (const spot of tile.data.spots) {
      const name = String(spot.props.name);
      const text = level <= SHORT_ZOOM ? name.replace(/(街道|地区|乡)$/, '') : name;
      const chosen = spot.props.code === scene.street;
      const font = `${chosen ? 600 : 500} ${px}px ${FAMILY}`;
      labels.push({
        id: String(spot.props.code),
        lines: [text],
        x: (tile.coords.x * TILE_PX + spot.x) / unit,
        y: (tile.coords.y * TILE_PX + spot.y) / unit,
        width: measure(ctx, font, text),
        height: px,
        rank: chosen ? 0 : 1,
        font,
        lineHeight: px,
        colour: chosen ? inks.accent : inks.streetLabel,
      });
    }
  }
  return labels;
}

function areaLabels({ ctx, zoom }: Frame, layer: VectorLayer, { scene, inks }: Look<Ground>): Label[] {
  const level = Math.round(zoom);
  if (level < AREA_ZOOM) return [];
  const unit = layer.unit();
  const px = level >= 17 ? 13 : 12;
  const lineHeight = px + 3;
  const labels: Label[] = [];
  for (const tile of layer.current()) {
    for (const spot of tile.data.spots) {
      const code = String(spot.props.code);
      const shape = tile.data.shapes.get('areas')?.find(({ props }) => props.code === code);
      if (!shape || !passes(scene, shape)) continue;
      const chosen = code === scene.selected;
      const font = `${chosen ? 600 : 400} ${px}px ${FAMILY}`;
      const [x, y] = [tile.coords.x * TILE_PX + spot.x, tile.coords.y * TILE_PX + spot.y];
      // The banner says that the data is invented; on the map the mark would only push names out.
      const name = String(spot.props.name).replace(/[(（]演示[)）]$/, '');
      const forms = [name.length <= WRAP_CHARS ? [name] : null, wrap(name, SHORT_CHARS)].filter((lines): lines is string[] => lines !== null);
      for (const lines of forms) {
        const width = Math.max(...lines.map((line) => measure(ctx, font, line)));
        const height = lines.length * lineHeight;
        if (!chosen && !holds(layer, code, corners(x, y, width * unit, height * unit))) continue;
        labels.push({ id: code, lines, x: x / unit, y: y / unit, width, height, rank: chosen ? 0 : 1 + Number(spot.props.rank ?? 5), font, lineHeight, colour: inks.ink });
        break;
      }
    }
  }
  return labels;
}

/** Points around a text: where it would first reach over a border. */
function corners(x: number, y: number, width: number, height: number): [number, number][] {
  const [dx, dy] = [width / 2, (height / 2) * CORNER_SHARE];
  return [[x - dx, y - dy], [x - dx, y + dy], [x + dx, y - dy], [x + dx, y + dy], [x, y - dy], [x, y + dy]];
}
