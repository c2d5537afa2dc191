/** The result of a check: figures, the table of findings and the map, which lead to each other. */
import { DraftMap } from '../map/draft-map';
import type { DraftShape } from '../map/draft-paint';
import { extent, outline } from '../map/draft-shapes';
import { integer } from '../format';
import { currentLang, pick } from '../i18n';
import type { Register } from '../types';
import { fill, h, isPhone } from '../ui/dom';
import { t as base } from '../i18n';
import { drawDetail } from './detail';
import { askException, withdrawException } from './exception';
import { icon } from './icons';
import { troubleNotice } from './notice';
import { FINDINGS_MAX } from './questions';
import { flags, NO_FILTER, sift, sorted, type Filter, type Sort, type Words } from './sift';
import { FindingsTable } from './table';
import { changeTiles, findingTiles } from './tiles';
import { t } from './texts';
import { toolbar } from './toolbar';
import type { Delivery, DraftChange, DraftFeature, Finding, Report } from './types';

export interface Result {
  delivery: Delivery;
  report: Report;
  findings: readonly Finding[];
  /** False when the page lists only the first of them. */
  whole: boolean;
  rows: readonly DraftFeature[];
  streets: ReadonlyMap<string, string>;
}

/** The row or the finding that the table, the map and the text below it show. */
type Selection = { finding: Finding } | { row: number } | null;

export class FindingsView {
  readonly element = h('div', { class: 'd-result' });
  private readonly figures = h('div', { class: 'd-figures' });
  private readonly tools = h('div', { class: 'd-tools' });
  private readonly empty = h('div', {});
  private readonly mapBox = h('div', { class: 'map', id: 'map', role: 'application' });
  private readonly tag = h('div', { class: 'hover-tag', hidden: true, 'aria-hidden': 'true' });
  private readonly detail = h('section', { class: 'd-detail', 'aria-live': 'polite' });
  private readonly corner = h('div', { class: 'd-corner' });
  private readonly foot = h('p', { class: 'd-map-foot' });
  private readonly capped = h('p', { class: 'd-quiet' });
  private readonly table: FindingsTable;
  private map: DraftMap | null = null;
  private shapes: DraftShape[] = [];
  private filter: Filter = NO_FILTER;
  private sort: Sort = { key: 'kind', descending: false };
  private hidden = new Set<string>();
  private selection: Selection = null;
  private shown: Finding[] = [];
  private byRow = new Map<number, DraftFeature>();

  constructor(
    private result: Result,
    private readonly register: Register,
    private readonly again: () => void,
    signal: AbortSignal,
  ) {
    this.table = new FindingsTable({ choose: (finding) => this.select({ finding }, 'table'), sort: (sort) => this.order(sort), street: (code) => this.street(code) }, signal);
    const stage = h('div', { class: 'd-map-stage' }, this.mapBox, this.tag, this.corner, this.foot);
    this.element.append(this.figures, h('div', { class: 'd-work' }, h('div', { class: 'd-list' }, this.tools, this.empty, this.table.element, this.capped), h('div', { class: 'd-side' }, stage, this.detail)));
    signal.addEventListener('abort', () => this.map?.close());
    // The map measures itself when it stands in the page.
    requestAnimationFrame(() => !signal.aborted && this.openMap());
    this.take(result);
  }

  /** Another check, or another state of the same one. */
  take(result: Result): void {
    this.result = result;
    const flagged = flags(result.findings);
    this.byRow = new Map(result.rows.map((feature) => [feature.properties.row, feature]));
    this.shapes = result.rows.flatMap(({ geometry, properties }) => {
      const shape = outline(properties.row, geometry);
      return shape ? [{ ...shape, kind: properties.change, flag: flagged.get(properties.row) ?? null }] : [];
    });
    const { selection } = this;
    if (selection && 'finding' in selection) {
      const same = result.findings.find(({ fingerprint, issue, subject, item }) => fingerprint === selection.finding.fingerprint && issue === selection.finding.issue && subject === selection.finding.subject && item === selection.finding.item);
      this.selection = same ? { finding: same } : null;
    }
    this.paint();
    this.render();
  }

