/** Who is signed in, at the end of every top bar: sign in for the public, a menu for everybody else. */
import { reportFault } from '../api';
import { t, term } from '../i18n';
import { isSignedIn, signInPath, type Session } from '../rights';
import { session, signOut } from '../session';
import { h } from './dom';
import { icon } from './icons';
import { toast } from './toast';

/** Null where the server knows no sessions. */
export function accountMenu(): HTMLElement | null {
  const now = session();
  if (!now || location.pathname === '/sign-in') return null;
  return isSignedIn(now) ? menu(now) : signInLink('plain-button account-link');
}

/** The way to sign in, from wherever the page stands when it is pressed. */
export function signInLink(style: string): HTMLAnchorElement {
  const link: HTMLAnchorElement = h('a', { class: style, href: signInPath(location), onclick: () => (link.href = signInPath(location)), 'data-action': 'sign-in' }, icon('signIn'), h('span', {}, t('session.sign_in')));
  return link;
}

/** What the menu holds, also for a panel that has no room for a menu. */
export function accountRows(): HTMLElement[] {
  const now = session();
  if (!now) return [];
  if (!isSignedIn(now)) return [signInLink('row-button')];
  const out = (everywhere: boolean) => () => void leave(everywhere);
  return [
    h('a', { class: 'row-button', href: '/account', 'data-action': 'account' }, icon('user'), h('span', {}, t('session.account')), icon('chevron')),
    h('button', { type: 'button', class: 'row-button', 'data-action': 'sign-out', onclick: out(false) }, icon('signOut'), h('span', {}, t('session.sign_out'))),
    h('button', { type: 'button', class: 'row-button', 'data-action': 'sign-out-everywhere', onclick: out(true) }, icon('everywhere'), h('span', {}, t('session.sign_out.everywhere'))),
  ];
}

/** Name and role of whoever is signed in. */
export function whoLine({ display_name, name, role }: Session): HTMLElement {
  return h('div', { class: 'who' }, h('b', {}, display_name || name || ''), h('small', {}, [term('role', role), display_name && display_name !== name && name].filter(Boolean).join(' · ')));
}

async function leave(everywhere: boolean): Promise<void> {
  try {
    await signOut(everywhere);
  } catch (error) {
    reportFault(error);
    toast({ icon: 'warning', text: t('session.sign_out.failed') });
  }
}

function menu(now: Session): HTMLElement {
  const shown = now.display_name || now.name || '';
  const details = h(
    'details',
    { class: 'account' },
    h('summary', { class: 'plain-button', 'data-action': 'account-menu', title: t('session.menu', { name: shown }), 'aria-label': t('session.menu', { name: shown }) }, icon('user'), h('span', {}, shown)),
    h('div', { class: 'account-menu' }, whoLine(now), ...accountRows()),
  );
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !details.open) return;
    event.stopPropagation();
    details.open = false;
    details.querySelector('summary')?.focus();
  });
  details.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !details.contains(relatedTarget)) details.open = false;
  });
  watchOutside();
  return details;
}

let watching = false;

/** A press anywhere else closes the menu. */
function watchOutside(): void {
  if (watching) return;
  watching = true;
  addEventListener('pointerdown', ({ target }) => {
    const open = document.querySelector<HTMLDetailsElement>('details.account[open]');
    if (open && target instanceof Node && !open.contains(target)) open.open = false;
  });
}
