/** What is known of the marked row at a glance, and the way to its card. */
import { icon } from '../desk/icons';
import { areaLink } from '../desk/parts';
import { t } from '../desk/texts';
import type { AsOf, Mode, Theme } from '../types';
import { fill, h } from '../ui/dom';
import { swatch } from '../ui/swatch';
import type { Table } from './table';
import { valueText } from './words';

export interface TakenRow {
  table: Table;
  row: number;
  theme: Theme;
  mode: Mode;
  asOf: AsOf;
}

export class Taken {
  readonly element = h('div', { class: 'l-taken', role: 'status', hidden: true });

  constructor(private readonly drop: () => void) {}

  draw(taken: TakenRow | null): void {
    this.element.hidden = taken === null;
    if (!taken) return fill(this.element);
    const { table, row, theme, mode, asOf } = taken;
    const text = (key: string) => {
      const column = table.columns.get(key);
      return column ? valueText(column, row) : '';
    };
    const card = areaLink({ code: table.code(row), name: t('ledger.card') }, asOf);
    card.className = 'button';
    card.append(icon('chevron'));
    fill(
      this.element,
      h('div', { class: 'l-taken-text' }, h('b', {}, text('name')), h('small', {}, swatch(theme, table.text('style', row) ?? 'unknown', mode), [text('street'), text('style')].filter(Boolean).join(' · '))),
      card,
      h('button', { type: 'button', class: 'icon-button', 'aria-label': t('ledger.unmark'), title: t('ledger.unmark'), onclick: this.drop }, icon('close')),
    );
  }
}
