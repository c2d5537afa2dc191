/** The pages of accounts, reports of the public and the audit log: which one the address names, language and light or dark. */
import * as api from '../api';
import { ApiError, PRESENT, reportFault } from '../api';
import { failure } from '../desk/parts';
import { bootLooks, followSystem, renderFrame, wear } from '../frame';
import { setLang, t as base } from '../i18n';
import { pageOf } from '../nav';
import { isSignedIn, signInPath, type Action, type Session } from '../rights';
import { ask, learn, leaveToSignIn } from '../session';
import type { Register } from '../types';
import { byId, fill, h } from '../ui/dom';
import { gate } from '../ui/gate';
import type { Looks } from '../ui/setting-buttons';
import { AccountPage } from './account';
import { AccountsPage } from './accounts';
import { AuditLogPage } from './audit';
import { OutcomePage } from './outcome';
import { ReportsPage } from './reports';
import { SignInPage } from './sign-in';
import { t } from './texts';
import type { Context, View } from './view';

/** One page: who gets it, and what it is. */
interface Page {
  path: RegExp;
  /** What it takes to open it; `anyone` who is signed in, or null for everybody. */
  needs: Action | 'anyone' | null;
  make: (context: Context, part: string) => View;
}

const PAGES: readonly Page[] = [
  { path: /^\/sign-in\/?$/, needs: null, make: (context) => new SignInPage(context) },
  { path: /^\/account\/?$/, needs: 'anyone', make: (context) => new AccountPage(context) },
  { path: /^\/accounts\/?$/, needs: 'manage_accounts', make: (context) => new AccountsPage(context) },
  { path: /^\/audit\/?$/, needs: 'read_audit', make: () => new AuditLogPage() },
  { path: /^\/reports\/?$/, needs: 'answer_report', make: (context) => new ReportsPage(context) },
  { path: /^\/r\/([^/]+)\/?$/, needs: null, make: (context, number) => new OutcomePage(number, context) },
];

const looks: Looks = bootLooks();
let context: Context | null = null;
let register: Register | null = null;
let view: View | null = null;

setLang(looks.lang);
frame();
void open();
followSystem(change);
addEventListener('popstate', show);

async function open(): Promise<void> {
  const page = byId('page');
  fill(page, h('div', { class: 'k-page' }, ...['title', 'block', 'block'].map((part) => h('div', { class: `skeleton k-s-${part}` }))));
  try {
    const session = await ask();
    if (session) context = await behind(session);
  } catch (error) {
    if (!leaveToSignIn(error)) fill(page, h('div', { class: 'd-alone' }, failure(error, () => void open())));
    return;
  }
  show();
}

/** The register stays unknown while the map is closed to whoever asks. */
async function behind(session: Session): Promise<Context> {
  if (session.map === 'open' || isSignedIn(session)) {
    register = await api.register(PRESENT);
    await learn(register);
  }
  return { session, register };
}

function show(): void {
  const found = PAGES.find(({ path }) => path.test(location.pathname));
  const page = byId('page');
  view?.close?.();
  view = null;
  if (!context || !found) fill(page, h('div', { class: 'd-alone' }, failure(new ApiError('problem', 404, '', ''), null)));
  else if (found.needs === 'anyone' && !isSignedIn(context.session)) location.replace(signInPath(location));
  else {
    const barred = gate(found.needs === 'anyone' ? null : found.needs);
    if (!barred) view = found.make(context, decoded(found.path.exec(location.pathname)?.[1] ?? ''));
    fill(page, barred ?? view?.element);
  }
  page.scrollTop = 0;
  frame();
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function change(patch: Partial<Looks>): void {
  const before = { ...looks };
  Object.assign(looks, patch);
  wear(looks);
  setLang(looks.lang);
  if (looks.lang !== before.lang) {
    if (view) view.render();
    else if (context) show();
  }
  frame();
}

function frame(): void {
  renderFrame({ looks, register, here: pageOf(location.pathname)?.name ?? null, passed: '', change });
  document.title = view ? t('title.page', { what: view.title(), product: base('title') }) : base('title');
}

/** A failure that nobody waits for still belongs in the console, where tests look for it. */
addEventListener('unhandledrejection', ({ reason }) => {
  if (!(reason instanceof ApiError)) reportFault(reason);
});
