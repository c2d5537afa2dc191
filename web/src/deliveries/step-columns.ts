/** Step 2: what the columns mean. */
import { integer } from '../format';
import { pick } from '../i18n';
import { h } from '../ui/dom';
import { icon, type Sign } from './icons';
import { certainty, clashes, taken, withField, type Certainty, type Decisions } from './mapping';
import { dropDown, tick } from './parts';
import { t } from './texts';
import type { Column, Delivery, Layer } from './types';
import { fieldText } from './words';

const SAMPLES = 3;
const SIGNS: Record<Certainty, Sign> = { header: 'check', values: 'info', remembered: 'history', none: 'warning', chosen: 'check', refused: 'ban', left_out: 'minus' };

export function columnsSummary({ layers }: Delivery, decisions: Decisions): string {
  const { taken: used, total, refused } = taken(decisions, layers);
  if (total === 0) return t('columns.empty');
  return [t('columns.summary', { taken: used, total }), refused > 0 && t('columns.refused', { n: refused })].filter(Boolean).join(' · ');
}

/** True when something of the columns needs a look. */
export const columnsOpen = ({ layers }: Delivery, decisions: Decisions): boolean => layers.some(({ name }) => clashes(decisions, name).size > 0);

export function columnsBody(delivery: Delivery, decisions: Decisions, locked: boolean, decide: (next: Decisions) => void): HTMLElement {
  const chosen = delivery.layers.filter(({ name, columns }) => decisions.layers.includes(name) && columns.length > 0);
  return h(
    'div',
    { class: 'd-step-body' },
    ...chosen.flatMap((layer) => [chosen.length > 1 && h('h3', { class: 'd-layer-title' }, icon('layers'), layer.name), ...clashNotes(delivery, decisions, layer), columnTable(delivery, decisions, layer, locked, decide)]),
    chosen.length === 0 && h('p', { class: 'd-quiet' }, t('columns.empty')),
    chosen.length > 0 && !locked && h('div', { class: 'd-remember' }, tick(decisions.remember, (remember) => decide({ ...decisions, remember }), h('b', {}, t('columns.remember')), h('small', {}, t('columns.remember.text', { sender: delivery.sender })))),
  );
}

const clashNotes = ({ fields }: Delivery, decisions: Decisions, { name }: Layer): HTMLElement[] =>
  [...clashes(decisions, name)].map(([field, columns]) => h('p', { class: 'd-note warn', role: 'status' }, icon('warning'), t('columns.clash', { field: fieldText(field, fields), columns: columns.join(t('list.comma')) })));

function columnTable(delivery: Delivery, decisions: Decisions, layer: Layer, locked: boolean, decide: (next: Decisions) => void): HTMLElement {
  const head = (['columns.column', 'columns.samples', 'columns.meaning', 'columns.certainty'] as const).map((key) => h('th', { scope: 'col' }, t(key)));
  return h('table', { class: 'd-columns' }, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...layer.columns.map((column) => columnRow(delivery, decisions, layer, column, { locked, decide }))));
}

function columnRow({ fields }: Delivery, decisions: Decisions, layer: Layer, column: Column, { locked, decide }: { locked: boolean; decide: (next: Decisions) => void }): HTMLElement {
  const field = decisions.columns[layer.name]?.[column.name] ?? null;
  const sure = certainty(column, field);
  const { refused } = column;
  const label = t('columns.meaning_of', { column: column.name });
  const choices = [{ value: '', text: t('columns.none') }, ...fields.map(({ key, label: text }) => ({ value: key, text: pick(text) }))];
  const samples = column.samples.filter(Boolean).slice(0, SAMPLES);
  return h(
    'tr',
    { class: refused ? 'refused' : field === null ? 'left-out' : '', 'data-column': column.name },
    h('th', { scope: 'row' }, refused ? h('del', {}, column.name) : column.name, h('small', { class: 'num' }, t('columns.filled', { n: integer(column.filled) }))),
    h('td', { class: 'd-samples' }, ...(refused ? [] : samples.length > 0 ? samples.map((sample) => h('span', {}, sample)) : [h('small', {}, t('columns.no_samples'))])),
    h('td', {}, refused ? h('span', { class: 'd-reason' }, pick(refused)) : dropDown({ label, value: field ?? '', choices, disabled: locked }, (value) => decide(withField(decisions, layer.name, column.name, value || null)))),
    h('td', { class: `d-sure ${sure}` }, icon(SIGNS[sure]), h('span', {}, t(`certainty.${sure}`))),
  );
}
