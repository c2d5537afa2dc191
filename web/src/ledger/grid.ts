/** The table. Only the rows in view are elements, so that a hundred thousand stay smooth. */
import { rowForKey, rowsInView, scrollFor } from '../deliveries/window';
import { icon } from '../desk/icons';
import { t } from '../desk/texts';
import { currentLang, pick } from '../i18n';
import type { Mode, Theme } from '../types';
import { fill, h, isPhone } from '../ui/dom';
import { swatch } from '../ui/swatch';
import { columnWidth, HEAD_PX, LEAD, ROW_PX } from './layout';
import type { Column, Table } from './table';
import type { Sort } from './view';
import { valueText } from './words';

export interface GridEvents {
  sort(sort: Sort | null): void;
  /** Asks for a condition on a column; the box opens beside the button. */
  ask(column: Column, button: HTMLElement): void;
  /** A row was taken, by its place among those shown. */
  take(at: number): void;
  /** The card of the taken row is wanted. */
  open(): void;
}

export interface Shown {
  table: Table;
  columns: readonly Column[];
  rows: Uint32Array;
  sort: Sort | null;
  /** Keys of columns with a condition. */
  held: ReadonlySet<string>;
  theme: Theme;
  mode: Mode;
  /** The place of the marked row among those shown, -1 for none. */
  at: number;
}

export class Grid {
  readonly element = h('div', { class: 'l-grid', role: 'grid', tabindex: 0, onkeydown: (event: KeyboardEvent) => this.key(event) });
  private readonly head = h('div', { class: 'l-head', role: 'rowgroup' });
  private readonly body = h('div', { class: 'l-rows', role: 'rowgroup' });
  private shown: Shown | null = null;
  private at = -1;
  private drawn = '';

