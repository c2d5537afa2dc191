/** The card of a street: its rates beside the district's, what falls due, what breaks a rule, and whether ledger and map agree. */
import { query } from '../api';
import type { DueItem, StreetSummary } from '../desk/types';
import { day, integer, outOf, percent } from '../format';
import { pick, t, type Key } from '../i18n';
import { formatLedger, ledgerAddress } from '../ledger/view';
import { may } from '../session';
import { change } from '../state';
import type { AsOf } from '../types';
import { button, type Content } from './card';
import { h } from './dom';
import { section } from './facts';
import { icon } from './icons';

/** Items of a list that are named; the pages have all of them. */
const NAMED = 5;
/** The rate that the street is asked about first. */
const LEADING = 'committee_coverage';

export interface StreetContext {
  asOf: AsOf;
  zoomTo: () => void;
  copyLink: () => void;
}

export function streetContent(summary: StreetSummary, { asOf, zoomTo, copyLink }: StreetContext): Content {
  const { street, due, findings, completeness } = summary;
  const { on, known } = asOf;
  const passed = query({ street: street.code, on, known });
  const page = (path: string, key: Key) => h('a', { class: 'link', href: path + passed }, t(key));
  const first = summary.rates.find(({ id }) => id === LEADING) ?? summary.rates[0];
  return {
    title: street.name,
    lines: [
      h('p', { class: 'card-by' }, icon('street'), h('span', {}, t('area.count', { n: integer(summary.areas) }))),
      first ? h('p', { class: 'card-by num' }, icon('share'), h('span', {}, `${pick(first.title)} ${percent(first.percent)} (${outOf(first)})`)) : null,
    ],
    body: [
      h('div', { class: 'actions' }, h('a', { class: 'button', href: ledgerAddress({ on, known, street: street.code, classes: [] }) }, icon('table'), t('street.ledger')), button('scan', t('card.zoom'), zoomTo), button('copy', t('card.copy'), copyLink)),
      section(t('street.rates'), h('ul', { class: 'street-rates' }, ...summary.rates.map(rateLine)), page('/rates', 'street.all_rates')),
      section(t('street.due'), h('p', { class: 'explanation' }, t('legend.due_on', { day: day(due.date) })), dueCounts(summary), due.items.length > 0 ? h('ul', { class: 'area-list' }, ...due.items.slice(0, NAMED).map(dueLine)) : none('street.due.none'), page('/due', 'street.all_due')),
      section(
        t('street.findings', { n: integer(findings.count) }),
        findings.issues.length > 0 ? h('ul', { class: 'street-issues' }, ...findings.issues.map((issue) => h('li', {}, h('span', {}, pick(issue.title)), h('b', { class: 'num' }, integer(issue.count))))) : none('street.findings.none'),
        findings.findings.length > 0 ? h('ul', { class: 'area-list' }, ...findings.findings.slice(0, NAMED).map(({ area, text }) => areaLine(area, pick(text)))) : null,
        findings.count > 0 ? h('a', { class: 'link', 'data-link': 'findings', href: findingsAddress(asOf, street.code) }, t('street.all_findings')) : null,
        reported(summary),
      ),
      section(
        t('street.complete'),
        completeness.ledger_only + completeness.map_only === 0 ? none('street.complete.yes') : h('p', { class: 'explanation' }, t('street.complete.no', { ledger: integer(completeness.ledger_only), map: integer(completeness.map_only) })),
        page('/completeness', 'street.all_complete'),
      ),
    ],
  };
}

/** The ledger of the street's areas that break a rule, most findings first. */
const findingsAddress = ({ on, known }: AsOf, street: string): string =>
  formatLedger({ q: '', conditions: new Map([['street', street], ['warnings', '1..']]), sort: { key: 'warnings', descending: true }, area: null, on, known, lang: null });

function rateLine(rate: StreetSummary['rates'][number]): HTMLElement {
  const { title, percent: value, rank, of, district_percent } = rate;
  const fill = h('span', { class: 'bar-fill accent' });
  fill.style.width = `${Math.min(100, value ?? 0)}%`;
  const mark = h('span', { class: 'bar-mark', hidden: district_percent === null });
  mark.style.left = `${Math.min(100, district_percent ?? 0)}%`;
  const place = rank === null ? '' : t('street.rank', { rank, of });
  return h(
    'li',
    {},
    h('div', { class: 'rate-head' }, h('span', { class: 'rate-title' }, pick(title)), h('span', { class: 'rate-percent num' }, percent(value))),
    h('span', { class: 'bar wide', 'aria-hidden': 'true' }, fill, mark),
    h('div', { class: 'rate-line num' }, h('span', {}, outOf(rate)), h('span', {}, [place, t('street.district', { percent: percent(district_percent) })].filter(Boolean).join(' · '))),
  );
}

const STATES = ['overdue', 'within_30', 'within_90', 'within_180'] as const;

const dueCounts = ({ due: { counts } }: StreetSummary): HTMLElement =>
  h('dl', { class: 'stats four' }, ...STATES.map((state) => h('div', { class: counts[state] > 0 ? state : '' }, h('dt', {}, t(`street.due.${state}`)), h('dd', { class: 'num' }, integer(counts[state])))));

const days = (n: number): string => (n < 0 ? t('term.ended', { n: integer(-n) }) : t('term.left', { n: integer(n) }));

const dueLine = ({ area, title, due_on, days: left }: DueItem): HTMLElement => areaLine(area, `${pick(title)} · ${due_on} · ${days(left)}`);

const areaLine = ({ code, name }: { code: string; name: string }, below: string): HTMLElement =>
  h('li', {}, h('button', { type: 'button', onclick: () => change({ focus: { kind: 'area', code } }) }, h('span', { class: 'option-text' }, h('b', {}, name), h('small', {}, below)), icon('chevron')));

/** What the public has reported and nobody is done with, for those who answer it. */
function reported({ street, reports: { received, accepted } }: StreetSummary): HTMLElement | null {
  if (!may('answer_report') || received + accepted === 0) return null;
  return h('a', { class: 'link', 'data-link': 'reports', href: `/reports${query({ street: street.code })}` }, t('street.reports', { n: integer(received + accepted) }));
}

const none = (key: Key): HTMLElement => h('p', { class: 'explanation' }, t(key));
