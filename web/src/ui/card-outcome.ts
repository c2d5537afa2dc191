/** The card of a report that was sent: what was said, and what became of it. The public is told the outcome alone. */
import { t, term } from '../i18n';
import type { Place } from '../reporting';
import { may } from '../session';
import { change } from '../state';
import type { LngLat } from '../types';
import type { SentReport } from '../types-report';
import { button, type Content } from './card';
import { h } from './dom';
import { facts, section } from './facts';
import { icon } from './icons';

/** What of a report lies on the map. */
export const drawingOf = (place: Place): { kind: 'point' | 'line'; points: LngLat[] } => (place.type === 'Point' ? { kind: 'point', points: [place.coordinates] } : { kind: 'line', points: place.coordinates });

export function outcomeContent(report: SentReport, zoomTo: (() => void) | null): Content {
  const { number, state, answer, received_on, decided_on, reason, text, area, area_name, street_name } = report;
  const about = area ? h('button', { type: 'button', class: 'link', onclick: () => change({ focus: { kind: 'area', code: area } }) }, area_name ?? area) : null;
  return {
    title: reason ? term('report.reason', reason) : t('report.sent', { number }),
    lines: [h('p', { class: 'card-by' }, icon('flag'), h('span', {}, term('report.state', state)), reason && h('span', { class: 'num' }, number))],
    body: [
      h('div', { class: 'actions' }, zoomTo && button('scan', t('card.zoom'), zoomTo), may('answer_report') && h('a', { class: 'button', href: '/reports' }, icon('flag'), t('report.all')), h('a', { class: 'button', href: `/r/${encodeURIComponent(number)}` }, icon('search'), t('report.outcome'))),
      text ? h('blockquote', { class: 'report-quote' }, text) : null,
      section(t('report.facts'), facts([[t('area.street'), street_name ?? undefined], [t('report.area'), about ?? undefined], [t('report.received'), h('span', { class: 'num' }, received_on)], [t('report.decided'), decided_on ? h('span', { class: 'num' }, decided_on) : undefined], [t('report.answer'), answer ?? undefined]])),
    ],
  };
}
