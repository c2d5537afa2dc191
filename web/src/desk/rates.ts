/** The rates: what each is, who is counted, how it stood, which street leads, and what a report may say of it. */
import { t as base, currentLang, pick } from '../i18n';
import { outOf, percent } from '../format';
import { fill, h } from '../ui/dom';
import { parseScope, withWords, type Scope } from './address';
import { chart } from './chart';
import { chooseDay, chooseStreet, dataTable, into, pageHead, pastNote, share, skeletons, choose } from './parts';
import * as questions from './questions';
import { membersBox } from './rate-members';
import { rateCard } from './rate-card';
import { reportPart } from './report';
import { t } from './texts';
import type { FullRates, Ranking, Series } from './types';
import type { Context, View } from './view';

const FIRST = 'committee_coverage';

export class RatesPage implements View {
  readonly element = h('div', { class: 'k-page' });
  private readonly head = h('div', {});
  private readonly cards = h('div', { class: 'k-cards' });
  private readonly trend = h('section', { class: 'k-part' });
  private readonly ranks = h('section', { class: 'k-part' });
  private readonly report = h('section', { class: 'k-part', id: 'report' });
  private rates: FullRates | null = null;
  private ranking: Ranking | null = null;
  private series: Series | null = null;

  constructor(private readonly context: Context) {
    this.element.append(this.head, this.cards, h('div', { class: 'k-two wide' }, this.trend, this.ranks), this.report);
    this.load();
  }

  title = (): string => t('rates.title');

  recolour = (): void => undefined;

  render = (): void => this.load();

  private scope(): Scope & { rate: string } {
    return { ...parseScope(location.search), rate: new URLSearchParams(location.search).get('rate') ?? FIRST };
  }

  private go(words: Record<string, string | null>): void {
    history.pushState(null, '', location.pathname + withWords(location.search, words));
    this.context.moved();
    this.load();
  }

  private load(): void {
    const scope = this.scope();
    this.drawHead();
    if (!this.rates) fill(this.cards, ...skeletons('card', 'card', 'card', 'card'));
    if (!this.series) fill(this.trend, ...skeletons('chart'));
    if (!this.ranking) fill(this.ranks, ...skeletons('chart'));
    void into(this.cards, () => questions.rates(scope.street, scope), (rates) => {
      this.rates = rates;
      this.drawReport(scope);
      // The trend names its rate and offers the others, and may have come first.
      if (this.series) fill(this.trend, ...this.trended(this.series, scope));
      return rates.rates.map((rate) => rateCard(rate, scope, { chosen: rate.id === scope.rate, choose: () => this.go({ rate: rate.id }), members: (part) => membersBox(rate, part, scope) }));
    });
    void into(this.ranks, () => questions.ranking(scope.rate, scope), (ranking) => {
      this.ranking = ranking;
      this.drawHead();
      return this.ranked(ranking, scope);
    });
    void into(this.trend, () => questions.series(scope.street, scope), (series) => {
      this.series = series;
      return this.trended(series, scope);
    });
  }

  private drawHead(): void {
    const scope = this.scope();
    const { register } = this.context;
    const streets = (this.ranking?.streets ?? []).map(({ street, street_name }) => ({ code: street, name: street_name })).sort((a, b) => a.code.localeCompare(b.code));
    const past = pastNote(scope, () => this.go({ on: null, known: null }));
    fill(this.head, pageHead(t('rates.title'), t('rates.text'), chooseStreet(register, streets, scope.street, (street) => this.go({ street })), chooseDay(register, scope, (on) => this.go({ on, known: null }))), past);
  }

  /** The report is of the district, whatever street is shown. */
  private drawReport(scope: Scope): void {
    if (this.rates) fill(this.report, ...reportPart(this.rates.rates, scope));
  }

  private titleOf(rate: string): string {
    const found = this.rates?.rates.find(({ id }) => id === rate);
    return found ? pick(found.title) : (this.ranking && this.ranking.rate.id === rate ? pick(this.ranking.rate.title) : '');
  }

  private trended(series: Series, { rate }: { rate: string }): HTMLElement[] {
    const points = series.months.map(({ date, rates }) => {
      const found = rates.find(({ id }) => id === rate);
      return { date, value: found?.percent ?? null, text: found ? `${percent(found.percent)} · ${outOf(found)}` : '—' };
    });
    const known = points.filter(({ value }) => value !== null);
    const last = known[known.length - 1];
    const choices = (this.rates?.rates ?? []).map(({ id, title }) => ({ value: id, text: pick(title) }));
    return [
      h('div', { class: 'k-part-head' }, h('h2', {}, t('rates.trend')), choices.length > 0 ? choose(t('rates.which'), rate, choices, (value) => this.go({ rate: value })) : null),
      h('p', { class: 'd-quiet num' }, last ? t('rates.trend.text', { n: points.length, day: last.date, value: last.text }) : t('rates.trend.none')),
      chart({ label: `${t('rates.trend')} ${this.titleOf(rate)}`, lines: [{ name: this.titleOf(rate), kind: 'first', points }], tick: (value) => `${Number(value.toFixed(1))}%`, least: null, whole: false }),
    ];
  }

  private ranked({ rate, district, streets }: Ranking, scope: Scope): (HTMLElement | null)[] {
    const rows = streets.map((one) => {
      const bar = h('span', { class: 'k-bar-fill' });
      bar.style.width = `${Math.min(100, one.percent ?? 0)}%`;
      return [
        one.rank === null ? '—' : String(one.rank),
        h('button', { type: 'button', class: 'link k-pick', 'aria-pressed': String(scope.street === one.street), onclick: () => this.go({ street: scope.street === one.street ? null : one.street }) }, one.street_name),
        h('span', { class: 'k-bar', 'aria-hidden': 'true' }, bar),
        share(one),
      ];
    });
    return [
      h('div', { class: 'k-part-head' }, h('h2', {}, t('rates.ranking'))),
      h('p', { class: 'd-quiet' }, t('rates.ranking.text', { title: pick(rate.title) }), ' ', share(district)),
      streets.some(({ numerator }) => numerator === null) ? h('p', { class: 'd-quiet', 'data-note': 'small' }, base('small_counts')) : null,
      h('div', { class: 'k-ranking', lang: currentLang() }, dataTable(t('rates.ranking'), [t('rates.rank'), t('street'), '', t('rates.value')], rows, [0, 3])),
    ];
  }
}