  constructor(private readonly events: GridEvents) {
    this.element.append(this.head, this.body);
    this.element.addEventListener('scroll', () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  show(shown: Shown): void {
    const columns = this.shown?.columns;
    this.shown = shown;
    this.at = shown.at;
    this.element.setAttribute('aria-label', t('ledger.table'));
    this.element.setAttribute('aria-rowcount', String(shown.rows.length + 1));
    this.element.setAttribute('aria-colcount', String(shown.columns.length));
    const widths = shown.columns.map((column) => columnWidth(column, currentLang(), isPhone()));
    const whole = widths.reduce((sum, width) => sum + width, 0);
    this.element.style.setProperty('--columns', widths.map((width, at) => (at === widths.length - 1 ? `minmax(${width}px, 1fr)` : `${width}px`)).join(' '));
    this.element.style.setProperty('--whole', `${whole}px`);
    this.body.style.height = `${shown.rows.length * ROW_PX}px`;
    if (columns !== shown.columns) this.element.scrollLeft = Math.min(this.element.scrollLeft, whole);
    this.drawHead(shown);
    this.mark(shown.at);
  }

  /** Marks a row by its place, -1 for none, and scrolls to it when it is out of sight. */
  mark(at: number): void {
    this.at = at;
    if (at >= 0) this.element.scrollTop = scrollFor(at, ROW_PX, HEAD_PX, this.element.scrollTop, this.element.clientHeight);
    this.drawn = '';
    this.draw();
  }

  toTop(): void {
    this.element.scrollTop = 0;
  }

  private drawHead({ columns, sort, held }: Shown): void {
    const focused = this.head.contains(document.activeElement) ? [...this.head.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement) : -1;
    const heads = columns.map((column, at) => {
      const mine = sort?.key === column.key;
      const label = pick(column.title);
      const turn = () => this.events.sort(!mine ? { key: column.key, descending: false } : sort.descending ? null : { key: column.key, descending: true });
      const asker: HTMLElement = h('button', { type: 'button', class: held.has(column.key) ? 'l-ask on' : 'l-ask', 'aria-label': t('ledger.ask', { name: label }), title: t('ledger.ask', { name: label }), 'aria-haspopup': 'dialog', onclick: () => this.events.ask(column, asker) }, icon('filter'));
      return h(
        'div',
        { role: 'columnheader', class: cellClass(column, at), 'aria-colindex': at + 1, 'aria-sort': mine ? (sort.descending ? 'descending' : 'ascending') : 'none' },
        h('button', { type: 'button', class: 'l-sort', title: t('ledger.sort', { name: label }), onclick: turn }, h('span', {}, label), mine ? icon(sort.descending ? 'sortDown' : 'sortUp') : null),
        asker,
      );
    });
    fill(this.head, h('div', { role: 'row', class: 'l-row', 'aria-rowindex': 1 }, ...heads));
    this.head.querySelectorAll('button')[focused]?.focus({ preventScroll: true });
  }

  private draw(): void {
    const { shown } = this;
    if (!shown || !this.element.isConnected) return;
    const { first, last } = rowsInView(shown.rows.length, ROW_PX, this.element.scrollTop, this.element.clientHeight - HEAD_PX);
    const key = `${first} ${last} ${this.at}`;
    if (key === this.drawn) return;
    this.drawn = key;
    fill(this.body, ...Array.from(shown.rows.subarray(first, last), (row, index) => this.row(shown, row, first + index)));
    if (this.at >= first && this.at < last) this.element.setAttribute('aria-activedescendant', rowId(this.at));
    else this.element.removeAttribute('aria-activedescendant');
  }

  private row(shown: Shown, row: number, at: number): HTMLElement {
    const element = h(
      'div',
      { role: 'row', id: rowId(at), class: 'l-row', 'aria-rowindex': at + 2, 'aria-selected': String(at === this.at), onclick: () => this.events.take(at), ondblclick: () => this.events.open() },
      ...shown.columns.map((column, index) => h('div', { role: 'gridcell', class: cellClass(column, index), 'aria-colindex': index + 1 }, ...cell(shown, column, row))),
    );
    element.style.transform = `translateY(${at * ROW_PX}px)`;
    return element;
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.element || event.altKey || event.ctrlKey || event.metaKey || !this.shown) return;
    if (event.key === 'Enter' && this.at >= 0) {
      event.preventDefault();
      this.events.open();
      return;
    }
    const page = Math.max(1, Math.floor((this.element.clientHeight - HEAD_PX) / ROW_PX) - 1);
    const to = rowForKey(event.key, this.at, this.shown.rows.length, page);
    if (to === null) return;
    event.preventDefault();
    this.events.take(to);
  }
}

function cell({ theme, mode }: Shown, column: Column, row: number): (Node | string)[] {
  const text = valueText(column, row);
  if (text === '') return [h('span', { class: 'l-none' }, '—')];
  if (column.kind === 'term') {
    const key = column.keys[column.data[row] ?? -1] ?? '';
    if (column.key === 'style') return [h('img', { class: 'swatch', alt: '', src: sample(theme, key, mode) }), h('span', { title: text }, text)];
    if (column.key === 'due') return [h('span', { class: `k-due ${key}` }, text)];
  }
  if (column.key === LEAD) return [h('b', { title: text }, text)];
  return [h('span', { title: text.length > 8 ? text : null }, text)];
}

const samples = new Map<string, string>();

/** The sample of a class as a picture, painted once. */
function sample(theme: Theme, key: string, mode: Mode): string {
  const name = `${key} ${mode}`;
  let picture = samples.get(name);
  if (picture === undefined) {
    picture = swatch(theme, key, mode).toDataURL();
    samples.set(name, picture);
  }
  return picture;
}

const cellClass = ({ kind, key }: Column, at: number): string => `l-cell${kind === 'number' ? ' num right' : kind === 'date' || key === 'code' ? ' num' : ''}${at === 0 ? ' lead' : ''}`;

const rowId = (at: number): string => `row-${at}`;
