/** One rate: its integers, its rule, its targets, and what was printed beside what is computed. */
import { counted, percent } from '../format';
import { t as base, pick } from '../i18n';
import { h } from '../ui/dom';
import { icon } from './icons';
import type { Scope } from './address';
import { holds, printedTexts } from './printed';
import { t } from './texts';
import type { FullRate, Part, Target } from './types';

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
  // The list of a count that is held back is held back with it.
  const isTold = rate.numerator !== null && rate.denominator !== null;
  const part = (name: 'numerator' | 'denominator', n: string) => rate[name] === null ? n : h('button', { type: 'button', class: 'link num', title: t(`rates.part.${name}`), onclick: () => members(name) }, n);
  return h(
    'article',
    { class: chosen ? 'k-card chosen' : 'k-card', 'data-rate': rate.id },
    h('h2', {}, h('button', { type: 'button', class: 'k-card-title', 'aria-pressed': String(chosen), onclick: choose }, pick(rate.title))),
    h('p', { class: 'k-big num' }, h('b', {}, percent(rate.percent)), h('span', {}, part('numerator', counted(rate.numerator, rate.numerator_below)), ' / ', part('denominator', counted(rate.denominator, rate.denominator_below)))),
    isTold ? null : h('p', { class: 'd-quiet', 'data-note': 'small' }, base('small_counts')),
    h('div', { class: 'k-bar tall', 'aria-hidden': 'true' }, fill, ...marks),
    h('p', { class: 'k-definition' }, pick(rate.definition), h('small', {}, t('rates.version', { n: rate.version }))),
    isTold ? h('button', { type: 'button', class: 'text-button', 'data-part': 'missing', onclick: () => members('missing') }, t('rates.part.missing')) : null,
    rate.targets.length > 0 ? h('ul', { class: 'k-notes' }, ...rate.targets.map((target) => note(target))) : null,
    rate.printed && scope.street === null ? printedNote(rate) : null,
  );
}

/** A target; no sign of having been met stands where nobody is told whether it was. */
function note(target: Target): HTMLElement {
  const standing = target.met === null ? 'open' : target.met ? 'met' : 'missed';
  return h('li', { class: standing, 'data-standing': standing }, icon(standing === 'met' ? 'check' : standing === 'missed' ? 'target' : 'info'), h('span', {}, targetText(target)));
}

function targetText({ date, percent: wanted, due, met, difference_points, source }: Target): string {
  const by = difference_points === null ? '' : Math.abs(difference_points).toFixed(1);
  const state = met === null ? t('rates.target.open') : met ? t('rates.target.met', { n: by }) : t(due ? 'rates.target.missed' : 'rates.target.short', { n: by });
  return t('rates.target', { date, percent: percent(wanted), state, source: pick(source) });
}

function printedNote({ printed }: FullRate): HTMLElement | null {
  if (!printed) return null;
  return h('div', { class: holds(printed) ? 'k-printed' : 'k-printed differs' }, icon(holds(printed) ? 'done' : 'warning'), h('div', {}, ...printedTexts(printed).map((line) => h('p', {}, line))));
}
