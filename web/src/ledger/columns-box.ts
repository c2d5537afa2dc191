/** The box in which columns are chosen. */
import { tick } from '../deliveries/parts';
import { openBox } from '../desk/box';
import { t } from '../desk/texts';
import { pick } from '../i18n';
import { remember, remembered } from '../storage';
import { fill, h } from '../ui/dom';
import { LEAD, USUAL } from './layout';
import type { Table } from './table';

const STORED = 'ledger.columns';

/** The columns that were chosen on an earlier visit, null when none were. */
export function chosenColumns(): string[] | null {
  const kept = remembered(STORED);
  return kept ? kept.split(',').filter(Boolean) : null;
}

export function openColumns(table: Table, anchor: HTMLElement, set: (columns: string[] | null) => void): void {
  const { body } = openBox(t('ledger.columns'), anchor);
  const taken = (columns: string[] | null) => {
    remember(STORED, columns?.join(',') ?? '');
    set(columns);
  };
  const draw = () => {
    const chosen = new Set(chosenColumns() ?? USUAL);
    const keys = [...table.columns.keys()].filter((key) => key !== LEAD);
    const lines = keys.flatMap((key) => {
      const column = table.columns.get(key);
      if (!column) return [];
      const change = (checked: boolean) => {
        if (checked) chosen.add(key);
        else chosen.delete(key);
        // What was shown keeps its place; what is new stands at the end.
        taken([...chosen]);
      };
      return [tick(chosen.has(key), change, h('span', {}, pick(column.title)))];
    });
    const whole = (columns: string[] | null) => () => {
      taken(columns);
      draw();
    };
    fill(
      body,
      h('div', { class: 'k-ticks' }, ...lines),
      h('div', { class: 'k-box-foot' }, h('button', { type: 'button', class: 'button', onclick: whole(null) }, t('ledger.columns.usual')), h('button', { type: 'button', class: 'button', onclick: whole([LEAD, ...keys]) }, t('ledger.columns.all'))),
    );
  };
  draw();
}
