/** The frame of the pages beside the map: banner, name, the way from page to page, language and light or dark. */
import { t } from './i18n';
import { remembered } from './storage';
import type { Register } from './types';
import { navigation, type PageName } from './nav';
import { isSignedIn } from './rights';
import { may, session } from './session';
import { accountMenu } from './ui/account-menu';
import { byId, fill, h } from './ui/dom';
import { icon } from './ui/icons';
import { labelLine } from './ui/map-label';
import { lightOnPaper } from './ui/paper';
import { settingButtons, type Looks } from './ui/setting-buttons';

const root = document.documentElement;

/** What the boot script set on the root element. */
export const bootLooks = (): Looks => ({ lang: root.lang === 'en' ? 'en' : 'zh-CN', mode: root.dataset.mode === 'dark' ? 'dark' : 'light' });

/** Puts language and light or dark on the root element. */
export function wear({ lang, mode }: Looks): void {
  root.dataset.mode = mode;
  root.lang = lang;
}

/** Follows the system between light and dark until somebody chooses; on paper it is light. */
export function followSystem(change: (patch: Partial<Looks>) => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
    if (!remembered('mode')) change({ mode: matches ? 'dark' : 'light' });
  });
  lightOnPaper((mode) => (root.dataset.mode = mode));
}

export interface Frame {
  looks: Looks;
  /** Null until it has answered. */
  register: Register | null;
  /** Null on a page that the way from page to page does not lead to. */
  here: PageName | null;
  /** What the pages pass on to each other, as `?street=…`. */
  passed: string;
  change: (patch: Partial<Looks>) => void;
  /** Follows the link to this page itself without loading it anew. */
  follow?: (event: MouseEvent) => void;
}

export function renderFrame({ looks, register, here, passed, change, follow }: Frame): void {
  const banner = byId('banner');
  banner.hidden = !register?.demo;
  banner.setAttribute('role', 'note');
  fill(banner, h('b', {}, t('demo.banner')), h('span', {}, t('demo.text')));
  const held = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.action : undefined;
  const brand = h('a', { class: 'brand', href: '/', title: t('nav.map') }, h('span', { class: 'mark', 'aria-hidden': 'true' }, icon('base')), h('span', { class: 'brand-text' }, h('b', {}, t('title')), register && h('small', { lang: 'zh-CN' }, register.district.name)));
  fill(byId('top'), h('div', { class: 'top-start' }, brand), h('div', { class: 'top-end' }, ...settingButtons(looks, change), accountMenu()));
  if (held) byId('top').querySelector<HTMLElement>(`[data-action="${held}"]`)?.focus();
  const nav = byId('nav');
  nav.setAttribute('aria-label', t('nav.label'));
  const links = navigation(may).map(({ name, path, sign, dated }) =>
    h('a', { href: dated ? path + passed : path, 'aria-current': name === here ? 'page' : null, ...(name === here && follow && { onclick: follow }) }, icon(sign), t(`nav.${name}`)),
  );
  // Behind a closed map every one of them would only lead back to signing in.
  nav.hidden = session()?.map === 'closed' && !isSignedIn(session());
  fill(nav, ...links);
  const current = nav.querySelector<HTMLElement>('[aria-current]');
  if (current) nav.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - nav.clientWidth / 2;
  const label = byId('label');
  label.hidden = register === null;
  if (register) fill(label, labelLine(register));
}
