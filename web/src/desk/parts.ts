/** Small pieces that the pages of lists and figures share. */
import { ApiError, isAbort, reportFault } from '../api';
import { EARLIEST, latestDay } from '../asof';
import { outOf, percent, today } from '../format';
import { term } from '../i18n';
import { signInPath } from '../rights';
import { ownStreets } from '../session';
import type { AreaSummary, AsOf, Register, Street } from '../types';
import { h } from '../ui/dom';
import { icon, type IconName } from '../ui/icons';
import { t } from './texts';
import type { Share } from './types';

type Failure = 'offline' | 'missing' | 'sign_in' | 'forbidden' | 'failed';

function failureKind(error: unknown): Failure {
  if (!(error instanceof ApiError)) return 'failed';
  if (error.kind === 'offline') return 'offline';
  return error.notFound ? 'missing' : error.status === 401 ? 'sign_in' : error.status === 403 ? 'forbidden' : 'failed';
}

const FAILURE_SIGNS: Readonly<Record<Failure, IconName>> = { offline: 'offline', missing: 'warning', sign_in: 'lock', forbidden: 'lock', failed: 'warning' };

/** What went wrong, what is safe and what to do next. */
export function failure(error: unknown, retry: (() => void) | null): HTMLElement {
  reportFault(error);
  const kind = failureKind(error);
  const told = kind === 'failed' && error instanceof ApiError && error.kind === 'problem' && error.status < 500 ? error.message : '';
  return h(
    'div',
    { class: 'd-empty tall', role: 'alert' },
    icon(FAILURE_SIGNS[kind]),
    h('b', {}, t(`failure.${kind}`)),
    h('p', {}, t(`failure.${kind}.text`)),
    told && h('p', { class: 'd-quiet', lang: 'en' }, told),
    kind === 'sign_in' ? h('a', { class: 'button', href: signInPath(location, 'ended') }, icon('signIn'), t('failure.sign_in.go')) : kind !== 'forbidden' && retry && h('button', { type: 'button', class: 'button', onclick: retry }, icon('refresh'), t('retry')),
  );
}

/** The latest question of each place: an answer that comes after a newer question is dropped. */
const asked = new WeakMap<HTMLElement, object>();

/** Runs a question of a page and puts what comes of it, or its failure, in a place. */
export async function into<T>(place: HTMLElement, ask: () => Promise<T>, show: (answer: T) => (Node | null)[]): Promise<void> {
  const mine = {};
  asked.set(place, mine);
  place.setAttribute('aria-busy', 'true');
  try {
    const answer = await ask();
    if (asked.get(place) !== mine) return;
    place.replaceChildren(...show(answer).filter((part): part is Node => part !== null));
  } catch (error) {
    if (isAbort(error) || asked.get(place) !== mine) return;
    place.replaceChildren(failure(error, () => void into(place, ask, show)));
  }
  place.removeAttribute('aria-busy');
}

export const skeletons = (...parts: string[]): HTMLElement[] => parts.map((part) => h('div', { class: `skeleton k-s-${part}` }));

export const empty = (sign: IconName, title: string, text: string): HTMLElement => h('div', { class: 'd-empty tall' }, icon(sign), h('b', {}, title), h('p', {}, text));

export interface Choice {
  value: string;
  text: string;
}

/** A drop-down; its label is read out only. */
export function choose(label: string, value: string, choices: readonly Choice[], chosen: (value: string) => void): HTMLElement {
  const select = h('select', { 'aria-label': label, onchange: () => chosen(select.value) }, ...choices.map((choice) => h('option', { value: choice.value }, choice.text)));
  // A value that the list does not have is shown all the same.
  if (value && !choices.some((choice) => choice.value === value)) select.append(h('option', { value }, value));
  select.value = value;
  return h('span', { class: 'd-select' }, select, icon('chevron'));
}

export const chooseStreet = (register: Register, streets: readonly Pick<Street, 'code' | 'name'>[], value: string | null, chosen: (street: string | null) => void): HTMLElement =>
  choose(t('street'), value ?? '', [{ value: '', text: t('street.all', { district: register.district.name }) }, ...streets.map(({ code, name }) => ({ value: code, text: name }))], (street) => chosen(street || null));

