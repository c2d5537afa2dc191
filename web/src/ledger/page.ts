/** The ledger: every area in a table, the same selection on a map beside it, and both as one address. */
import * as api from '../api';
import { sameClocks } from '../asof';
import { icon } from '../desk/icons';
import { chooseDay, empty, failure, pastNote, skeletons } from '../desk/parts';
import * as questions from '../desk/questions';
import { t } from '../desk/texts';
import type { Context, View } from '../desk/view';
import { day, decimal, integer } from '../format';
import { currentLang, pick, t as base } from '../i18n';
import type { Register, Theme } from '../types';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import { Chips } from './chips';
import { chosenColumns, openColumns } from './columns-box';
import { openCondition } from './condition-box';
import { openExport, type Format } from './export-box';
import { Grid } from './grid';
import { shownColumns, USUAL } from './layout';
import { LedgerMap } from './map';
import { Printer, type Sheet } from './print';
import { inSteps, marked, places } from './rows';
import { SEARCHED, select, sum } from './select';
import { Table, type Column } from './table';
import { Taken } from './taken';
import { countText, toldRows } from './told';
import { formatLedger, leftBehind, mapAddress, parseLedger, withCondition, type LedgerView } from './view';
import { filterText } from './words';

/** Typing rests this long before the table follows. */
const REST_MS = 80;

/** What one day's ledger consists of. */
interface Loaded {
  table: Table;
  theme: Theme;
  shown: Register;
}

export class LedgerPage implements View {
  readonly element = h('div', { class: 'l-page' });
  private view: LedgerView = parseLedger(location.search);
  private loaded: Loaded | null = null;
  private columns: string[] | null = chosenColumns();
  private rows: Uint32Array = new Uint32Array();
  private map: LedgerMap | null = null;
  private side: 'table' | 'map' = 'table';
  private readonly grid: Grid;
  private readonly chips = new Chips((change) => this.set(change(this.view)));
  private readonly taken: Taken;
  private readonly life = new AbortController();
  private readonly printer = new Printer(() => this.sheet(), this.life.signal);
  private readonly past = h('div', {});
  private readonly bar = h('div', { class: 'l-bar' });
  private readonly left = h('section', { class: 'l-left' });
  private readonly right = h('section', { class: 'l-right' });
  private readonly foot = h('p', { class: 'l-foot num', role: 'status' });

  constructor(private readonly context: Context) {
    this.grid = new Grid({ sort: (sort) => this.set({ ...this.view, sort }), ask: (column, button) => this.ask(column, button), take: (at) => this.take(this.rows[at] ?? null), open: () => this.open() });
    this.taken = new Taken(() => this.take(null));
    this.element.append(this.past, this.bar, this.chips.element, h('div', { class: 'l-split' }, this.left, this.right), this.foot);
    this.drawBar();
    void this.load();
  }

  title = (): string => t('ledger.title');

  close = (): void => {
    this.life.abort();
    this.map?.close();
    this.map = null;
  };

  recolour = (): void => {
    this.map?.recolour(this.context.looks.mode);
    this.draw();
  };

  render = (): void => {
    this.drawBar();
    this.draw();
  };

  private async load(): Promise<void> {
    const asOf = { on: this.view.on, known: this.view.known };
    this.loaded = null;
    this.map?.close();
    this.map = null;
    fill(this.past, pastNote(asOf, () => this.toDay(null)));
    fill(this.left, ...skeletons(...Array.from({ length: 14 }, () => 'row')));
    fill(this.right, h('div', { class: 'skeleton k-s-map' }));
    fill(this.foot, t('loading'));
    try {
      const [sent, theme, shown] = await Promise.all([questions.ledger(asOf), api.theme(null, asOf), api.register(asOf)]);
      if (!sameClocks(asOf, this.view)) return;
      this.loaded = { table: new Table(sent), theme, shown };
    } catch (error) {
      if (!sameClocks(asOf, this.view)) return;
      fill(this.left, failure(error, () => void this.load()));
      fill(this.right);
      fill(this.foot);
      return;
    }
    fill(this.left, this.grid.element);
    this.drawMap(this.loaded);
    this.draw();
    this.element.dataset.ready = 'true';
    const { table } = this.loaded;
    inSteps(table.preparing(SEARCHED, this.columns ?? USUAL), () => this.loaded?.table === table && !this.life.signal.aborted);
  }

  /** Shows another view of the same day, and puts it into the address. */
  private set(view: LedgerView): void {
    const moved = !sameClocks(view, this.view);
    const refiltered = view.q !== this.view.q || view.conditions !== this.view.conditions;
    this.view = view;
    this.remember();
    if (moved) void this.load();
    else {
      this.draw();
      if (refiltered) this.grid.toTop();
    }
  }

