/** Signing in: why it is asked for, name and password, the district's own sign-in, and how long to wait after too many attempts. */
import { ApiError } from '../api';
import { t as base } from '../i18n';
import { pageOf } from '../nav';
import { isSignedIn, nextPage } from '../rights';
import { become, signOut } from '../session';
import { fill, h } from '../ui/dom';
import { whoLine } from '../ui/account-menu';
import { icon } from './icons';
import { button, field, note, passwordField, primary, refusal, waitText } from './parts';
import { signIn } from './questions';
import { t, type Key } from './texts';
import type { Context, View } from './view';

/** A locked account is asked for no earlier than this, whatever the server leaves out. */
const WAIT_S = 60;

/** Why the server led back here from the other sign-in, by its word for it. */
const SSO_REFUSALS = ['not_begun', 'refused', 'provider', 'no_role', 'taken', 'disabled', 'busy'] as const;

export class SignInPage implements View {
  readonly element = h('div', { class: 'a-sign-in' });
  private readonly query = new URLSearchParams(location.search);
  private readonly next = nextPage(this.query.get('next'));
  private readonly answer = h('div', { class: 'a-answer', 'aria-live': 'polite' });
  private name = '';
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly context: Context) {
    this.render();
  }

  title = (): string => t('sign_in.title');

  close = (): void => clearInterval(this.timer);

  render = (): void => {
    const { session, register } = this.context;
    clearInterval(this.timer);
    this.answer.replaceChildren();
    const box = h('section', { class: 'k-part a-box', 'aria-labelledby': 'sign-in-title' });
    fill(
      box,
      h('h1', { id: 'sign-in-title' }, t('sign_in.title')),
      h('p', { class: 'd-quiet' }, register ? `${base('title')} · ${register.district.name}` : base('title')),
      ...(isSignedIn(session) ? this.already() : [this.reason(), this.form(), ...this.singleSignOn()]),
    );
    fill(this.element, box, this.below());
  };

  /** Whoever is signed in goes on, or makes room for somebody else. */
  private already(): HTMLElement[] {
    return [
      h('div', { class: 'a-who' }, whoLine(this.context.session)),
      h('div', { class: 'd-buttons' }, h('a', { class: 'd-primary', href: this.next }, t('sign_in.go_on')), button('signOut', base('session.sign_out'), () => void signOut(false).catch((error: unknown) => this.say(refusal(error))))),
    ];
  }

  /** Why somebody is here, where there is more to say than that he wants to sign in. */
  private reason(): HTMLElement | null {
    const refused = SSO_REFUSALS.find((why) => why === this.query.get('sso'));
    if (refused) return note('warn', t(`sso.${refused}`));
    if (this.query.get('why') === 'ended') return note('warn', t('why.ended'));
    if (this.context.session.map === 'closed') return h('div', { class: 'a-closed' }, icon('lock'), h('div', {}, h('h2', {}, t('why.closed')), h('p', {}, t('why.closed.text')), h('p', {}, t('why.closed.next'))));
    if (this.next === '/') return null;
    const page = pageOf(new URL(this.next, location.href).pathname);
    return note('info', page?.needs ? t('why.page', { page: base(`nav.${page.name}`) }) : t('why.other'));
  }

  private form(): HTMLElement {
    const name = field(t('sign_in.name'), h('input', { type: 'text', id: 'name', autocomplete: 'username', maxlength: 64, spellcheck: 'false', autocapitalize: 'none', value: this.name }));
    const password = passwordField('password', t('sign_in.password'), 'current-password');
    const send = primary(t('sign_in.run'), { class: 'd-primary wide' });
    const submit = async (event: Event) => {
      event.preventDefault();
      this.name = name.control.value.trim();
      name.blame(this.name === '' ? t('required') : '');
      password.blame(password.control.value === '' ? t('required') : '');
      const empty = [name, password].find(({ control }) => control.getAttribute('aria-invalid'));
      if (empty) return empty.control.focus();
      send.disabled = true;
      this.answer.replaceChildren();
      try {
        become(await signIn(this.name, password.control.value));
        location.assign(this.next);
      } catch (error) {
        send.disabled = false;
        this.refused(error, send);
        password.control.value = '';
        password.control.focus();
      }
    };
    const form = h('form', { class: 'd-form one', novalidate: true, onsubmit: (event: Event) => void submit(event) }, name.element, password.element, this.answer, send);
    // The keyboard of a phone would cover the reason before it is read.
    if (matchMedia('(hover: hover)').matches) queueMicrotask(() => (this.name ? password : name).control.focus({ preventScroll: true }));
    return form;
  }

  private refused(error: unknown, send: HTMLButtonElement): void {
    const type = error instanceof ApiError ? error.type.replace('urn:onemap:problem:', '') : '';
    if (error instanceof ApiError && error.status === 429) this.wait(error.retryAfterS ?? WAIT_S, send);
    else this.say(type === 'wrong-login' ? t('sign_in.wrong') : refusal(error));
  }

  private say(text: string): void {
    this.answer.replaceChildren(note('warn', text));
  }

  /** Counts down until another attempt is let through. */
  private wait(seconds: number, send: HTMLButtonElement): void {
    const until = Date.now() + seconds * 1000;
    const left = h('b', { class: 'num' });
    const tick = () => {
      const rest = (until - Date.now()) / 1000;
      left.textContent = waitText(rest);
      if (rest > 0) return;
      clearInterval(this.timer);
      send.disabled = false;
      this.answer.replaceChildren(note('info', t('sign_in.again')));
    };
    send.disabled = true;
    // The text is announced once; the running seconds are for the eye.
    this.answer.replaceChildren(note('warn', t('sign_in.locked'), h('p', { 'aria-hidden': 'true' }, t('sign_in.locked.wait'), left)));
    clearInterval(this.timer);
    this.timer = setInterval(tick, 1000);
    tick();
  }

  private singleSignOn(): HTMLElement[] {
    const { single_sign_on: sso } = this.context.session;
    if (!sso) return [];
    // The start of the other sign-in is told by this server: only a path of it is followed.
    const start = nextPage(sso.start);
    const path = this.next === '/' ? start : `${start}${start.includes('?') ? '&' : '?'}next=${encodeURIComponent(this.next)}`;
    return [h('p', { class: 'a-or' }, h('span', {}, t('sign_in.or'))), h('a', { class: 'button wide', href: path, 'data-action': 'sso' }, icon('sso'), t('sign_in.sso', { name: sso.name }))];
  }

  private below(): HTMLElement {
    const line = (key: Key) => h('p', {}, t(key));
    const open = this.context.session.map === 'open' && !isSignedIn(this.context.session);
    return h('div', { class: 'a-below d-quiet' }, line('sign_in.help'), open && h('p', {}, t('sign_in.public'), ' ', h('a', { class: 'link', href: '/' }, t('sign_in.to_map'))));
  }
}