/** The same on a page that tells an officer of the own streets only: for him there is no whole district to choose. */
export function chooseOwnStreet(register: Register, streets: readonly Pick<Street, 'code' | 'name'>[], value: string | null, chosen: (street: string | null) => void): HTMLElement {
  const own = ownStreets();
  if (!own) return chooseStreet(register, streets, value, chosen);
  return choose(t('street'), value ?? own[0] ?? '', own.map((code) => ({ value: code, text: streets.find((street) => street.code === code)?.name ?? code })), chosen);
}

/** The day that a page is about; `usual` is the one that is shown when none is asked for. */
export function chooseDay(register: Register, { on }: AsOf, chosen: (day: string | null) => void, usual = register.data_date): HTMLElement {
  const now = today();
  const choose = (day: string) => chosen(day === usual ? null : day || null);
  const input = h('input', { type: 'date', class: 'num', 'aria-label': t('day'), max: latestDay(register.data_date), min: EARLIEST, value: on ?? usual, onchange: () => input.checkValidity() && choose(input.value) });
  return h(
    'span',
    { class: 'k-day-box' },
    h('label', { class: on ? 'k-day past' : 'k-day', title: t('day.title') }, icon('calendar'), input),
    (on ?? usual) !== now && h('button', { type: 'button', class: 'text-button', 'data-action': 'today', title: t('day.today.title', { day: now }), onclick: () => choose(now) }, t('day.today')),
  );
}

/** Tells that another day than the present is shown, with the way back; null on the present day. */
export const pastNote = ({ on, known }: AsOf, back: () => void): HTMLElement | null =>
  on === null && known === null ? null : h('p', { class: 'k-past', role: 'status' }, icon('history'), h('span', {}, on ? t('day.past', { day: on }) : t('day.known', { known: known ?? '' })), h('button', { type: 'button', class: 'text-button', onclick: back }, t('day.back')));

/** A link to the card of an area, on the day of the page. */
export function areaLink(area: Pick<AreaSummary, 'code' | 'name'>, { on, known }: AsOf): HTMLElement {
  const query = new URLSearchParams();
  if (on) query.set('on', on);
  if (known) query.set('known', known);
  const asked = query.toString();
  return h('a', { class: 'link', href: `/a/${encodeURIComponent(area.code)}${asked ? `?${asked}` : ''}` }, area.name);
}

export const statusText = ({ management, committee }: Pick<AreaSummary, 'management' | 'committee'>): string =>
  management === 'unknown' ? term('management', 'unknown') : `${term('management', management)} · ${term('committee', committee)}`;

/** A share as its percentage and its two integers, which never stand apart. */
export const share = (of: Share): HTMLElement =>
  h('span', { class: 'k-share num' }, h('b', {}, percent(of.percent)), h('span', {}, outOf(of)));

/** A table with heads; cells are texts or elements. Numbers stand at the right where `numbers` names their column. */
export function dataTable(caption: string, heads: readonly string[], rows: readonly (readonly (Node | string | null)[])[], numbers: readonly number[] = []): HTMLElement {
  const side = (at: number) => (numbers.includes(at) ? 'num right' : null);
  return h(
    'div',
    { class: 'k-table-box', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      { class: 'k-table' },
      h('caption', { class: 'sr-only' }, caption),
      h('thead', {}, h('tr', {}, ...heads.map((head, at) => h('th', { scope: 'col', class: side(at) }, head)))),
      h('tbody', {}, ...rows.map((cells) => h('tr', {}, ...cells.map((cell, at) => h(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, class: side(at), 'data-head': heads[at] }, cell))))),
    ),
  );
}

/** A button that asks for the next page of a list and goes when there is none. */
export function moreButton(run: (button: HTMLButtonElement) => void): HTMLElement {
  const button: HTMLButtonElement = h('button', { type: 'button', class: 'button k-more', onclick: () => run(button) }, icon('plus'), t('more'));
  return button;
}

/** Hands a file to the browser, which keeps it. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = h('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A title above its text, for the head of a page. */
export const pageHead = (title: string, text: string, ...tools: (HTMLElement | null)[]): HTMLElement =>
  h('header', { class: 'k-head' }, h('div', { class: 'k-head-text' }, h('h1', {}, title), h('p', {}, text)), h('div', { class: 'k-tools' }, ...tools));