  private remember(): void {
    history.replaceState(null, '', formatLedger(this.view));
    this.context.moved();
  }

  private toDay(on: string | null): void {
    this.set({ ...this.view, on, known: null });
    this.drawBar();
  }

  private draw(): void {
    const { loaded, view, context } = this;
    if (!loaded) return;
    const from = performance.now();
    const { table, theme } = loaded;
    const before = this.rows;
    this.rows = select(table, view);
    this.grid.show({ table, columns: this.shown(table), rows: this.rows, sort: view.sort, held: new Set(view.conditions.keys()), theme, mode: context.looks.mode, at: this.placeOf(table, view.area) });
    this.left.classList.toggle('none', this.rows.length === 0);
    this.left.querySelector('.d-empty')?.remove();
    if (this.rows.length === 0) this.left.append(empty('search', t('ledger.empty'), t('ledger.empty.text')));
    this.chips.draw(table, view);
    this.drawFoot(table);
    this.tell();
    // For the benchmark, and for whoever looks into it with the browser's own tools.
    performance.measure('ledger', { start: from });
    // The table answers first; the map may take its time.
    requestAnimationFrame(() => this.showSelection(table, before));
  }

  private shown(table: Table): Column[] {
    return shownColumns(table.columns, this.columns);
  }

  /** The place of an area among the rows shown, -1 where it has none. */
  private placeOf(table: Table, code: string | null): number {
    const row = code === null ? null : table.row(code);
    return row === null ? -1 : this.rows.indexOf(row);
  }

  /** Tells of the marked area below the map, and marks it there. */
  private tell(): void {
    const { loaded, view } = this;
    if (!loaded) return;
    const row = view.area === null ? null : loaded.table.row(view.area);
    this.taken.draw(row === null ? null : { table: loaded.table, row, theme: loaded.theme, mode: this.context.looks.mode, asOf: view });
    this.map?.mark(row === null ? null : view.area, row === null ? null : (loaded.table.sent.labels[row] ?? null));
  }

  private take(row: number | null): void {
    const code = row === null ? null : (this.loaded?.table.code(row) ?? null);
    this.view = { ...this.view, area: code };
    this.remember();
    if (this.loaded) this.grid.mark(this.placeOf(this.loaded.table, code));
    this.tell();
  }

  private open(): void {
    const link = this.taken.element.querySelector('a');
    link?.click();
  }

  /** The selection on the map; it moves only when other rows are left. */
  private showSelection(table: Table, before: Uint32Array): void {
    const { rows, map } = this;
    if (!map || this.loaded?.table !== table) return;
    const held = marked(rows, table.count);
    if (before.length === rows.length && before.every((row) => held[row] === 1)) return;
    const codes = { has: (code: string) => held[table.row(code) ?? -1] === 1 };
    map.select(rows.length === table.count ? null : codes, places(table, rows));
  }

  private drawMap({ table, theme, shown }: Loaded): void {
    const { register, looks } = this.context;
    const asOf = { on: this.view.on, known: this.view.known };
    const pressed = (code: string | null) => {
      const row = code === null ? null : table.row(code);
      if (row !== null && !this.rows.includes(row)) toast({ icon: 'info', text: t('ledger.outside') });
      else this.take(row);
    };
    const stage = h('div', { class: 'l-map' });
    fill(this.right, stage, this.taken.element);
    const map = new LedgerMap(stage, t('ledger.map'), { register, shown, theme, mode: looks.mode, asOf, pressed, street: (code) => this.set(withCondition(this.view, 'street', code)) });
    const tool = (sign: 'plus' | 'minus' | 'scan', label: string, run: () => void) => h('button', { type: 'button', class: 'tool', 'aria-label': label, title: label, onclick: run }, icon(sign));
    stage.append(h('div', { class: 'l-tools' }, tool('plus', t('ledger.zoom_in'), () => map.zoomBy(1)), tool('minus', t('ledger.zoom_out'), () => map.zoomBy(-1)), tool('scan', t('ledger.whole'), () => map.whole())));
    this.map = map;
    this.rows = new Uint32Array();
    if (select(table, this.view).length === table.count) map.whole();
  }

