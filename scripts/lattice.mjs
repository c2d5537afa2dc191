// Writes COUNT small areas as lines of GeoJSON: cells of one lattice inside the streets of the demonstration district, away from its areas.
// Neighbours share their borders corner by corner, so that a check for overlaps has real work and nothing to find.
//
//   node scripts/lattice.mjs DEMO COUNT > areas.geojsonl      DEMO: a folder written by `onemap demo --out`
import { createWriteStream, readFileSync } from 'node:fs';
import { once } from 'node:events';

const [demo, count] = [process.argv[2], Number(process.argv[3])];
if (!demo || !Number.isInteger(count)) throw new Error('lattice: DEMO and COUNT are needed');

/** Degrees times a million: sides of some 17 by 18 metres. */
const [WIDTH, HEIGHT] = [200, 160];
const features = (name) => JSON.parse(readFileSync(`${demo}/${name}.geojson`, 'utf8')).features;
const millionths = (degrees) => Math.round(degrees * 1e6);
const ringsOf = ({ type, coordinates }) => (type === 'Polygon' ? coordinates : coordinates.flat()).map((ring) => ring.map(([x, y]) => [millionths(x), millionths(y)]));

/** Columns where the lattice line of a row lies inside: pairs of first and last. */
function inside(rings, row) {
  const y = row * HEIGHT;
  const crossings = [];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [[x0, y0], [x1, y1]] = [ring[i - 1], ring[i]];
      if (y0 > y !== y1 > y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
  }
  crossings.sort((a, b) => a - b);
  const spans = [];
  for (let i = 1; i < crossings.length; i += 2) spans.push([Math.ceil(crossings[i - 1] / WIDTH), Math.floor(crossings[i] / WIDTH)]);
  return spans;
}

/** Cells that areas of the district may touch, by their boxes. */
const taken = new Set();
const cell = (column, row) => column * 1e7 + row;
for (const { geometry } of features('areas')) {
  const at = ringsOf(geometry).flat();
  const [xs, ys] = [at.map(([x]) => x), at.map(([, y]) => y)];
  for (let column = Math.floor(Math.min(...xs) / WIDTH) - 1; column <= Math.max(...xs) / WIDTH + 1; column++) {
    for (let row = Math.floor(Math.min(...ys) / HEIGHT) - 1; row <= Math.max(...ys) / HEIGHT + 1; row++) taken.add(cell(column, row));
  }
}

const out = createWriteStream('/dev/stdout');
let [written, lines] = [0, []];
async function flush() {
  if (lines.length > 0 && !out.write(lines.join(''))) await once(out, 'drain');
  lines = [];
}
streets: for (const { geometry, properties } of features('streets')) {
  const rings = ringsOf(geometry);
  const ys = rings.flat().map(([, y]) => y);
  for (let row = Math.ceil(Math.min(...ys) / HEIGHT); (row + 1) * HEIGHT <= Math.max(...ys); row++) {
    const above = inside(rings, row + 1);
    for (const [first, last] of inside(rings, row)) {
      for (let column = first; column < last; column++) {
        const covered = above.some(([from, until]) => from <= column && column + 1 <= until);
        if (!covered || taken.has(cell(column, row))) continue;
        if (written === count) break streets;
        const corner = (dx, dy) => `[${((column + dx) * WIDTH) / 1e6},${((row + dy) * HEIGHT) / 1e6}]`;
        const ring = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)].join(',');
        written += 1;
        lines.push(`{"type":"Feature","properties":{"名称":"测${written}","街道":"${properties.name}","管理类型":"委托管理"},"geometry":{"type":"Polygon","coordinates":[[${ring}]]}}\n`);
      }
    }
    if (lines.length > 20_000) await flush();
  }
}
await flush();
out.end();
if (written < count) throw new Error(`lattice: there is room for ${written} areas only`);
