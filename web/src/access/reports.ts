/** What the public says is wrong on the map, for whoever answers it: the list of the own streets, and the answer. */
import * as api from '../api';
import { PRESENT, reportFault } from '../api';
import { chooseOwnStreet, into, moreButton, pageHead, skeletons } from '../desk/parts';
import { integer } from '../format';
import { term } from '../i18n';
import { ownStreets } from '../session';
import type { Street } from '../types';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import { openAnswer } from './answer-box';
import { icon } from './icons';
import { refusal } from './parts';
import { placePath, stateChip, STATES } from './report-parts';
import { more, reports, type ReportQuestion } from './questions';
import { t } from './texts';
import type { Report, Reports } from './types';
import type { Context, View } from './view';

export class ReportsPage implements View {
  readonly element = h('div', { class: 'k-page a-page' });
  private readonly tabs = h('div', { class: 'a-tabs', role: 'group' });
  private readonly found = h('div', { class: 'a-reports' });
  private streets: readonly Pick<Street, 'code' | 'name'>[] = [];
  private list: Report[] = [];
  private counts: Reports['counts'];
  private links: Reports['links'] = [];
  private asked: ReportQuestion = question(location.search);

  constructor(private readonly context: Context) {
    const own = ownStreets();
    // One of several streets must be named.
    if (own && own.length > 1) this.asked.street ??= own[0] ?? null;
    this.render();
    this.load();
    if (context.session.role !== 'officer' || context.session.streets.length > 1) void this.nameStreets();
  }

  title = (): string => t('reports.title');

  render = (): void => {
    const { register, session } = this.context;
    const choice = register && ownStreets()?.length !== 1 ? chooseOwnStreet(register, this.streets, this.asked.street, (street) => this.ask({ street })) : null;
    fill(this.element, pageHead(t('reports.title'), t(session.role === 'officer' ? 'reports.text.own' : 'reports.text'), choice), this.tabs, this.found);
    this.drawTabs();
    if (this.list.length > 0) this.found.replaceChildren(...this.drawn());
  };

  private async nameStreets(): Promise<void> {
    try {
      this.streets = (await api.streets(PRESENT)).features.map(({ properties }) => properties);
      this.render();
    } catch (error) {
      // The list is whole without a choice of streets.
      reportFault(error);
    }
  }

  private ask(patch: Partial<ReportQuestion>): void {
    this.asked = { ...this.asked, ...patch };
    const words = new URLSearchParams(Object.entries(this.asked).flatMap(([name, value]: [string, string | null]) => (value ? [[name, value]] : []))).toString();
    history.replaceState(null, '', words ? `/reports?${words}` : '/reports');
    this.drawTabs();
    this.load();
  }

  private drawTabs(): void {
    this.tabs.setAttribute('aria-label', t('reports.states'));
    const { counts, asked } = this;
    const all = counts && STATES.reduce((sum, state) => sum + counts[state], 0);
    const tab = (state: ReportQuestion['state'], text: string, count: number | undefined) =>
      h('button', { type: 'button', 'aria-pressed': String(asked.state === state), 'data-state': state ?? 'all', onclick: () => asked.state !== state && this.ask({ state }) }, text, count !== undefined && h('span', { class: 'num' }, integer(count)));
    fill(this.tabs, tab(null, t('reports.all'), all), ...STATES.map((state) => tab(state, term('report.state', state), counts?.[state])));
  }

  private load(): void {
    fill(this.found, ...skeletons('card', 'card'));
    void into(
      this.found,
      () => reports(this.asked),
      (page) => {
        this.list = page.reports;
        this.links = page.links;
        this.counts = page.counts;
        this.drawTabs();
        return this.drawn();
      },
    );
  }

  private drawn(): HTMLElement[] {
    if (this.list.length === 0) return [h('div', { class: 'd-empty tall' }, icon('inbox'), h('b', {}, t('reports.none')), h('p', {}, t('reports.none.text')))];
    const cards = this.list.map((report) => this.card(report));
    if (!this.links.some(({ rel }) => rel === 'next')) return cards;
    return [...cards, moreButton((button) => void this.loadMore(button))];
  }

  private async loadMore(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      const page = await (more<Reports>({ links: this.links }) ?? Promise.resolve<Reports>({ reports: [], links: [] }));
      this.list.push(...page.reports);
      this.links = page.links;
      this.found.replaceChildren(...this.drawn());
    } catch (error) {
      button.disabled = false;
      toast({ icon: 'warning', text: refusal(error) });
    }
  }

  private card(report: Report): HTMLElement {
    const { number, reason, text, place, area, area_name, street_name, received_on, decided_on, answer } = report;
    const about = [street_name, received_on].filter(Boolean).join(' · ');
    return h(
      'article',
      { class: 'k-part a-report', 'aria-labelledby': `r-${number}`, 'data-report': number },
      h(
        'div',
        { class: 'a-report-head' },
        h('div', {}, h('h2', { id: `r-${number}` }, term('report.reason', reason)), h('p', { class: 'd-quiet num' }, about)),
        stateChip(report.state),
      ),
      text ? h('blockquote', {}, text) : h('p', { class: 'd-quiet' }, t('reports.no_text')),
      h('p', { class: 'a-report-place' }, icon(place.type === 'Point' ? 'pin' : 'line'), h('span', {}, t(place.type === 'Point' ? 'reports.pin' : 'reports.line', { n: place.type === 'Point' ? 1 : place.coordinates.length })), area && h('a', { class: 'link', href: `/a/${encodeURIComponent(area)}` }, area_name ?? area)),
      answer && h('p', { class: 'a-answer-text' }, h('b', {}, t('reports.answered', { date: decided_on ?? '' })), ' ', answer),
      h(
        'div',
        { class: 'd-buttons' },
        h('a', { class: 'button', href: placePath(report) }, icon('base'), t('reports.on_map')),
        h('button', { type: 'button', class: 'button', 'data-action': 'answer', onclick: () => openAnswer(report, (now) => this.answered(now)) }, icon('reply'), t(report.state === 'received' ? 'reports.answer' : 'reports.answer.again')),
        h('a', { class: 'link num a-number', href: `/r/${encodeURIComponent(number)}`, title: t('reports.outcome') }, number),
      ),
    );
  }

  private answered(now: Report): void {
    toast({ icon: 'check', text: t('answer.saved', { number: now.number }) });
    this.load();
  }
}

function question(search: string): ReportQuestion {
  const query = new URLSearchParams(search);
  const state = STATES.find((one) => one === query.get('state')) ?? null;
  return { state, street: query.get('street') };
}
