/** The ledger on paper: a plain table with what was asked for and when, on A4 or A3. */
import { t } from '../desk/texts';
import { integer } from '../format';
import { pick, t as base } from '../i18n';
import type { Register } from '../types';
import { h } from '../ui/dom';
import { labelLine } from '../ui/map-label';
import type { Column } from './table';
import { valueText } from './words';

export type Paper = 'a4' | 'a3';

/** Rows beyond this are no print any more; a workbook holds them. */
export const PRINTED_MAX = 5000;

export interface Sheet {
  register: Register;
  /** The day of what is shown. */
  day: string;
  filter: string;
  columns: readonly Column[];
  rows: Uint32Array;
  /** How many they are said to be; null where it is not said. */
  told: string | null;
}

/** Puts what is printed into the page just before the browser prints, and takes it out after it. */
export class Printer {
  private paper: Paper = 'a4';
  private sheet: HTMLElement | null = null;

  constructor(
    private readonly content: () => Sheet | null,
    signal: AbortSignal,
  ) {
    addEventListener('beforeprint', () => this.prepare(), { signal });
    addEventListener('afterprint', () => this.clear(), { signal });
  }

  print(paper: Paper): void {
    this.paper = paper;
    window.print();
  }

  private prepare(): void {
    this.clear();
    const content = this.content();
    if (!content) return;
    this.sheet = sheetOf(content);
    this.sheet.classList.add(this.paper);
    document.body.append(this.sheet);
    this.paper = 'a4';
  }

  private clear(): void {
    this.sheet?.remove();
    this.sheet = null;
  }
}

function sheetOf({ register, day, filter, columns, rows, told }: Sheet): HTMLElement {
  const printed = Array.from(rows.subarray(0, PRINTED_MAX));
  const side = ({ kind }: Column) => (kind === 'number' ? 'num right' : kind === 'date' ? 'num' : null);
  const lines = [told === null ? t('ledger.print.line.listed', { day, revision: register.revision }) : t('ledger.print.line', { day, n: told, revision: register.revision }), filter, rows.length > PRINTED_MAX ? t('ledger.print.cut', { n: integer(PRINTED_MAX) }) : ''].filter(Boolean);
  return h(
    'section',
    { class: 'l-print' },
    h('h1', {}, `${register.district.name} ${base('title')} · ${t('ledger.title')}`),
    ...lines.map((line) => h('p', {}, line)),
    labelLine(register),
    register.demo && h('p', {}, `${base('demo.banner')} ${base('demo.text')}`),
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, h('th', {}, t('ledger.print.number')), ...columns.map((column) => h('th', { class: side(column) }, pick(column.title))))),
      h('tbody', {}, ...printed.map((row, at) => h('tr', {}, h('td', { class: 'num' }, String(at + 1)), ...columns.map((column) => h('td', { class: side(column) }, valueText(column, row)))))),
    ),
  );
}
