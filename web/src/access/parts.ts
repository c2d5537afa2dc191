/** Small pieces that the pages of accounts, reports and the audit log share. */
import { ApiError, reportFault } from '../api';
import { h } from '../ui/dom';
import { icon, type Sign } from './icons';
import { t, type Key } from './texts';

/** A label above its control, with room for what is wrong with it. */
export interface Field<C extends HTMLElement> {
  element: HTMLElement;
  control: C;
  /** Says what is wrong; an empty text takes it back. */
  blame: (text: string) => void;
}

export function field<C extends HTMLInputElement | HTMLTextAreaElement>(label: string, control: C, hint: string | null = null): Field<C> {
  const id = control.id;
  const error = h('p', { class: 'd-error', id: `${id}-error`, 'aria-live': 'polite' });
  const note = hint === null ? null : h('small', { id: `${id}-hint` }, hint);
  control.setAttribute('aria-describedby', note ? `${id}-hint ${id}-error` : `${id}-error`);
  const blame = (text: string) => {
    error.textContent = text;
    if (text) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  };
  control.addEventListener('input', () => blame(''));
  return { element: h('div', { class: 'd-field' }, h('label', { for: id }, label), control, note, error), control, blame };
}

/** A field for a password that can be read on demand. */
export function passwordField(id: string, label: string, autocomplete: 'current-password' | 'new-password'): Field<HTMLInputElement> {
  const made = field(label, h('input', { type: 'password', id, autocomplete, maxlength: 512, spellcheck: 'false', autocapitalize: 'none' }));
  const { control } = made;
  const eye = h('button', { type: 'button', class: 'icon-button small a-eye', 'aria-pressed': 'false', 'aria-controls': id, onclick: () => show(control.type === 'password') });
  const show = (open: boolean) => {
    control.type = open ? 'text' : 'password';
    const name = t(open ? 'password.hide' : 'password.show');
    eye.replaceChildren(icon(open ? 'eyeOff' : 'eye'));
    for (const attribute of ['aria-label', 'title']) eye.setAttribute(attribute, name);
    eye.setAttribute('aria-pressed', String(open));
  };
  show(false);
  const around = h('span', { class: 'a-password' });
  control.replaceWith(around);
  around.append(control, eye);
  return made;
}

export const primary = (text: string, attributes: Record<string, string | boolean> = {}): HTMLButtonElement => h('button', { type: 'submit', class: 'd-primary', ...attributes }, text);

export const button = (sign: Sign, text: string, run: () => void): HTMLButtonElement => h('button', { type: 'button', class: 'button', onclick: run }, icon(sign), text);

export const note = (kind: 'warn' | 'info' | 'good', ...words: (Node | string | false)[]): HTMLElement =>
  h('div', { class: `d-note ${kind}`, role: kind === 'warn' ? 'alert' : 'status' }, icon(kind === 'warn' ? 'warning' : kind === 'good' ? 'check' : 'info'), h('div', {}, ...words));

/** Texts for what the server refuses, by the type of the problem. */
const REFUSED: Readonly<Record<string, Key>> = {
  'wrong-password': 'refused.wrong_password',
  'weak-password': 'refused.weak_password',
  taken: 'refused.taken',
  'last-admin': 'refused.last_admin',
  'own-account': 'refused.own_account',
  'not-allowed': 'refused.not_allowed',
  'sign-in-needed': 'refused.sign_in',
  changed: 'refused.changed',
  'personal-data': 'refused.personal_data',
};

/** What went wrong and what to do next, in one sentence. A fault of the page itself also goes to the console. */
export function refusal(error: unknown): string {
  if (reportFault(error) || !(error instanceof ApiError)) return t('refused.program');
  if (error.kind === 'offline') return t('refused.offline');
  const key = REFUSED[error.type.replace('urn:onemap:problem:', '')] ?? (error.status === 412 ? 'refused.changed' : error.status === 404 ? 'refused.gone' : error.status === 401 ? 'refused.sign_in' : null);
  if (key) return t(key);
  if (error.status === 429) return t('refused.often', { wait: waitText(error.retryAfterS ?? 60) });
  return error.status < 500 && error.message ? t('refused.told', { text: error.message }) : t('refused.failed');
}

/** `58 秒`, `2 分 5 秒`, `1 小时`. */
export function waitText(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return t('wait.seconds', { n: whole });
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (whole >= 3600) return t('wait.hours', { n: Math.ceil(whole / 3600) });
  return rest === 0 || minutes >= 10 ? t('wait.minutes', { n: Math.ceil(whole / 60) }) : t('wait.both', { m: minutes, n: rest });
}

/** Counts the characters of a text beside the most that it may have. */
export function counter(control: HTMLTextAreaElement, most: number): HTMLElement {
  const shown = h('small', { class: 'a-counter num' });
  const count = () => {
    const n = [...control.value].length;
    shown.textContent = t('counter', { n, most });
    shown.classList.toggle('over', n > most);
  };
  control.addEventListener('input', count);
  count();
  return shown;
}
