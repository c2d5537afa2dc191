/** What frames the map: banner, top bar, the buttons at the lower right, the lines at the lower left, the tag at the pointer. */
import { degrees } from '../format';
import { pick, t } from '../i18n';
import type { Hover } from '../map/map';
import { change, state } from '../state';
import { classOf } from '../style';
import type { LngLat, Register, Theme } from '../types';
import { may } from '../session';
import { accountMenu } from './account-menu';
import { dateControl } from './asof';
import { byId, fill, h } from './dom';
import { icon, type IconName } from './icons';
import { credits, dateText, labelText } from './map-label';
import { settings } from './settings';
import { swatch } from './swatch';

export function renderBanner(register: Register): void {
  const banner = byId('banner');
  banner.hidden = !register.demo;
  banner.setAttribute('role', 'note');
  fill(banner, h('b', {}, t('demo.banner')), h('span', {}, t('demo.text')));
}

/** The register that is published, and the one of the day shown. */
export interface Registers {
  present: Register;
  shown: Register;
}

/** The top bar. Before the register has answered it has the product's name only. */
export function renderTop(registers: Registers | null, search: HTMLElement): void {
  const { panelOpen } = state();
  const menu = h(
    'button',
    {
      type: 'button',
      class: 'icon-button menu-button',
      'aria-label': t('panel.open'),
      title: t('panel.open'),
      'aria-expanded': String(panelOpen),
      'aria-controls': 'panel',
      onclick: () => change({ panelOpen: !state().panelOpen }),
    },
    icon('layers'),
  );
  const mark = h('span', { class: 'mark', 'aria-hidden': 'true' }, icon('base'));
  const brand = h('a', { class: 'brand', href: '/', onclick: goHome }, mark, h('span', { class: 'brand-text' }, h('b', {}, t('title')), registers && h('small', { lang: 'zh-CN' }, registers.present.district.name)));
  const date = registers && dateControl(registers.present, registers.shown);
  const top = byId('top');
  // The search box stays in the page: moving it would take the focus and the open keyboard away.
  if (!top.contains(search)) fill(top, h('div', { class: 'top-start' }), search, h('div', { class: 'top-end' }));
  const start = top.querySelector('.top-start');
  const end = top.querySelector('.top-end');
  if (start) fill(start, menu, h('h1', {}, brand));
  if (!end || !date) return;
  // A keyboard on a button that is made anew stays with it.
  const held = end.contains(document.activeElement) ? document.activeElement?.className : undefined;
  const deliveries = may('deliver') && h('a', { class: 'plain-button deliveries-link', href: '/deliveries', title: t('deliveries.open') }, icon('inbox'), h('span', {}, t('deliveries.short')));
  fill(end, date.chip, deliveries, ...settings(), accountMenu());
  if (held) [...end.children].find((child): child is HTMLElement => child instanceof HTMLElement && child.className === held)?.focus();
  if (!top.contains(date.box)) top.append(date.box);
}

function goHome(event: MouseEvent): void {
  event.preventDefault();
  change({ focus: null, street: null, theme: null, classes: [], position: null, on: null, known: null });
}

export interface CornerEvents {
  zoom: (levels: number) => void;
  locate: (button: HTMLElement) => void;
  base: (on: boolean) => void;
}

let baseOn = false;

export function renderCorner(register: Register, events: CornerEvents): void {
  const tool = (sign: IconName, name: string, run: (button: HTMLElement) => void, extra: Record<string, string> = {}) => {
    const button: HTMLElement = h('button', { type: 'button', class: 'tool', 'aria-label': name, title: name, ...extra, onclick: () => run(button) }, icon(sign));
    return button;
  };
  const base =
    register.base_layer &&
    tool(
      'base',
      t('tool.base'),
      (button) => {
        baseOn = !baseOn;
        button.setAttribute('aria-pressed', String(baseOn));
        events.base(baseOn);
      },
      { 'aria-pressed': String(baseOn) },
    );
  const legendChip = h('button', { type: 'button', class: 'legend-chip', onclick: () => change({ panelOpen: true }) }, icon('layers'), t('legend.title'));
  const full = document.fullscreenEnabled && tool('full', t('tool.fullscreen'), () => void toggleFullscreen(), { 'data-tool': 'fullscreen' });
  fill(
    byId('corner'),
    legendChip,
    h('div', { class: 'tools' }, base, full),
    h('div', { class: 'tools zoom' }, tool('plus', t('tool.zoom_in'), () => events.zoom(1)), tool('minus', t('tool.zoom_out'), () => events.zoom(-1))),
    h('div', { class: 'tools round' }, tool('locate', t('tool.locate'), events.locate, { 'data-tool': 'locate' })),
  );
}

const toggleFullscreen = (): Promise<void> => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());

export function renderFoot(register: Register, scale: HTMLElement): void {
  const [approval, dated, told] = [labelText(register), dateText(register), credits(register)];
  const parts = [
    h('span', { class: 'coordinates num', id: 'pointer' }),
    h('span', { class: 'approval' }, approval),
    h('span', { class: 'foot-date' }, dated),
    ...told.map((text) => h('span', { class: 'attribution', lang: 'zh-CN' }, text)),
  ];
  // Where the line has no room for the credits, a button opens them.
  const more = h('details', { class: 'credits' }, h('summary', { 'aria-label': t('foot.credits'), title: t('foot.credits') }, icon('info')), h('div', { class: 'credits-text' }, h('p', {}, approval), h('p', {}, dated), ...told.map((text) => h('p', { lang: 'zh-CN' }, text))));
  closeOutside(more);
  fill(byId('foot'), scale, h('div', { class: 'foot-line' }, ...parts), told.length > 0 && more);
}

let opened: HTMLDetailsElement | null = null;

/** A press anywhere else closes the box, as it does with every menu. */
function closeOutside(box: HTMLDetailsElement): void {
  if (!opened) addEventListener('pointerdown', ({ target }) => opened && target instanceof Node && !opened.contains(target) && (opened.open = false));
  opened = box;
}

export function renderPointer(lngLat: LngLat | null): void {
  const element = document.getElementById('pointer');
  if (element) element.textContent = lngLat ? `${degrees(lngLat[0])}, ${degrees(lngLat[1])}` : '';
}

const tag = h('div', { class: 'hover-tag', hidden: true, 'aria-hidden': 'true' });

/** The tag beside the pointer: name and status. */
export function renderHover(hover: Hover | null, theme: Theme): void {
  if (!tag.isConnected) byId('stage').append(tag);
  tag.hidden = !hover;
  if (!hover) return;
  const { props } = hover;
  const code = props.code === undefined ? null : String(props.code);
  const item = theme.areas ? (code === null ? undefined : classOf(theme, theme.areas[code] ?? '') ?? theme.classes[theme.classes.length - 1]) : classOf(theme, String(props.style));
  const key = `${String(props.code ?? props.street)} ${theme.id} ${document.documentElement.lang}`;
  if (tag.dataset.key !== key) {
    tag.dataset.key = key;
    const status = props.summary === true ? t('hover.summary', { n: Number(props.count ?? 0) }) : item ? pick(item.label) : '';
    fill(tag, h('b', {}, String(props.name ?? '')), h('span', {}, item && swatch(theme, item.key, state().mode), status));
  }
  const stage = byId('stage');
  const flip = hover.x + 16 + tag.offsetWidth > stage.clientWidth;
  tag.style.transform = `translate(${flip ? hover.x - tag.offsetWidth - 12 : hover.x + 16}px, ${Math.min(hover.y + 16, stage.clientHeight - 60)}px)`;
}
