/** The rates: integers beside every percentage, and what was printed beside what is computed. */
import { integer, outOf, percent } from '../format';
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
      h('span', { class: 'num' }, outOf(rate)),
      rate.printed && printedText(rate.printed),
    ),
    open && h('p', { class: 'explanation' }, pick(rate.definition)),
    open && rate.printed && h('p', { class: 'explanation' }, t('rates.source', { source: rate.printed.source, date: rate.printed.date }), ' ', besideText(rate.printed)),
  );
}

const counts = ({ numerator, denominator }: Printed): string => [numerator, denominator].map((count) => (count === null ? '?' : integer(count))).join(' / ');

/** How it stands to the counts of its day, and to those that were printed with it. */
function besideText(printed: Printed): string {
  const own = printed.own && !printed.own.follows ? t('rates.own', { counts: counts(printed), percent: percent(printed.own.percent) }) : '';
  return [t(printed.follows ? 'rates.follows' : 'rates.differs', { n: Math.abs(printed.difference_points ?? 0) }), own].filter(Boolean).join(t('list.comma'));
}

function printedText(printed: Printed): HTMLElement {
  const beside = printed.numerator === null && printed.denominator === null ? '' : ` (${counts(printed)})`;
  const right = printed.follows && printed.own?.follows !== false;
  return h(
    'span',
    { class: `printed ${right ? 'follows' : 'differs'}`, title: besideText(printed) },
    icon(right ? 'check' : 'warning'),
    h('span', {}, t('rates.printed', { percent: percent(printed.percent) + beside })),
    h('span', { class: 'sr-only' }, besideText(printed)),
  );
}
