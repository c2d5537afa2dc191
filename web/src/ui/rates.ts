/** The rates: integers beside every percentage, and what was printed beside what is computed. */
import { integer, percent } from '../format';
import { pick, t } from '../i18n';
import type { Printed, Rate, Rates } from '../types';
import { h } from './dom';
import { icon } from './icons';

const opened = new Set<string>();

export function ratesSection(rates: Rates | null, mark: HTMLElement | null, redraw: () => void): HTMLElement {
  return h(
    'section',
    { class: 'rates', 'aria-labelledby': 'rates-title' },
    h('div', { class: 'section-head' }, h('h2', { id: 'rates-title' }, t('rates.title'), mark)),
    ...(rates ? rates.rates.map((rate) => rateRow(rate, redraw)) : [0, 1, 2].map(() => h('div', { class: 'skeleton rate-skeleton' }))),
  );
}

function rateRow(rate: Rate, redraw: () => void): HTMLElement {
  const open = opened.has(rate.id);
  const fill = h('span', { class: 'bar-fill accent' });
  fill.style.width = `${Math.min(100, rate.percent ?? 0)}%`;
  return h(
    'div',
    { class: 'rate' },
    h(
      'button',
      {
        type: 'button',
        class: 'rate-head',
        'aria-expanded': String(open),
        title: t('rates.definition'),
        onclick: () => {
          if (open) opened.delete(rate.id);
          else opened.add(rate.id);
          redraw();
        },
      },
      h('span', { class: 'rate-title' }, pick(rate.title)),
      h('span', { class: 'rate-percent num' }, percent(rate.percent)),
    ),
    h('span', { class: 'bar wide', 'aria-hidden': 'true' }, fill),
    h(
      'div',
      { class: 'rate-line' },
      h('span', { class: 'num' }, `${integer(rate.numerator)} / ${integer(rate.denominator)}`),
      rate.printed && printedText(rate.printed),
    ),
    open && h('p', { class: 'explanation' }, pick(rate.definition)),
    open && rate.printed && h('p', { class: 'explanation' }, t('rates.source', { source: rate.printed.source, date: rate.printed.date })),
  );
}

function printedText(printed: Printed): HTMLElement {
  const counts = [printed.numerator, printed.denominator];
  const beside = counts.every((count) => count === null)
    ? ''
    : ` (${counts.map((count) => (count === null ? '?' : integer(count))).join(' / ')})`;
  return h(
    'span',
    { class: `printed ${printed.follows ? 'follows' : 'differs'}` },
    icon(printed.follows ? 'check' : 'warning'),
    h('span', {}, t('rates.printed', { percent: percent(printed.percent) + beside })),
    h('span', { class: 'sr-only' }, t(printed.follows ? 'rates.follows' : 'rates.differs', { n: Math.abs(printed.difference_points ?? 0) })),
  );
}
