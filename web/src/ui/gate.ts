/** Stands before a page that not everybody may open. */
import { t, term } from '../i18n';
import { isSignedIn, signInPath, type Action } from '../rights';
import { may, session } from '../session';
import { h } from './dom';
import { icon } from './icons';

/** Null when the page may be opened; else what is shown in its place. Nobody in particular is sent to sign in. */
export function gate(needs: Action | null): HTMLElement | null {
  const now = session();
  // A server without sessions refuses by itself what it must.
  if (needs === null || now === null || may(needs)) return null;
  if (!isSignedIn(now)) {
    location.replace(signInPath(location));
    return h('div', {});
  }
  const who = term('forbidden.who', needs);
  return h(
    'div',
    { class: 'd-alone' },
    h(
      'div',
      { class: 'd-empty tall', role: 'alert' },
      icon('lock'),
      h('b', {}, t('forbidden.title')),
      h('p', {}, t('forbidden.text', { name: now.display_name || now.name || '', role: term('role', now.role), who })),
      h('a', { class: 'button', href: '/' }, icon('base'), t('forbidden.map')),
    ),
  );
}
