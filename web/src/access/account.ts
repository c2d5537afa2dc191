/** The own account: who one is, the password, and the tokens for programs. */
import { facts } from '../ui/facts';
import * as api from '../api';
import { ApiError, PRESENT, reportFault } from '../api';
import { moment } from '../format';
import { t as base, term } from '../i18n';
import { may, signOut } from '../session';
import { fill, h } from '../ui/dom';
import { tick } from '../deliveries/parts';
import { pageHead } from '../desk/parts';
import { button, note, passwordField, primary, refusal } from './parts';
import { brokenRules, isFit, keeps } from './password';
import { Rules } from './rules';
import { changePassword } from './questions';
import { t } from './texts';
import { TokensPart } from './tokens';
import type { Context, View } from './view';

export class AccountPage implements View {
  readonly element = h('div', { class: 'k-page a-page' });
  private readonly tokens = may('manage_tokens') ? new TokensPart() : null;
  private names: string | null = null;

  constructor(private readonly context: Context) {
    this.render();
    if (context.session.streets.length > 0) void this.nameStreets();
  }

  title = (): string => t('account.title');

  render = (): void => {
    this.tokens?.render();
    fill(this.element, pageHead(t('account.title'), t('account.text')), h('div', { class: 'k-two' }, h('div', { class: 'k-body' }, this.who(), this.password()), h('div', { class: 'k-body' }, this.tokens?.element)));
  };

  private async nameStreets(): Promise<void> {
    try {
      const { features } = await api.streets(PRESENT);
      this.names = this.context.session.streets.map((code) => features.find(({ properties }) => properties.code === code)?.properties.name ?? code).join(base('list.comma'));
      this.element.querySelector('.a-who-part')?.replaceWith(this.who());
    } catch (error) {
      // The codes tell it too.
      reportFault(error);
    }
  }

  private who(): HTMLElement {
    const { name, display_name, role, streets, expires_at } = this.context.session;
    const answer = h('div', { class: 'a-answer', 'aria-live': 'polite' });
    let withTokens = false;
    const out = (everywhere: boolean) => () => void signOut(everywhere, everywhere && withTokens).catch((error: unknown) => answer.replaceChildren(note('warn', refusal(error))));
    return h(
      'section',
      { class: 'k-part a-who-part' },
      h('h2', {}, display_name || name || ''),
      facts([
        [t('account.name'), name],
        [t('account.role'), term('role', role)],
        [t('account.streets'), streets.length > 0 ? (this.names ?? streets.join(base('list.comma'))) : undefined],
        [t('account.until'), expires_at && h('span', { class: 'num' }, moment(expires_at))],
      ]),
      h('p', { class: 'd-quiet' }, t(`role.about.${role === 'token' || role === 'public' ? 'district' : role}`)),
      h('div', { class: 'd-buttons' }, button('signOut', base('session.sign_out'), out(false)), button('everywhere', base('session.sign_out.everywhere'), out(true))),
      this.tokens && tick(false, (checked) => (withTokens = checked), t('account.with_tokens')),
      answer,
    );
  }

  private password(): HTMLElement {
    const name = this.context.session.name ?? '';
    const current = passwordField('current', t('password.current'), 'current-password');
    const next = passwordField('next', t('password.next'), 'new-password');
    const again = passwordField('again', t('password.again'), 'new-password');
    const rules = new Rules();
    const answer = h('div', { class: 'a-answer', 'aria-live': 'polite' });
    const send = primary(t('password.run'));
    rules.follow(next.control, () => name);
    const submit = async (event: Event) => {
      event.preventDefault();
      const { value } = next.control;
      current.blame(current.control.value === '' ? t('required') : '');
      next.blame(isFit(value, name) ? '' : t(keeps('short', value, name) ? 'password.unfit' : 'password.too_short'));
      again.blame(again.control.value === value ? '' : t('password.differs'));
      const wrong = [current, next, again].find(({ control }) => control.getAttribute('aria-invalid'));
      if (wrong) return wrong.control.focus();
      send.disabled = true;
      answer.replaceChildren();
      try {
        await changePassword(current.control.value, value);
        for (const { control } of [current, next, again]) control.value = '';
        rules.show('', name);
        answer.replaceChildren(note('good', t('password.done')));
      } catch (error) {
        if (error instanceof ApiError && error.type.endsWith(':weak-password')) rules.show(value, name, brokenRules(error.body));
        if (error instanceof ApiError && error.type.endsWith(':wrong-password')) current.blame(t('refused.wrong_password'));
        else answer.replaceChildren(note('warn', refusal(error)));
      } finally {
        send.disabled = false;
      }
    };
    // The name lets the browser keep the new password with the right account.
    const hidden = h('input', { type: 'text', autocomplete: 'username', value: name, class: 'sr-only', tabindex: -1, 'aria-hidden': 'true', readonly: true });
    return h(
      'section',
      { class: 'k-part' },
      h('h2', {}, t('password.title')),
      h('p', { class: 'd-quiet' }, t('password.text')),
      h('form', { class: 'd-form one', novalidate: true, onsubmit: (event: Event) => void submit(event) }, hidden, current.element, next.element, rules.element, again.element, answer, h('div', { class: 'd-buttons' }, send)),
    );
  }
}
