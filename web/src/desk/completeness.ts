/** What is only in a ledger and what is only on the map, by street, with its course over time. */
import { day, integer } from '../format';
import { askException } from '../deliveries/exception';
import { itemText } from '../item';
import { may } from '../session';
import { fill, h } from '../ui/dom';
import { parseScope, withWords, type Scope } from './address';
import { chart } from './chart';
import { icon } from './icons';
import { areaLink, chooseDay, chooseOwnStreet, dataTable, into, pageHead, pastNote, skeletons, statusText } from './parts';
import * as questions from './questions';
import { t, type Key } from './texts';
import type { Completeness, Excuse } from './types';
import type { Context, View } from './view';

const MISSING: Readonly<Record<string, Key>> = { management: 'complete.missing.management', committees: 'complete.missing.committees' };

export class CompletenessPage implements View {
  readonly element = h('div', { class: 'k-page' });
  private readonly head = h('div', {});
  private readonly body = h('div', { class: 'k-body' }, ...skeletons('figures', 'block', 'block'));
  private found: Completeness | null = null;

  constructor(private readonly context: Context) {
    this.element.append(this.head, this.body);
    void this.load();
  }

  title = (): string => t('complete.title');

  recolour = (): void => undefined;

  render = (): void => {
    this.drawHead();
    if (this.found) fill(this.body, ...this.content(this.found));
  };

  private go(words: Record<string, string | null>): void {
    history.pushState(null, '', location.pathname + withWords(location.search, words));
    this.context.moved();
    void this.load();
  }

  private async load(): Promise<void> {
    const scope = parseScope(location.search);
    this.drawHead();
    await into(this.body, () => questions.completeness(scope.street, scope), (found) => {
      this.found = found;
      this.drawHead();
      return this.content(found);
    });
  }

  private drawHead(): void {
    const scope = parseScope(location.search);
    const { register } = this.context;
    const streets = (this.found?.streets ?? []).map(({ street, street_name }) => ({ code: street, name: street_name }));
    fill(this.head, pageHead(t('complete.title'), t('complete.text'), chooseOwnStreet(register, streets, scope.street, (street) => this.go({ street })), chooseDay(register, scope, (on) => this.go({ on, known: null }))), pastNote(scope, () => this.go({ on: null, known: null })));
  }

  private content(found: Completeness): HTMLElement[] {
    const scope = parseScope(location.search);
    const { totals } = found;
    const figure = (key: 'ledger_only' | 'map_only' | 'excused' | 'areas') => h('div', { class: `k-figure plain${key.endsWith('_only') && totals[key] > 0 ? ' within_90' : ''}` }, h('span', {}, t(`complete.${key}`)), h('b', { class: 'num' }, integer(totals[key])));
    const verdict = h('p', { class: found.complete ? 'k-verdict yes' : 'k-verdict no' }, icon(found.complete ? 'done' : 'warning'), h('span', {}, t(found.complete ? 'complete.yes' : 'complete.no')));
    const streets = [...found.streets].sort((a, b) => b.ledger_only + b.map_only - (a.ledger_only + a.map_only) || b.excused - a.excused);
    const rows = streets.map((one) => [
      h('button', { type: 'button', class: 'link k-pick', 'aria-pressed': String(scope.street === one.street), onclick: () => this.go({ street: scope.street === one.street ? null : one.street }) }, one.street_name),
      integer(one.areas),
      ...[one.ledger_only, one.map_only, one.excused].map((n) => (n > 0 ? integer(n) : '·')),
    ]);
    const trend = (key: 'ledger_only' | 'map_only') => ({ name: t(`complete.${key}`), kind: key === 'ledger_only' ? 'first' : 'second', points: found.trend.map((point) => ({ date: point.date, value: point[key], text: `${t(`complete.${key}`)} ${integer(point[key])}` })) });
    return [
      verdict,
      h('div', { class: 'k-figures four' }, figure('ledger_only'), figure('map_only'), figure('excused'), figure('areas')),
      this.ledgerOnly(found),
      this.mapOnly(found, scope),
      h(
        'div',
        { class: 'k-two' },
        h('section', { class: 'k-part' }, h('h2', {}, t('complete.by_street')), dataTable(t('complete.by_street'), [t('street'), t('complete.areas'), t('complete.ledger_only'), t('complete.map_only'), t('complete.excused')], rows, [1, 2, 3, 4])),
        h('section', { class: 'k-part' }, h('h2', {}, t('complete.trend')), chart({ label: t('complete.trend'), lines: [trend('ledger_only'), trend('map_only')], tick: (value) => integer(value), least: 0, whole: true })),
      ),
    ];
  }

  private ledgerOnly({ ledger_only, listed }: Completeness): HTMLElement {
    const rows = ledger_only.map((one) => [
      one.name,
      one.street_name ?? t('complete.no_street'),
      h('span', {}, may('deliver') ? h('a', { class: 'link', href: `/deliveries/${one.delivery}` }, one.sender) : one.sender, h('small', { class: 'k-below' }, `${one.file} · ${itemText(one.item)}`)),
      h('span', { class: 'num' }, day(one.since)),
      this.state('not-located', one),
    ]);
    return this.list('ledger_only', listed.ledger_only, [t('name'), t('street'), t('complete.from'), t('complete.since'), t('complete.state')], rows);
  }

  private mapOnly({ map_only, listed }: Completeness, scope: Scope): HTMLElement {
    const rows = map_only.map((one) => [
      areaLink(one, scope),
      one.street_name,
      one.missing.map((part) => (MISSING[part] ? t(MISSING[part]) : part)).join(t('list.comma')),
      statusText(one),
      this.state('not-registered', one),
    ]);
    return this.list('map_only', listed.map_only, [t('area'), t('street'), t('complete.missing'), t('status'), t('complete.state')], rows);
  }

  /** Whether it is excused, and the way to make it so: an exception holds from today on, whatever day is shown. */
  private state(issue: string, { subject, fingerprint, excused }: { subject: string; fingerprint: string; excused: Excuse | null }): HTMLElement {
    if (excused) return excuse(excused);
    const { on, known } = parseScope(location.search);
    const ask = () => askException({ issue, subject, fingerprint, other: null }, () => void this.load());
    return h('span', { class: 'k-excuse' }, h('span', { class: 'k-due within_90' }, t('complete.open')), may('grant_exception') && on === null && known === null && h('button', { type: 'button', class: 'text-button', 'data-action': 'except', onclick: ask }, t('complete.except')));
  }

  private list(kind: 'ledger_only' | 'map_only', count: number, heads: string[], rows: (Node | string)[][]): HTMLElement {
    const title = t(`complete.${kind}`);
    const none = h('p', { class: 'k-none' }, icon('check'), h('span', {}, t(`complete.${kind}.none`)));
    return h('section', { class: 'k-part', 'data-list': kind }, h('h2', {}, `${title} · ${integer(count)}`), h('p', { class: 'd-quiet' }, t(`complete.${kind}.text`)), rows.length > 0 ? dataTable(title, heads, rows) : none, count > rows.length && h('p', { class: 'd-quiet' }, t('complete.cut', { n: integer(rows.length) })));
  }
}

function excuse(excused: Excuse): HTMLElement {
  const until = excused.expires_on ? t('complete.until', { day: excused.expires_on }) : '';
  return h('span', { title: `${excused.owner} ${until}`.trim() }, h('span', { class: 'k-due none' }, t('complete.excused')), h('small', { class: 'k-below' }, [excused.reason, excused.owner, until].filter(Boolean).join(' · ')));
}
