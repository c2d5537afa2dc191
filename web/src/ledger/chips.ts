/** What is asked for, as chips that take it back. */
import { icon } from '../desk/icons';
import { t } from '../desk/texts';
import { fill, h } from '../ui/dom';
import type { Table } from './table';
import { withCondition, type LedgerView } from './view';
import { conditionText } from './words';

export class Chips {
  readonly element = h('div', { class: 'l-chips', role: 'group' });

  constructor(private readonly set: (change: (view: LedgerView) => LedgerView) => void) {}

  draw(table: Table, view: LedgerView): void {
    const chip = (text: string, change: (now: LedgerView) => LedgerView) =>
      h('button', { type: 'button', class: 'l-chip', title: t('ledger.drop', { text }), onclick: () => this.set(change) }, h('span', {}, text), icon('close'));
    const chips = [...view.conditions].flatMap(([key, condition]) => {
      const column = table.columns.get(key);
      return column ? [chip(conditionText(column, condition), (now) => withCondition(now, key, null))] : [];
    });
    this.element.setAttribute('aria-label', t('ledger.conditions'));
    this.element.hidden = chips.length === 0;
    const all = chips.length > 1 && h('button', { type: 'button', class: 'text-button', onclick: () => this.set((now) => ({ ...now, conditions: new Map() })) }, t('ledger.drop_all'));
    fill(this.element, ...chips, all);
  }
}
