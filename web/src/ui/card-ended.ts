/** The card of an area that is not there on the day shown: one that ended, or one that begins later. */
import { day, dayBefore } from '../format';
import { fate } from '../history';
import { t } from '../i18n';
import { change } from '../state';
import type { Area } from '../types';
import type { History } from '../types-history';
import { button, type Content } from './card';
import { areaSections, classLine, source, type AreaContext } from './card-area';
import { kinship, relativeList } from './card-history';
import { h } from './dom';
import { icon } from './icons';

export type OtherDayContext = Omit<AreaContext, 'zoomTo' | 'report' | 'who'> & { zoomTo: (() => void) | null };

/** `last` is the area as it was on its last day, null where that could not be had. */
export function endedContent(history: History, last: Area | null, context: OtherDayContext): Content {
  const ended = history.ended_on && day(history.ended_on);
  const lastDay = ended && dayBefore(ended);
  const { successors } = history.lineage;
  return {
    title: history.name,
    back: context.back,
    lines: [
      h('p', { class: 'card-by ended-line' }, h('span', { class: 'badge historic' }, icon('history'), t('ended.badge')), ended && h('span', { class: 'num' }, t('ended.on', { date: ended }))),
    ],
    body: [
      h(
        'div',
        { class: 'past-box' },
        h('p', {}, successors.length > 0 ? t(`ended.to.${fate(successors)}`) : t('ended.to.nothing')),
        successors.length > 0 && relativeList(successors),
      ),
      h(
        'div',
        { class: 'actions' },
        lastDay && button('calendar', t('ended.show_map'), () => change({ on: lastDay, known: null })),
        context.zoomTo && button('scan', t('card.zoom'), context.zoomTo),
        button('copy', t('card.copy'), context.copyLink),
      ),
      last && h('h3', { class: 'then' }, t('ended.then', { date: lastDay ?? '' })),
      last && classLine(context.theme, last.style),
      ...(last ? areaSections(last, context) : []),
      context.timeline.render(),
      last && source(last),
    ],
  };
}

/** The card of an area that begins after the day shown. */
export function notBegunContent(history: History, context: OtherDayContext): Content {
  const { began_on } = history;
  const date = began_on ? day(began_on) : '';
  return {
    title: history.name,
    back: context.back,
    lines: [h('p', { class: 'card-by ended-line' }, h('span', { class: 'badge historic' }, icon('history'), t('begins.badge')), date && h('span', { class: 'num' }, t('begins.on', { date })))],
    body: [
      h('div', { class: 'past-box' }, h('p', {}, t('begins.text', { date })), ...kinship(history, 'successors')),
      h(
        'div',
        { class: 'actions' },
        date && button('calendar', t('begins.show_map'), () => change({ on: date, known: null })),
        history.present && button('refresh', t('asof.present'), () => change({ on: null, known: null })),
      ),
      context.timeline.render(),
    ],
  };
}
