/** Rows of facts; what is not registered is gathered in one line instead of filling the card with dashes. */
import { t } from '../i18n';
import { h } from './dom';

export type Fact = [label: string, value: string | HTMLElement | null];

export function section(title: string, ...children: (HTMLElement | null)[]): HTMLElement | null {
  const kept = children.filter((child): child is HTMLElement => child !== null);
  return kept.length === 0 ? null : h('section', { class: 'facts' }, h('h3', {}, title), ...kept);
}

export function facts(rows: readonly Fact[]): HTMLElement | null {
  const known = rows.filter(([, value]) => value !== null && value !== '');
  if (known.length === 0) return null;
  return h('dl', { class: 'fact-list' }, ...known.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, value))));
}

export function missing(rows: readonly Fact[]): HTMLElement | null {
  const labels = rows.filter(([, value]) => value === null).map(([label]) => label);
  return labels.length === 0 ? null : h('p', { class: 'missing' }, t('card.missing', { list: labels.join(t('list.comma')) }));
}
