/** The deliveries page: addresses, language and light or dark. */
import * as api from '../api';
import { ApiError, PRESENT } from '../api';
import { bootLooks, followSystem, renderFrame, wear } from '../frame';
import { setLang, t as base } from '../i18n';
import { learn, leaveToSignIn, may, session } from '../session';
import type { Register } from '../types';
import { byId, fill, h } from '../ui/dom';
import { gate } from '../ui/gate';
import type { Looks } from '../ui/setting-buttons';
import { icon } from './icons';
import { ListView } from './list';
import { troubleNotice } from './notice';
import { DeliveryView } from './one';
import { within } from './parts';
import { t } from './texts';
import type { View } from './view';

const looks: Looks = bootLooks();
let register: Register | null = null;
let view: View | null = null;

setLang(looks.lang);
frame();
void open();
addEventListener('popstate', show);
followSystem(change);

async function open(): Promise<void> {
  const page = byId('page');
  fill(page, h('div', { class: 'd-home' }, ...['intake', 'received'].map((part) => h('div', { class: `skeleton d-s-${part}` }))));
  try {
    const found = await api.register(PRESENT);
    await learn(found);
    register = found;
  } catch (error) {
    if (leaveToSignIn(error)) return;
    fill(page, h('div', { class: 'd-alone' }, troubleNotice(error, { text: t('trouble.retry'), run: () => void open() })));
    return;
  }
  frame();
  if (may('deliver')) show();
  else bar();
}

/** Whoever may not open the page is told so. */
const bar = (): void => fill(byId('page'), session() ? gate('deliver') : h('div', { class: 'd-alone' }, internalOnly()));

/** The public has no deliveries: the server answers as if there were none. */
const internalOnly = (): HTMLElement =>
  h('div', { class: 'd-empty' }, icon('info'), h('b', {}, t('trouble.internal_only.what')), h('p', {}, t('trouble.internal_only.next')), h('a', { class: 'button', href: '/' }, icon('base'), t('back_to_map')));

/** Shows what the address names. */
function show(): void {
  if (!register || !may('deliver')) return;
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
  wear(looks);
  setLang(looks.lang);
  if (looks.mode !== before.mode) view?.recolour();
  frame();
  if (looks.lang !== before.lang) {
    view?.render();
    if (register && !may('deliver')) bar();
  }
}

function frame(): void {
  renderFrame({ looks, register, here: 'deliveries', passed: '', change, follow: within(go) });
}

/** A failure that nobody waits for still belongs in the console, where tests look for it. */
addEventListener('unhandledrejection', ({ reason }) => {
  if (!(reason instanceof ApiError)) api.reportFault(reason);
});
