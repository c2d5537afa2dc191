/** The pages of lists and figures: which one the address names, language and light or dark. */
import * as api from '../api';
import { ApiError, PRESENT, reportFault } from '../api';
import { bootLooks, followSystem, renderFrame, wear } from '../frame';
import { setLang, t as base } from '../i18n';
import { LedgerPage } from '../ledger/page';
import { pageOf, type PageName } from '../nav';
import { learn, leaveToSignIn, ownStreets } from '../session';
import type { Register } from '../types';
import { byId, fill, h } from '../ui/dom';
import { gate } from '../ui/gate';
import type { Looks } from '../ui/setting-buttons';
import { parseScope, passedOn, withWords } from './address';
import { CompletenessPage } from './completeness';
import { DuePage } from './due';
import { ManagerPage } from './manager';
import { ManagersPage } from './managers';
import { failure } from './parts';
import { RatesPage } from './rates';
import { t } from './texts';
import type { Context, View } from './view';

const looks: Looks = bootLooks();
const asked = pageOf(location.pathname);
const here: PageName = asked?.name ?? 'ledger';
let register: Register | null = null;
let view: View | null = null;

setLang(looks.lang);
frame();
void open();
followSystem(change);
// Back and forward bring an address of this same page: it is read anew.
addEventListener('popstate', show);

async function open(): Promise<void> {
  const page = byId('page');
  fill(page, h('div', { class: 'k-page' }, ...['title', 'block', 'block', 'block'].map((part) => h('div', { class: `skeleton k-s-${part}` }))));
  try {
    const found = await api.register(PRESENT);
    await learn(found);
    register = found;
  } catch (error) {
    if (leaveToSignIn(error)) return;
    fill(page, h('div', { class: 'd-alone' }, failure(error, () => void open())));
    return;
  }
  show();
}

function show(): void {
  if (!register) return;
  view?.close?.();
  const barred = gate(asked?.needs ?? null);
  if (barred) {
    fill(byId('page'), barred);
    return frame();
  }
  beginWithOwnStreet();
  view = build({ register, internal: register.audience === 'internal', looks, moved: frame });
  fill(byId('page'), view.element);
  byId('page').scrollTop = 0;
  frame();
}

/** Lists that are told to an officer by street begin with one of the own streets. */
function beginWithOwnStreet(): void {
  const [first] = ownStreets() ?? [];
  const byStreet = here === 'due' || here === 'completeness' || location.pathname === '/managers';
  if (first && byStreet && !parseScope(location.search).street) history.replaceState(null, '', location.pathname + withWords(location.search, { street: first }));
}

function build(context: Context): View {
  if (here === 'rates') return new RatesPage(context);
  if (here === 'due') return new DuePage(context);
  if (here === 'completeness') return new CompletenessPage(context);
  if (here === 'managers') {
    const [, uscc] = /^\/managers\/([^/]+)\/?$/.exec(location.pathname) ?? [];
    return uscc ? new ManagerPage(decodeURIComponent(uscc), context) : new ManagersPage(context);
  }
  return new LedgerPage(context);
}

function change(patch: Partial<Looks>): void {
  const before = { ...looks };
  Object.assign(looks, patch);
  wear(looks);
  setLang(looks.lang);
  if (looks.mode !== before.mode) view?.recolour();
  if (looks.lang !== before.lang) {
    if (view) view.render();
    else show();
  }
  frame();
}

function frame(): void {
  renderFrame({ looks, register, here, passed: passedOn(location.search), change });
  document.title = view ? t('title.page', { what: view.title(), product: base('title') }) : base('title');
}

/** A failure that nobody waits for still belongs in the console, where tests look for it. */
addEventListener('unhandledrejection', ({ reason }) => {
  if (!(reason instanceof ApiError)) reportFault(reason);
});
