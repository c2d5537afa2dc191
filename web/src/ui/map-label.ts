/** What every map, list and print of it must carry: approval number or for what it is, source, and the date of the data. */
import { t } from '../i18n';
import { mapLabel } from '../rights';
import type { Register } from '../types';
import { h } from './dom';

/** `审图号：…`, `内部使用` or `示意 · 演示`. */
export function labelText(register: Register): string {
  const { kind, text } = mapLabel(register);
  if (kind === 'approval') return t('foot.approval', { number: text });
  return kind === 'told' ? text : t(kind === 'demo' ? 'foot.demo' : 'foot.internal');
}

/** The day of what is shown. */
export const dateText = ({ as_of, data_date }: Register): string => t(as_of?.present === false ? 'foot.past' : 'foot.date', { date: as_of?.datetime ?? data_date });

/** Source of the boundaries and of what lies under them. */
export const credits = ({ district, base_layer }: Register): string[] => [district.attribution, base_layer ? t('foot.base') : ''].filter(Boolean);

/** Label, date and source as one line for pages and prints. */
export const labelLine = (register: Register): HTMLElement =>
  h('p', { class: 'map-label num' }, h('b', {}, labelText(register)), h('span', {}, dateText(register)), ...credits(register).map((text) => h('span', { lang: 'zh-CN' }, text)));
