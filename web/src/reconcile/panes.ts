/** Ours, theirs and the difference side by side, moved together; or one over the other with a slider between them. */
import { integer } from '../format';
import { fill, h } from '../ui/dom';
import { keepFocus } from './focus';
import { groundOf, pathOf, zoomed, type Ground, type Window } from './outlines';
import { t, type Key } from './texts';
import type { Case, Features } from './types';

const SVG = 'http://www.w3.org/2000/svg';
const STEP = 1.25;
const KINDS = ['ours', 'theirs', 'difference'] as const;
export type PaneKind = (typeof KINDS)[number];
const MODES = ['three', 'swipe', ...KINDS] as const;
export type Mode = (typeof MODES)[number];

function svg(tag: string, attributes: Record<string, string | number>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export class Panes {
  readonly element = h('section', { class: 'r-panes', 'aria-label': t('panes.label') });
  private mode: Mode = matchMedia('(max-width: 767px)').matches ? 'difference' : 'three';
  private one: Case | null = null;
  private ground: Ground | null = null;
  private seen: Window = { x: 0, y: 0, width: 1, height: 1 };
  private home: Window = this.seen;
  private share = 50;
  private drawings: SVGElement[] = [];

  show(one: Case | null): void {
    const found = one && groundOf(one);
    this.one = one;
    this.ground = found?.ground ?? null;
    if (found) this.seen = this.home = found.seen;
    this.render();
  }

  render(): void {
    const { one, ground } = this;
    this.drawings = [];
    const switcher = h('div', { class: 'r-modes', role: 'group', 'aria-label': t('panes.mode') }, ...MODES.map((mode) => h('button', { type: 'button', class: `r-mode ${mode}`, 'data-focus': `mode.${mode}`, 'aria-pressed': String(mode === this.mode), onclick: () => this.choose(mode) }, t(`panes.${mode}`))));
    const zoom = h('div', { class: 'r-zoom' }, ...([['panes.closer', '+', 1 / STEP], ['panes.further', '−', STEP]] as const).map(([label, sign, factor]) => h('button', { type: 'button', class: 'r-mode', 'aria-label': t(label), title: t(label), onclick: () => this.zoom(factor, [0.5, 0.5]) }, sign)), h('button', { type: 'button', class: 'r-mode', 'data-focus': 'fit', onclick: () => this.look(this.home) }, t('panes.fit')));
    const body = !one ? h('p', { class: 'r-none' }, t('panes.none')) : !ground ? h('p', { class: 'r-none' }, t('panes.no_place')) : this.mode === 'swipe' ? this.swipe(one, ground) : h('div', { class: `r-grid ${this.mode}` }, ...KINDS.filter((kind) => this.mode === 'three' || this.mode === kind).map((kind) => this.pane(kind, one, ground)));
    keepFocus(this.element, () => fill(this.element, h('div', { class: 'r-panes-bar' }, switcher, zoom), body));
    this.look(this.seen);
  }

  private choose(mode: Mode): void {
    this.mode = mode;
    this.render();
  }

  private pane(kind: PaneKind, one: Case, ground: Ground): HTMLElement {
    const { ours, theirs, difference } = one.geometry;
    const m2 = (side: string) => difference.features.reduce((sum, { properties }) => sum + (properties.side === side ? (properties.m2 ?? 0) : 0), 0);
    const note = kind === 'difference' ? t('panes.only', { ours: integer(m2('ours')), theirs: integer(m2('theirs')) }) : t(kind === 'ours' ? 'panes.count_ours' : 'panes.count_theirs', { n: (kind === 'ours' ? ours : theirs).features.length });
    const parts = kind === 'ours' ? paths(ours, ground, 'ours') : kind === 'theirs' ? paths(theirs, ground, 'theirs') : [...paths(ours, ground, 'ours line'), ...paths(theirs, ground, 'theirs line'), ...differences(difference, ground)];
    return h('figure', { class: `r-pane ${kind}` }, this.drawing(one, ground, parts, `panes.${kind}`), h('figcaption', {}, h('b', {}, t(`panes.${kind}`)), h('span', { class: 'num' }, note)));
  }

  private swipe(one: Case, ground: Ground): HTMLElement {
    const before = this.drawing(one, ground, paths(one.geometry.ours, ground, 'ours'), 'panes.ours');
    const after = this.drawing(one, ground, paths(one.geometry.theirs, ground, 'theirs'), 'panes.theirs');
    after.classList.add('over');
    const cut = () => {
      after.style.clipPath = `inset(0 0 0 ${this.share}%)`;
      line.style.left = `${this.share}%`;
    };
    const line = h('span', { class: 'r-cut', 'aria-hidden': 'true' });
    const slider = h('input', { type: 'range', min: 0, max: 100, value: this.share, class: 'r-slider', 'aria-label': t('panes.slider'), oninput: () => { this.share = Number(slider.value); cut(); } });
    cut();
    return h('div', { class: 'r-swipe' }, h('div', { class: 'r-stack' }, before, after, line), h('div', { class: 'r-swipe-foot' }, h('b', { class: 'ours' }, t('panes.ours')), slider, h('b', { class: 'theirs' }, t('panes.theirs'))));
  }

  private drawing(one: Case, ground: Ground, parts: Node[], label: Key): SVGElement {
    const drawing = svg('svg', { class: 'r-drawing', role: 'img', 'aria-label': t(label), preserveAspectRatio: 'xMidYMid meet' }, ...paths(one.geometry.neighbours, ground, 'neighbour'), ...parts);
    drawing.addEventListener('wheel', (event) => {
      event.preventDefault();
      const { left, top, width, height } = drawing.getBoundingClientRect();
      this.zoom(event.deltaY > 0 ? STEP : 1 / STEP, [(event.clientX - left) / width, (event.clientY - top) / height]);
    }, { passive: false });
    drawing.addEventListener('pointerdown', (down) => this.drag(drawing, down));
    this.drawings.push(drawing);
    return drawing;
  }

  private drag(drawing: SVGElement, down: PointerEvent): void {
    const { width, height } = drawing.getBoundingClientRect();
    const from = this.seen;
    const metresPerPx = Math.max(from.width / width, from.height / height);
    drawing.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent) => this.look({ ...from, x: from.x - (event.clientX - down.clientX) * metresPerPx, y: from.y - (event.clientY - down.clientY) * metresPerPx });
    drawing.addEventListener('pointermove', move);
    for (const end of ['pointerup', 'pointercancel']) drawing.addEventListener(end, () => drawing.removeEventListener('pointermove', move), { once: true });
  }

  private zoom(factor: number, at: readonly [number, number]): void {
    this.look(zoomed(this.seen, factor, at));
  }

  /** All drawings look at the same ground. */
  private look(seen: Window): void {
    this.seen = seen;
    for (const drawing of this.drawings) drawing.setAttribute('viewBox', `${seen.x} ${seen.y} ${seen.width} ${seen.height}`);
  }
}

const paths = ({ features }: Features, ground: Ground, kind: string): SVGElement[] =>
  features.map((feature) => {
    const title = document.createElementNS(SVG, 'title');
    title.textContent = [feature.properties.name, feature.properties.code ?? feature.properties.row].filter(Boolean).join(' · ');
    return svg('path', { class: `r-shape ${kind}`, d: pathOf(feature, ground), 'vector-effect': 'non-scaling-stroke', 'fill-rule': 'evenodd' }, title);
  });

const differences = ({ features }: Features, ground: Ground): SVGElement[] =>
  features.map((feature) => svg('path', { class: `r-shape only ${feature.properties.side ?? ''}`, d: pathOf(feature, ground), 'vector-effect': 'non-scaling-stroke', 'fill-rule': 'evenodd' }));
