/** One rate: its integers, its rule, its targets, and what was printed beside what is computed. */
import { integer, percent } from '../format';
import { pick } from '../i18n';
import { h } from '../ui/dom';
import { icon } from './icons';
import type { Scope } from './address';
import { t } from './texts';
import type { Candidates, FullRate, Part, Target } from './types';

export interface RateEvents {
  chosen: boolean;
  /** Shows the rate in trend and ranking. */
  choose: () => void;
  members: (part: Part) => void;
}

export function rateCard(rate: FullRate, scope: Scope, { chosen, choose, members }: RateEvents): HTMLElement {
  const fill = h('span', { class: 'k-bar-fill' });
  fill.style.width = `${Math.min(100, rate.percent ?? 0)}%`;
  const marks = rate.targets.map((target) => {
    const mark = h('span', { class: `k-bar-mark${target.met === false ? ' missed' : ''}`, title: targetText(target) });
    mark.style.left = `${Math.min(100, target.percent)}%`;
    return mark;
  });
  const part = (name: Part, n: string) => h('button', { type: 'button', class: 'link num', title: t(`rates.part.${name}`), onclick: () => members(name) }, n);
  return h(
    'article',
    { class: chosen ? 'k-card chosen' : 'k-card', 'data-rate': rate.id },
    h('h2', {}, h('button', { type: 'button', class: 'k-card-title', 'aria-pressed': String(chosen), onclick: choose }, pick(rate.title))),
    h('p', { class: 'k-big num' }, h('b', {}, percent(rate.percent)), h('span', {}, part('numerator', integer(rate.numerator)), ' / ', part('denominator', integer(rate.denominator)))),
    h('div', { class: 'k-bar tall', 'aria-hidden': 'true' }, fill, ...marks),
    h('p', { class: 'k-definition' }, pick(rate.definition), h('small', {}, t('rates.version', { n: rate.version }))),
    h('button', { type: 'button', class: 'text-button', 'data-part': 'missing', onclick: () => members('missing') }, t('rates.part.missing')),
    rate.targets.length > 0 ? h('ul', { class: 'k-notes' }, ...rate.targets.map((target) => h('li', { class: target.met === false ? 'missed' : 'met' }, icon(target.met === false ? 'target' : 'check'), h('span', {}, targetText(target))))) : null,
    rate.printed && scope.street === null ? printedNote(rate) : null,
  );
}

function targetText({ date, percent: wanted, due, met, difference_points, source }: Target): string {
  const by = difference_points === null ? '' : Math.abs(difference_points).toFixed(1);
  const state = met === null ? t('rates.target.open') : met ? t('rates.target.met', { n: by }) : t(due ? 'rates.target.missed' : 'rates.target.short', { n: by });
  return t('rates.target', { date, percent: percent(wanted), state, source: pick(source) });
}

function printedNote({ printed, numerator, denominator }: FullRate): HTMLElement | null {
  if (!printed) return null;
  const counts = printed.numerator === null && printed.denominator === null ? '' : ` (${[printed.numerator, printed.denominator].map((n) => (n === null ? '?' : integer(n))).join(' / ')})`;
  const lines = [
    t('rates.printed', { percent: percent(printed.percent) + counts, source: printed.source.includes(printed.date) ? printed.source : `${printed.source} ${printed.date}` }),
    printed.follows ? t('rates.printed.follows', { counts: `${integer(numerator)} / ${integer(denominator)}` }) : t('rates.printed.differs', { n: Math.abs(printed.difference_points ?? 0).toFixed(1) }),
    ...(printed.candidates ? candidateTexts(printed.candidates) : []),
  ];
  return h('div', { class: printed.follows ? 'k-printed' : 'k-printed differs' }, icon(printed.follows ? 'done' : 'warning'), h('div', {}, ...lines.map((line) => h('p', {}, line))));
}

const range = ([from, to]: readonly [number, number]): string => (from === to ? integer(from) : t('rates.range', { from: integer(from), to: integer(to) }));

/** Which counts a printed percentage would follow from. */
export function candidateTexts({ numerators, with_denominator, denominators, with_numerator }: Candidates): string[] {
  const found = [
    numerators && t('rates.candidates.numerator', { range: range(numerators), denominator: integer(with_denominator) }),
    denominators && t('rates.candidates.denominator', { range: range(denominators), numerator: integer(with_numerator) }),
  ].filter((text): text is string => Boolean(text));
  return found.length > 0 ? found : [t('rates.candidates.none')];
}