  private drawBar(): void {
    const { view, context } = this;
    let rest: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      clearTimeout(rest);
      rest = setTimeout(() => this.set({ ...this.view, q: input.value }), REST_MS);
    };
    const input = h('input', { type: 'search', value: view.q, placeholder: t('ledger.search'), 'aria-label': t('ledger.search'), enterkeyhint: 'search', oninput: later });
    const button = (sign: 'columns' | 'download', text: string, run: (button: HTMLElement) => void) => {
      const made: HTMLElement = h('button', { type: 'button', class: 'button', 'aria-label': text, title: text, 'aria-haspopup': 'dialog', onclick: () => run(made) }, icon(sign), h('span', {}, text));
      return made;
    };
    const sideButton = (side: 'table' | 'map', text: string) => h('button', { type: 'button', class: 'l-toggle', 'aria-pressed': String(this.side === side), onclick: () => this.turn(side) }, text);
    this.element.dataset.side = this.side;
    fill(
      this.bar,
      h('h1', { class: 'sr-only' }, t('ledger.title')),
      h('label', { class: 'l-search' }, icon('search'), input),
      chooseDay(context.register, view, (on) => this.toDay(on)),
      h('div', { class: 'l-toggles l-sides', role: 'group', 'aria-label': t('ledger.sides') }, sideButton('table', t('ledger.side.table')), sideButton('map', t('ledger.side.map'))),
      h('span', { class: 'l-space' }),
      h('a', { class: 'button', 'data-link': 'map', href: mapAddress(view), title: t('ledger.to_map') }, icon('base'), h('span', {}, t('ledger.to_map'))),
      button('columns', t('ledger.columns'), (anchor) => this.loaded && openColumns(this.loaded.table, anchor, (columns) => this.choose(columns))),
      button('download', t('ledger.export'), (anchor) => this.loaded && openExport({ rows: this.rows.length, told: toldRows(this.view, this.rows.length), file: (format, all) => this.file(format, all), print: (paper) => this.printer.print(paper) }, anchor)),
    );
  }

  private turn(side: 'table' | 'map'): void {
    this.side = side;
    this.drawBar();
    if (side === 'table') this.draw();
  }

  private choose(columns: string[] | null): void {
    this.columns = columns;
    this.draw();
  }

  private ask(column: Column, anchor: HTMLElement): void {
    if (!this.loaded) return;
    openCondition({ table: this.loaded.table, column, anchor, view: () => this.view, set: (condition) => this.set(withCondition(this.view, column.key, condition)) });
  }

  private drawFoot(table: Table): void {
    const { rows, view } = this;
    const sums = (['households', 'floor_area_m2'] as const).flatMap((key) => {
      const found = sum(table, key, rows);
      if (!found || found.known === 0) return [];
      const total = key === 'households' ? integer(found.total) : decimal(found.total / 10_000, 1);
      const without = rows.length - found.known;
      return [h('span', {}, t(`ledger.sum.${key}`, { n: total }), without > 0 && h('small', {}, t('ledger.sum.without', { n: integer(without) })))];
    });
    fill(this.foot, h('b', {}, countText(view, rows.length, table.count)), ...sums, h('span', { class: 'l-day' }, t('ledger.as_of', { day: day(table.sent.date) })), this.leftBehind(table));
    this.bar.querySelector('[data-link="map"]')?.setAttribute('href', mapAddress(view));
  }

  /** The map shows one street and classes; what else is asked stays here, and that is said. */
  private leftBehind(table: Table): HTMLElement | null {
    const names = leftBehind(this.view).flatMap((key) => {
      const column = table.columns.get(key);
      return key === 'q' ? [t('ledger.words')] : column ? [pick(column.title)] : [];
    });
    return names.length > 0 ? h('small', { class: 'l-behind', 'data-note': 'map' }, t('ledger.to_map.without', { what: names.join(base('list.comma')) })) : null;
  }

  private async file(format: Format, all: boolean): Promise<{ file: Blob; name: string }> {
    const { loaded, view, rows } = this;
    if (!loaded) throw new Error('the ledger is not there yet');
    const { table } = loaded;
    const plain = rows.length === table.count && view.sort === null;
    const columns = all ? null : this.shown(table).map(({ key }) => key);
    const file = await questions.exported({ format, codes: plain ? null : Array.from(rows, (row) => table.code(row)), columns: columns && !columns.includes('code') ? ['code', ...columns] : columns, filter: filterText(table, view).slice(0, 500), lang: currentLang() }, view);
    return { file, name: `${t('ledger.title')}-${day(table.sent.date)}.${format}` };
  }

  private sheet(): Sheet | null {
    const { loaded, view, rows } = this;
    return loaded && { register: loaded.shown, day: day(loaded.table.sent.date), filter: filterText(loaded.table, view), columns: this.shown(loaded.table), rows, told: toldRows(view, rows.length) };
  }
}