  /** Draws everything anew, in the language of the page. */
  render(): void {
    this.mapBox.setAttribute('aria-label', t('map.label'));
    fill(this.foot, h('span', {}, this.register.map_approval_number ? base('foot.approval', { number: this.register.map_approval_number }) : base('foot.internal')), h('span', { lang: 'zh-CN' }, this.register.district.attribution));
    const tool = (sign: 'plus' | 'minus' | 'scan', name: string, run: () => void) => h('button', { type: 'button', class: 'tool', 'aria-label': name, title: name, onclick: run }, icon(sign));
    fill(this.corner, h('div', { class: 'tools' }, tool('plus', base('tool.zoom_in'), () => this.map?.zoomBy(1)), tool('minus', base('tool.zoom_out'), () => this.map?.zoomBy(-1)), tool('scan', t('map.fit'), () => this.fit())));
    this.capped.textContent = this.result.whole ? '' : t('table.capped', { n: integer(FINDINGS_MAX) });
    this.apply();
  }

  recolour(): void {
    this.map?.recolour();
  }

  /** Lists only what keeps the delivery from being published. */
  showBlocking(): void {
    this.change({ ...NO_FILTER, kind: 'must_fix' });
    this.element.scrollIntoView({ block: 'start' });
  }

  private words(): Words {
    return { lang: currentLang(), street: (code) => this.street(code) };
  }

  private street(code: string | null): string {
    return code === null ? '' : (this.result.streets.get(code) ?? code);
  }

  private change(filter: Filter): void {
    this.filter = filter;
    this.apply();
  }

  private order(sort: Sort): void {
    this.sort = sort;
    this.apply();
  }

  private apply(): void {
    const { result, filter } = this;
    const pressed = (this.figures.contains(document.activeElement) && document.activeElement instanceof HTMLElement && document.activeElement.dataset) || {};
    fill(this.figures, findingTiles(result.report.counts, filter.kind, (kind) => this.change({ ...this.filter, kind })), changeTiles(result.report.changes, this.hidden, (change) => this.toggle(change)));
    for (const [name, value] of Object.entries(pressed)) this.figures.querySelector<HTMLElement>(`[data-${name}="${value}"]`)?.focus({ preventScroll: true });
    this.shown = sorted(sift(result.findings, filter, this.words()), this.sort, this.words());
    toolbar(this.tools, { findings: result.findings, filter, sort: this.sort, shown: this.shown.length, words: this.words() }, { filter: (next) => this.change(next), sort: (next) => this.order(next) });
    const none = this.shown.length === 0;
    const clean = result.findings.length === 0;
    fill(this.empty, none && h('div', { class: clean ? 'd-empty clean' : 'd-empty' }, icon(clean ? 'done' : 'search'), h('b', {}, t(clean ? 'table.clean.title' : 'table.none')), clean ? h('p', {}, t('table.clean.text')) : h('button', { type: 'button', class: 'button', onclick: () => this.change(NO_FILTER) }, t('filter.clear'))));
    this.table.element.hidden = none;
    this.table.show(this.shown, this.sort, this.selection && 'finding' in this.selection ? this.selection.finding.number : null);
    this.drawDetail();
  }

  private toggle(change: DraftChange): void {
    if (!this.hidden.delete(change)) this.hidden.add(change);
    this.paint();
    this.apply();
  }

  private openMap(): void {
    this.map = new DraftMap(this.mapBox, this.register, {
      choose: (rows) => this.chooseRow(rows),
      hover: (row, x, y) => this.hover(row, x, y),
    });
    this.paint();
    this.fit();
  }

  private fit(): void {
    const box = extent(this.result.rows.map(({ geometry }) => geometry));
    this.map?.fit(box ?? this.register.district.bbox);
  }

  private paint(): void {
    this.map?.draw(this.shapes, this.hidden, new Set(this.result.report.vanishing.areas.map(({ code }) => code)));
    this.mark();
  }

