/** The box in which an administrator makes or changes an account, and is told when somebody else was faster. */
import { ApiError } from '../api';
import { openBox, type Box } from '../desk/box';
import { t as base, term } from '../i18n';
import type { Role } from '../rights';
import type { Street } from '../types';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import { changesOf, differing, NAME, ROLES } from './account-change';
import { icon } from './icons';
import { field, note, passwordField, primary, refusal } from './parts';
import { brokenRules, isFit } from './password';
import { Rules } from './rules';
import { account as ask, addAccount, changeAccount } from './questions';
import { t } from './texts';
import type { Account } from './types';

interface Around {
  streets: readonly Pick<Street, 'code' | 'name'>[];
  /** Whether it is the account of whoever changes it. */
  own: boolean;
}

export class AccountBox {
  private box: Box | null = null;
  private tag = '';
  private readonly name = field(t('account.name'), h('input', { type: 'text', id: 'account-name', maxlength: 64, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' }), t('account.name.hint'));
  private readonly display = field(t('account.display'), h('input', { type: 'text', id: 'account-display', maxlength: 64, autocomplete: 'off' }), t('account.display.hint'));
  private readonly role = h('select', { id: 'account-role', onchange: () => this.follow() }, ...ROLES.map((role) => h('option', { value: role }, term('role', role))));
  private readonly about = h('small', {});
  private readonly streets = h('fieldset', { class: 'a-set' });
  private readonly disabled = h('input', { type: 'checkbox' });
  private readonly password: ReturnType<typeof passwordField>;
  private readonly rules = new Rules();
  private readonly answer = h('div', { class: 'a-answer', 'aria-live': 'polite' });
  private readonly send = primary(t('save'));

  constructor(
    private before: Account | null,
    private readonly around: Around,
    private readonly saved: (account: Account) => void,
  ) {
    this.password = passwordField('account-password', t(before ? 'account.password.new' : 'account.password'), 'new-password');
    this.rules.follow(this.password.control, () => this.before?.name ?? this.name.control.value.trim());
  }

  /** What is shown in a list may be old: the box begins from what the server says now. */
  async open(): Promise<void> {
    const { before } = this;
    this.box = openBox(before ? t('account.change', { name: before.display_name || before.name }) : t('accounts.add'), null);
    if (before) {
      fill(this.box.body, h('div', { class: 'skeleton k-s-row' }), h('div', { class: 'skeleton k-s-row' }));
      try {
        const { body, etag } = await ask(before.name);
        this.before = body;
        this.tag = etag ?? '';
      } catch (error) {
        fill(this.box.body, note('warn', refusal(error)));
        return;
      }
    }
    this.show(this.before);
    fill(this.box.body, this.form());
    (before ? this.display : this.name).control.focus();
  }

  private form(): HTMLElement {
    const fresh = this.before === null;
    return h(
      'form',
      { class: 'd-form one', novalidate: true, onsubmit: (event: Event) => void this.submit(event) },
      fresh && this.name.element,
      this.display.element,
      h('div', { class: 'd-field' }, h('label', { for: 'account-role' }, t('account.role')), h('span', { class: 'd-select' }, this.role, icon('chevron')), this.about),
      this.streets,
      this.password.element,
      this.rules.element,
      !fresh && !this.around.own && h('label', { class: 'd-tick' }, h('span', { class: 'd-tick-box' }, this.disabled, icon('check')), h('span', {}, t('account.disable'), h('small', {}, t('account.disable.text')))),
      this.answer,
      h('div', { class: 'd-buttons end' }, h('button', { type: 'button', class: 'button', onclick: () => this.box?.close() }, t('cancel')), this.send),
    );
  }

  private show(account: Account | null): void {
    this.display.control.value = account?.display_name ?? '';
    this.role.value = account?.role ?? 'officer';
    this.disabled.checked = account?.disabled ?? false;
    // Nobody takes the administration from himself.
    this.role.disabled = this.around.own;
    this.drawStreets(new Set(account?.streets ?? []));
    this.follow();
  }

  private drawStreets(chosen: ReadonlySet<string>): void {
    const { streets } = this.around;
    const known = new Set(streets.map(({ code }) => code));
    const all = [...streets, ...[...chosen].filter((code) => !known.has(code)).map((code) => ({ code, name: code }))];
    const ticks = all.map(({ code, name }) => h('label', { class: 'd-tick' }, h('span', { class: 'd-tick-box' }, h('input', { type: 'checkbox', value: code, checked: chosen.has(code) }), icon('check')), h('span', {}, name)));
    fill(this.streets, h('legend', {}, t('account.streets')), h('div', { class: 'a-streets' }, ...ticks));
  }

  /** Only officers have streets. */
  private follow(): void {
    this.streets.hidden = this.role.value !== 'officer';
    this.about.textContent = t(this.around.own ? 'account.own' : `role.about.${this.chosenRole()}`);
    this.password.element.querySelector('label')?.replaceChildren(t(this.before ? 'account.password.new' : 'account.password'));
  }

  private chosenRole(): (typeof ROLES)[number] {
    return ROLES.find((role) => role === this.role.value) ?? 'officer';
  }

  private filled(): { display_name: string; role: Role; streets: string[]; disabled: boolean; password: string } {
    const role = this.chosenRole();
    const ticked = [...this.streets.querySelectorAll<HTMLInputElement>('input:checked')].map(({ value }) => value);
    return { display_name: this.display.control.value.trim(), role, streets: role === 'officer' ? ticked : [], disabled: this.disabled.checked, password: this.password.control.value };
  }

  /** True when nothing is wrong that can be seen here. */
  private check(): boolean {
    const { display_name, role, streets, password } = this.filled();
    const name = this.before?.name ?? this.name.control.value.trim();
    if (!this.before) this.name.blame(NAME.test(name) ? '' : t('account.name.wrong'));
    this.display.blame(display_name === '' ? t('required') : '');
    const needed = this.before === null || password !== '';
    this.password.blame(needed && !isFit(password, name) ? t('password.unfit') : '');
    this.answer.replaceChildren(...(role === 'officer' && streets.length === 0 ? [note('warn', t('account.streets.none'))] : []));
    const wrong = [this.name, this.display, this.password].find(({ control }) => control.isConnected && control.getAttribute('aria-invalid'));
    wrong?.control.focus();
    return !wrong && this.answer.childElementCount === 0;
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.check()) return;
    this.send.disabled = true;
    try {
      const account = await this.write();
      if (account) {
        this.saved(account);
        toast({ icon: 'check', text: t('account.saved', { name: account.display_name || account.name }) });
      }
      this.box?.close();
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) await this.overtaken();
      else this.refused(error);
    } finally {
      this.send.disabled = false;
    }
  }

  /** Null when nothing is changed. */
  private async write(): Promise<Account | null> {
    const { password, disabled, ...rest } = this.filled();
    if (!this.before) return addAccount({ name: this.name.control.value.trim(), ...rest, password });
    const change = changesOf(this.before, { ...rest, disabled, ...(password && { password }) });
    return Object.keys(change).length === 0 ? null : changeAccount(this.before.name, change, this.tag);
  }

  private refused(error: unknown): void {
    const type = error instanceof ApiError ? error.type.replace('urn:onemap:problem:', '') : '';
    if (error instanceof ApiError && type === 'weak-password') this.rules.show(this.password.control.value, this.before?.name ?? this.name.control.value.trim(), brokenRules(error.body));
    if (type === 'taken') {
      this.name.blame(t('refused.taken'));
      this.name.control.focus();
    } else this.answer.replaceChildren(note('warn', refusal(error)));
  }

  /** Somebody else changed the account meanwhile: tells what, keeps what was filled in, and lets it be saved over that. */
  private async overtaken(): Promise<void> {
    const { before } = this;
    if (!before) return;
    try {
      const { body, etag } = await ask(before.name);
      const lines = differing(before, body).map(({ field: name, from, to }) => h('li', {}, t('conflict.line', { field: t(`account.field.${name}`), from: this.told(name, from), to: this.told(name, to) })));
      this.before = body;
      this.tag = etag ?? '';
      this.answer.replaceChildren(note('warn', h('b', {}, t('conflict.title')), lines.length > 0 && h('ul', { class: 'd-bullets' }, ...lines), h('p', {}, t('conflict.text')), h('button', { type: 'button', class: 'text-button', onclick: () => this.takeTheirs() }, t('conflict.theirs'))));
    } catch (error) {
      this.answer.replaceChildren(note('warn', refusal(error)));
    }
  }

  private takeTheirs(): void {
    this.show(this.before);
    this.answer.replaceChildren();
  }

  private told(name: string, value: string | boolean | readonly string[]): string {
    if (typeof value === 'boolean') return t(value ? 'accounts.disabled' : 'accounts.active');
    if (typeof value === 'string') return name === 'role' ? term('role', value) : value;
    return value.map((code) => this.around.streets.find((street) => street.code === code)?.name ?? code).join(base('list.comma')) || '—';
  }
}
