/** Rows of facts; what is not registered is gathered in one line instead of filling the card with dashes. */
import { t } from '../i18n';
import { h } from './dom';

/** A value that is null is not known; one that is undefined is not shown to this audience. */
export type Fact = [label: string, value: string | HTMLElement | null | undefined];

export function section(title: string, ...children: (HTMLElement | null)[]): HTMLElement | null {
  const kept = children.filter((child): child is HTMLElement => child !== null);
  return kept.length === 0 ? null : h('section', { class: 'facts' }, h('h3', {}, title), ...kept);
}

export function facts(rows: readonly Fact[]): HTMLElement | null {
  const known = rows.filter(([, value]) => value != null && value !== '');
  if (known.length === 0) return null;
  return h('dl', { class: 'fact-list' }, ...known.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, value))));
}

const labelsOf = (rows: readonly Fact[], without: null | undefined): string =>
  rows.filter(([, value]) => value === without).map(([label]) => label).join(t('list.comma'));

export function missing(rows: readonly Fact[]): HTMLElement | null {
  const [unknown, hidden] = [labelsOf(rows, null), labelsOf(rows, undefined)];
  if (!unknown && !hidden) return null;
  return h('p', { class: 'missing' }, ...[unknown && t('card.missing', { list: unknown }), hidden && t('card.hidden', { list: hidden })].filter(Boolean).map((text) => h('span', {}, text)));
}
