/** A line over months, drawn as SVG: points, their values at the ends, and the table of all of them for whoever does not see. */
import { h } from '../ui/dom';
import { scale } from './scale';

export interface Point {
  date: string;
  value: number | null;
  /** What is told of the point. */
  text: string;
}

export interface Line {
  name: string;
  kind: string;
  points: readonly Point[];
}

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 44;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 28;
const SPACE = 'http://www.w3.org/2000/svg';

function svg(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export interface Chart {
  label: string;
  lines: readonly Line[];
  /** How a value on the left edge is written. */
  tick: (value: number) => string;
  /** The lowest value of the scale, null for what fits the lines. */
  least: number | null;
  /** Counts, which have no decimals. */
  whole: boolean;
}

export function chart({ label, lines, tick, least, whole }: Chart): HTMLElement {
  const dates = lines[0]?.points.map(({ date }) => date) ?? [];
  const values = lines.flatMap(({ points }) => points.flatMap(({ value }) => value ?? []));
  const { from, to, step } = scale(values, least, whole);
  const x = (at: number) => LEFT + (dates.length < 2 ? 0 : (at / (dates.length - 1)) * (WIDTH - LEFT - RIGHT));
  const y = (value: number) => TOP + (1 - (value - from) / (to - from)) * (HEIGHT - TOP - BOTTOM);
  const grid: SVGElement[] = [];
  for (let value = from; value <= to + step / 2; value += step) {
    grid.push(svg('line', { class: 'c-grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }), svg('text', { class: 'c-tick', x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, tick(value)));
  }
  const every = Math.max(1, Math.ceil(dates.length / 6));
  const months = dates.flatMap((date, at) => (at % every === 0 && (at === 0 || at <= dates.length - every / 2) ? [svg('text', { class: 'c-tick', x: x(at), y: HEIGHT - 8, 'text-anchor': at === 0 ? 'start' : 'middle' }, date.slice(0, 7))] : []));
  const drawn = lines.flatMap(({ points, kind }) => {
    const known = points.flatMap(({ value, text, date }, at) => (value === null ? [] : [{ at, value, text, date }]));
    const last = known[known.length - 1];
    const path = known.map(({ at, value }, index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('');
    return [
      svg('path', { class: `c-line ${kind}`, d: path }),
      ...known.map(({ at, value, text, date }) => svg('circle', { class: `c-dot ${kind}`, cx: x(at).toFixed(1), cy: y(value).toFixed(1), r: at === last?.at ? 4 : 2.5 }, svg('title', {}, `${date} ${text}`))),
    ];
  });
  const table = h(
    'table',
    { class: 'sr-only' },
    h('caption', {}, label),
    h('tbody', {}, ...dates.map((date, at) => h('tr', {}, h('th', { scope: 'row' }, date), ...lines.map(({ points }) => h('td', {}, points[at]?.text ?? ''))))),
  );
  const key = lines.length > 1 && h('ul', { class: 'c-key' }, ...lines.map(({ name, kind }) => h('li', {}, h('span', { class: `c-mark ${kind}` }), name)));
  return h('figure', { class: 'k-chart' }, svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label }, ...grid, ...months, ...drawn), key, table);
}
