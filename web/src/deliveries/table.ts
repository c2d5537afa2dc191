/** The list of findings. Only the rows in view are elements, so that thousands stay smooth. */
import { pick } from '../i18n';
import { itemText } from '../item';
import { fill, h, isPhone } from '../ui/dom';
import { icon, type Sign } from './icons';
import { kindOf, type Kind, type Sort, type SortKey } from './sift';
import { t } from './texts';
import type { Finding } from './types';
import { rowForKey, rowsInView, scrollFor } from './window';

const ROW_PX = 56;
const CARD_PX = 112;
const HEAD_PX = 36;
/** On a phone the page itself scrolls; the rest is shown when asked for, so that what comes below stays in reach. */
const CARDS = 30;

const COLUMNS: readonly SortKey[] = ['kind', 'row', 'name', 'street', 'issue'];
export const KIND_SIGNS: Record<Kind, Sign> = { must_fix: 'must', fix_later: 'later', excepted: 'shield', repaired: 'repaired' };

export interface TableEvents {
  choose(finding: Finding): void;
  sort(sort: Sort): void;
  street(code: string | null): string;
}

export class FindingsTable {
  readonly element = h('div', { class: 'd-table-box' });
  private readonly grid = h('div', { class: 'd-table', role: 'grid', tabindex: 0, onkeydown: (event: KeyboardEvent) => this.key(event) });
  private readonly head = h('div', { class: 'd-head', role: 'rowgroup' });
  private readonly body = h('div', { class: 'd-rows', role: 'rowgroup' });
  private readonly more = h('div', { class: 'd-more' });
  private items: readonly Finding[] = [];
  private sort: Sort = { key: 'kind', descending: false };
  private chosen: number | null = null;
  private cards = CARDS;
  private drawn = '';

  constructor(
    private readonly events: TableEvents,
    signal: AbortSignal,
  ) {
    this.grid.append(this.head, this.body);
    this.element.append(this.grid, this.more);
    // Whatever scrolls, the list or the page, moves the list past the edges of what is seen.
    document.addEventListener('scroll', () => this.draw(), { capture: true, passive: true, signal });
    new ResizeObserver(() => this.draw()).observe(this.grid);
  }

  show(items: readonly Finding[], sort: Sort, chosen: number | null): void {
    if (items !== this.items) this.cards = CARDS;
    [this.items, this.sort, this.chosen] = [items, sort, chosen];
    this.grid.setAttribute('aria-label', t('table.label'));
    this.grid.setAttribute('aria-rowcount', String(items.length + 1));
    this.drawHead();
    this.drawn = '';
    this.draw();
  }

  /** Marks a finding and scrolls to it where the list has a scroll bar of its own. */
  choose(number: number | null): void {
    this.chosen = number;
    this.drawn = '';
    const at = this.index();
    if (at >= 0 && !isPhone()) this.grid.scrollTop = scrollFor(at, this.rowPx(), HEAD_PX, this.grid.scrollTop, this.grid.clientHeight);
    this.draw();
  }

  private index(): number {
    return this.items.findIndex(({ number }) => number === this.chosen);
  }

  private rowPx(): number {
    return isPhone() ? CARD_PX : ROW_PX;
  }

  private drawHead(): void {
    const heads = COLUMNS.map((key) => {
      const mine = this.sort.key === key;
      const turn = () => this.events.sort({ key, descending: mine && !this.sort.descending });
      const label = t(`head.${key}`);
      return h(
        'div',
        { role: 'columnheader', class: `d-cell c-${key}`, 'aria-sort': mine ? (this.sort.descending ? 'descending' : 'ascending') : 'none' },
        h('button', { type: 'button', title: t('sort.by', { name: label }), onclick: turn }, h('span', {}, label), mine ? icon(this.sort.descending ? 'sortDown' : 'sortUp') : null),
      );
    });
    const focused = this.head.contains(document.activeElement) ? [...this.head.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement) : -1;
    fill(this.head, h('div', { role: 'row', class: 'd-row', 'aria-rowindex': 1 }, ...heads));
    this.head.querySelectorAll('button')[focused]?.focus({ preventScroll: true });
  }

  private draw(): void {
    if (!this.grid.isConnected) return;
    const phone = isPhone();
    const rowPx = this.rowPx();
    const total = phone ? Math.min(this.cards, this.items.length) : this.items.length;
    const box = this.grid.getBoundingClientRect();
    const [top, bottom] = phone ? [0, innerHeight] : [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const { first, last } = rowsInView(total, rowPx, top - this.body.getBoundingClientRect().top, Math.max(0, bottom - top));
    const key = `${first} ${last} ${total} ${phone} ${this.chosen} ${document.documentElement.lang}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.body.style.height = `${total * rowPx}px`;
    fill(this.body, ...this.items.slice(first, last).map((finding, index) => this.row(finding, first + index, rowPx)));
    const chosen = this.index();
    if (chosen >= first && chosen < last) this.grid.setAttribute('aria-activedescendant', rowId(chosen));
    else this.grid.removeAttribute('aria-activedescendant');
    const left = this.items.length - total;
    const next = Math.min(CARDS, left);
    fill(this.more, left > 0 && h('button', { type: 'button', class: 'button', onclick: () => this.showMore() }, t('table.more', { n: next })));
  }

  private showMore(): void {
    this.cards += CARDS;
    this.draw();
  }

  private row(finding: Finding, index: number, rowPx: number): HTMLElement {
    const kind = kindOf(finding);
    const cell = (key: SortKey, ...children: (Node | string | null)[]) => h('div', { role: 'gridcell', class: `d-cell c-${key}` }, ...children);
    const row = h(
      'div',
      { role: 'row', id: rowId(index), class: `d-row ${kind}`, 'aria-rowindex': index + 2, 'aria-selected': String(finding.number === this.chosen), onclick: () => this.take(index) },
      cell('kind', icon(KIND_SIGNS[kind]), h('span', { class: 'd-kind-text' }, t(`kind.${kind}`))),
      cell('row', h('span', { class: 'num', title: `${finding.file} · ${itemText(finding.item)}` }, rowText(finding.row))),
      cell('name', h('span', {}, finding.name || (finding.row === null ? (finding.column ?? '—') : t('table.nameless')))),
      cell('street', h('span', {}, this.events.street(finding.street))),
      cell('issue', h('b', {}, pick(finding.title)), h('span', {}, pick(finding.wrong))),
    );
    row.style.transform = `translateY(${index * rowPx}px)`;
    row.style.height = `${rowPx}px`;
    return row;
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.grid || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((this.grid.clientHeight - HEAD_PX) / this.rowPx()) - 1);
    const to = rowForKey(event.key, this.index(), this.items.length, page);
    if (to === null) return;
    event.preventDefault();
    this.take(to);
  }

  private take(index: number): void {
    const finding = this.items[index];
    if (!finding) return;
    this.choose(finding.number);
    this.events.choose(finding);
  }
}

/** A card says that the number is one of a row; in the table the head of the column does. */
const rowText = (row: number | null): string => (row === null ? '—' : isPhone() ? itemText(`row ${row}`) : String(row));

const rowId = (index: number): string => `finding-${index}`;