  private mark(): void {
    const { selection } = this;
    if (!selection) return this.map?.mark({ row: null, place: null });
    if ('row' in selection) return this.map?.mark({ row: selection.row, place: null });
    const { row, shape, at, severity } = selection.finding;
    this.map?.mark({ row, place: { shape, at, severity } });
  }

  /** A click on the map: the worst finding of what lies there, else the outline itself. A further click goes on to what lies below. */
  private chooseRow(rows: readonly number[]): void {
    const now = this.selection && ('row' in this.selection ? this.selection.row : this.selection.finding.row);
    const row = rows[(now === null ? -1 : rows.indexOf(now)) + 1] ?? rows[0];
    if (row === undefined) return this.select(null, 'map');
    const finding = this.shown.find((item) => item.row === row) ?? this.result.findings.find((item) => item.row === row);
    this.select(finding ? { finding } : { row }, 'map');
  }

  private select(selection: Selection, from: 'table' | 'map' | 'detail'): void {
    this.selection = selection;
    this.mark();
    if (from !== 'table') this.table.choose(selection && 'finding' in selection ? selection.finding.number : null);
    this.drawDetail();
    if (from === 'map' || !selection) return;
    const row = 'row' in selection ? selection.row : selection.finding.row;
    const geometry = row === null ? null : this.byRow.get(row)?.geometry;
    const ground = 'finding' in selection ? selection.finding.shape : null;
    const at = 'finding' in selection ? selection.finding.at : null;
    this.map?.goTo(ground ? [ground] : geometry ? [geometry] : [], at);
    if (isPhone() && from === 'table') this.mapBox.scrollIntoView({ block: 'start', behavior: 'smooth' });
  }

  private drawDetail(): void {
    const { selection, result } = this;
    const row = selection && ('row' in selection ? selection.row : selection.finding.row);
    const feature = row === null ? undefined : this.byRow.get(row);
    const finding = selection && 'finding' in selection ? selection.finding : null;
    const others = row === null ? [] : result.findings.filter((item) => item.row === row && item !== finding);
    drawDetail(this.detail, selection && { finding, row: feature?.properties ?? null, others, open: result.delivery.state === 'received' }, { fields: result.delivery.fields, issues: result.report.issues }, {
      only: (issue) => this.change({ ...NO_FILTER, issue }),
      choose: (item) => this.select({ finding: item }, 'detail'),
      close: () => this.select(null, 'detail'),
      street: (code) => this.street(code),
      step: (by) => this.step(by),
      except: (item) => askException(item, this.again),
      withdraw: (item) => void this.withdraw(item),
    });
  }

  private step(by: 1 | -1): void {
    const { selection, shown } = this;
    if (!selection || !('finding' in selection) || shown.length === 0) return;
    const at = shown.indexOf(selection.finding);
    const next = shown[(at + by + shown.length) % shown.length];
    if (next) this.select({ finding: next }, 'detail');
  }

  private async withdraw(finding: Finding): Promise<void> {
    try {
      await withdrawException(finding);
      this.again();
    } catch (error) {
      this.detail.append(troubleNotice(error));
    }
  }

  /** The name of an outline beside the pointer. */
  private hover(row: number | null, x: number, y: number): void {
    const feature = row === null ? undefined : this.byRow.get(row);
    this.tag.hidden = !feature;
    if (!feature) return;
    const { name, change, must_fix, fix_later } = feature.properties;
    const worst = this.result.findings.find((item) => item.row === row && item.state === 'open');
    fill(this.tag, h('b', {}, name || t('table.nameless')), h('span', {}, [t(`change.${change}`), must_fix + fix_later > 0 && worst ? pick(worst.title) : null].filter(Boolean).join(' · ')));
    const flip = x + 16 + this.tag.offsetWidth > this.mapBox.clientWidth;
    this.tag.style.transform = `translate(${flip ? x - this.tag.offsetWidth - 12 : x + 16}px, ${Math.min(y + 16, this.mapBox.clientHeight - 56)}px)`;
  }
}
