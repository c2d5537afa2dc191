/** Values and conditions of the ledger as people read them. */
import { decimal } from '../format';
import { pick } from '../i18n';
import { t } from '../desk/texts';
import { bounds } from './select';
import type { Column, ListedColumn, Table } from './table';
import { ANY, NONE } from './view';

/** The text of a place of a column. */
export function placeText(column: ListedColumn, place: number): string {
  if (column.kind === 'boolean') return t(place === 1 ? 'ledger.yes' : 'ledger.no');
  const term = column.terms?.[place];
  return term ? pick(term.label) : (column.keys[place] ?? '');
}

/** The text of a value, empty where there is none. */
export function valueText(column: Column, row: number): string {
  if (column.kind === 'number') {
    const value = column.data[row] as number;
    if (Number.isNaN(value)) return '';
    // A year is a name, not a quantity.
    return column.key === 'built_year' ? String(value) : decimal(value, column.decimals);
  }
  const place = column.data[row] as number;
  return place < 0 ? '' : placeText(column, place);
}

/** A condition in words: `户数 ≥ 500`. */
export function conditionText(column: Column, condition: string): string {
  return `${pick(column.title)}${t('ledger.colon')}${conditionValue(column, condition)}`;
}

function conditionValue(column: Column, condition: string): string {
  if (condition === NONE) return t('ledger.none');
  if (condition === ANY) return t('ledger.any');
  if (column.kind === 'text') return `“${condition}”`;
  if (column.kind === 'number' || column.kind === 'date') {
    const [from = '', until = ''] = bounds(condition);
    if (from === until) return from;
    if (!until) return `≥ ${from}`;
    return from ? t('ledger.between', { from, until }) : `≤ ${until}`;
  }
  return condition
    .split(',')
    .map((key) => (key === NONE ? t('ledger.none') : column.keys.includes(key) ? placeText(column, column.keys.indexOf(key)) : key))
    .join(t('ledger.or'));
}

/** Everything that is asked for, in one sentence for a file or a print. */
export function filterText(table: Table, { q, conditions }: { q: string; conditions: ReadonlyMap<string, string> }): string {
  const parts = q.trim() ? [t('ledger.searched', { text: q.trim() })] : [];
  for (const [key, condition] of conditions) {
    const column = table.columns.get(key);
    if (column) parts.push(conditionText(column, condition));
  }
  return parts.join(t('ledger.and'));
}
