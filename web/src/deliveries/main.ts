/** The deliveries page: frame, addresses, language and light or dark. */
import * as api from '../api';
import { ApiError, PRESENT } from '../api';
import { setLang, t as base } from '../i18n';
import { remembered } from '../storage';
import type { Lang, Mode, Register } from '../types';
import { byId, fill, h } from '../ui/dom';
import { settingButtons, type Looks } from '../ui/setting-buttons';
import { icon } from './icons';
import { ListView } from './list';
import { troubleNotice } from './notice';
import { DeliveryView } from './one';
import { within } from './parts';
import { t } from './texts';
import type { View } from './view';

const root = document.documentElement;
const looks: Looks = { lang: (root.lang === 'en' ? 'en' : 'zh-CN') satisfies Lang, mode: (root.dataset.mode === 'dark' ? 'dark' : 'light') satisfies Mode };
let register: Register | null = null;
let view: View | null = null;

setLang(looks.lang);
renderFrame();
void open();
addEventListener('popstate', show);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
  if (!remembered('mode')) change({ mode: matches ? 'dark' : 'light' });
});

async function open(): Promise<void> {
  const page = byId('page');
  fill(page, h('div', { class: 'd-home' }, ...['intake', 'received'].map((part) => h('div', { class: `skeleton d-s-${part}` }))));
  try {
    register = await api.register(PRESENT);
  } catch (error) {
    fill(page, h('div', { class: 'd-alone' }, troubleNotice(error, { text: t('trouble.retry'), run: () => void open() })));
    return;
  }
  renderFrame();
  if (register.audience === 'internal') show();
  else fill(page, h('div', { class: 'd-alone' }, internalOnly()));
}

/** The public has no deliveries: the server answers as if there were none. */
const internalOnly = (): HTMLElement =>
  h('div', { class: 'd-empty' }, icon('info'), h('b', {}, t('trouble.internal_only.what')), h('p', {}, t('trouble.internal_only.next')), h('a', { class: 'button', href: '/' }, icon('base'), t('back_to_map')));

/** Shows what the address names. */
function show(): void {
  if (!register) return;
  const [, id] = /^\/deliveries\/(\d{1,9})\/?$/.exec(location.pathname) ?? [];
  view?.close();
  view = id ? new DeliveryView(Number(id), register, go) : new ListView(go);
  fill(byId('page'), view.element);
  byId('page').scrollTop = 0;
  document.title = id ? t('title.page', { what: view.title() }) : `${t('title')} · ${base('title')}`;
}

function go(path: string): void {
  history.pushState(null, '', path);
  show();
  byId('page').focus({ preventScroll: true });
}

function change(patch: Partial<Looks>): void {
  const before = { ...looks };
  Object.assign(looks, patch);
  root.dataset.mode = looks.mode;
  root.lang = looks.lang;
  setLang(looks.lang);
  if (looks.mode !== before.mode) view?.recolour();
  renderFrame();
  if (looks.lang !== before.lang) {
    view?.render();
    if (register && register.audience !== 'internal') fill(byId('page'), h('div', { class: 'd-alone' }, internalOnly()));
  }
}

function renderFrame(): void {
  const banner = byId('banner');
  banner.hidden = !register?.demo;
  banner.setAttribute('role', 'note');
  fill(banner, h('b', {}, base('demo.banner')), h('span', {}, base('demo.text')));
  const held = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.action : undefined;
  const brand = h('a', { class: 'brand', href: '/', title: t('back_to_map') }, h('span', { class: 'mark', 'aria-hidden': 'true' }, icon('base')), h('span', { class: 'brand-text' }, h('b', {}, base('title')), register && h('small', { lang: 'zh-CN' }, register.district.name)));
  const here = h('a', { class: 'd-here', href: '/deliveries', onclick: within(go) }, icon('inbox'), t('title'));
  const back = h('a', { class: 'plain-button d-to-map', href: '/', 'aria-label': t('back_to_map'), title: t('back_to_map') }, icon('base'), h('span', {}, t('back_to_map')));
  fill(byId('top'), h('div', { class: 'top-start' }, brand, h('span', { class: 'd-slash', 'aria-hidden': 'true' }, '/'), here), h('div', { class: 'top-end' }, back, ...settingButtons(looks, change)));
  if (held) byId('top').querySelector<HTMLElement>(`[data-action="${held}"]`)?.focus();
}

/** A failure that nobody waits for still belongs in the console, where tests look for it. */
addEventListener('unhandledrejection', ({ reason }) => {
  if (!(reason instanceof ApiError)) api.reportFault(reason);
});
