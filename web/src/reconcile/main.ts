/** The page on which the differences between the register and a delivery are decided: language and light or dark. */
import * as api from '../api';
import { ApiError, PRESENT } from '../api';
import { troubleNotice } from '../deliveries/notice';
import { bootLooks, followSystem, renderFrame, wear } from '../frame';
import { setLang } from '../i18n';
import { learn, leaveToSignIn, may, session } from '../session';
import type { Register } from '../types';
import { byId, fill, h } from '../ui/dom';
import { gate } from '../ui/gate';
import type { Looks } from '../ui/setting-buttons';
import { Desk } from './desk';
import { t } from './texts';

const looks: Looks = bootLooks();
let register: Register | null = null;
let desk: Desk | null = null;

setLang(looks.lang);
frame();
void open();
followSystem(change);

async function open(): Promise<void> {
  const page = byId('page');
  try {
    const found = await api.register(PRESENT);
    await learn(found);
    register = found;
  } catch (error) {
    if (leaveToSignIn(error)) return;
    fill(page, h('div', { class: 'd-alone' }, troubleNotice(error, { text: t('again'), run: () => void open() })));
    return;
  }
  frame();
  show();
}

function show(): void {
  const page = byId('page');
  const id = Number(new URLSearchParams(location.search).get('delivery'));
  if (!may('deliver')) return fill(page, session() ? gate('deliver') : h('p', { class: 'r-none' }, t('choose')));
  if (!Number.isSafeInteger(id) || id < 1) return fill(page, h('div', { class: 'd-empty' }, h('p', {}, t('choose')), h('a', { class: 'button', href: '/deliveries' }, t('choose.list'))));
  desk?.close();
  desk = new Desk(id);
  fill(page, desk.element);
}

function change(patch: Partial<Looks>): void {
  const before = { ...looks };
  Object.assign(looks, patch);
  wear(looks);
  setLang(looks.lang);
  frame();
  if (looks.lang !== before.lang) {
    if (desk) desk.render();
    else if (register) show();
  }
}

function frame(): void {
  renderFrame({ looks, register, here: 'deliveries', passed: '', change });
}

/** A failure that nobody waits for still belongs in the console, where tests look for it. */
addEventListener('unhandledrejection', ({ reason }) => {
  if (!(reason instanceof ApiError)) api.reportFault(reason);
});
