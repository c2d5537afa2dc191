/** Step 3: where on earth it lies. A guess is shown with figures and taken only when it is confirmed. */
import { decimal, integer, percent } from '../format';
import { pick } from '../i18n';
import { h } from '../ui/dom';
import { icon, type Sign } from './icons';
import { primary } from './parts';
import { t } from './texts';
import type { Candidate, Delivery, Verdict } from './types';

const SIGNS: Record<Verdict, Sign> = { none: 'done', declared: 'done', confirmed: 'done', suspect: 'warning', shifted: 'warning', ambiguous: 'warning', impossible: 'must' };

const SETTLED = new Set<Verdict>(['none', 'declared', 'confirmed']);

export const isSettled = ({ position }: Delivery): boolean => SETTLED.has(position.verdict);

export function positionSummary({ position }: Delivery, wanted: string | null): string {
  const taken = wanted !== position.used && position.candidates.find(({ key }) => key === wanted);
  return [position.used ?? position.declared ?? t('position.declared.none'), taken && position.verdict !== 'confirmed' ? t('position.pending', { name: pick(taken.label) }) : t(`verdict.${position.verdict}`)].join(' · ');
}

export interface PositionEvents {
  /** The assumption whose confirmation is asked for. */
  ask: (key: string | null) => void;
  take: (key: string | null) => void;
}

export function positionBody({ position }: Delivery, wanted: string | null, asked: string | null, locked: boolean, events: PositionEvents): HTMLElement {
  const { declared, used, verdict, candidates, rows } = position;
  const fact = (label: string, value: string) => h('div', {}, h('dt', {}, label), h('dd', {}, value));
  return h(
    'div',
    { class: 'd-step-body' },
    h('div', { class: `d-verdict ${verdict}` }, icon(SIGNS[verdict]), h('div', {}, h('dl', { class: 'd-inline' }, fact(t('position.declared'), declared ?? t('position.declared.none')), fact(t('position.used'), used ?? t('position.used.none'))), h('p', {}, t(`verdict.${verdict}.text`)))),
    ...rows.map(({ key, rows: n }) => h('p', { class: 'd-note warn' }, icon('warning'), t('position.rows', { n: integer(n), key }))),
    candidates.length > 0 && candidateTable(candidates, wanted, locked, events),
    asked && confirmation(candidates.find(({ key }) => key === asked), events),
  );
}

function candidateTable(candidates: readonly Candidate[], wanted: string | null, locked: boolean, events: PositionEvents): HTMLElement {
  const heads = (['candidate.name', 'candidate.in_district', 'candidate.matched', 'candidate.before', 'candidate.after', 'candidate.azimuth'] as const).map((key) => h('th', { scope: 'col' }, t(key)));
  return h('table', { class: 'd-candidates' }, h('caption', {}, t('candidate.title')), h('thead', {}, h('tr', {}, ...heads, h('td', {}))), h('tbody', {}, ...candidates.map((candidate) => candidateRow(candidate, candidate.key === wanted, locked, events))));
}

const metres = (value: number | null): string => (value === null ? '—' : `${decimal(value, value < 100 ? 1 : 0)} m`);

function candidateRow(candidate: Candidate, on: boolean, locked: boolean, { ask, take }: PositionEvents): HTMLElement {
  const { key, label, in_district, matched, median_before_m, median_after_m, azimuth_deg } = candidate;
  const name = pick(label);
  const cell = (head: Parameters<typeof t>[0], value: Node | string, kind = '') => h('td', { class: `num ${kind}`, 'data-label': t(head) }, value);
  const arrow = h('span', { class: 'd-azimuth' }, icon('navigation'), azimuth_deg === null ? '—' : t('candidate.degrees', { n: Math.round(azimuth_deg) }));
  // The sign of the icon set points to the north-east.
  if (azimuth_deg !== null) (arrow.firstElementChild as SVGElement).style.transform = `rotate(${Math.round(azimuth_deg) - 45}deg)`;
  const better = median_after_m !== null && median_before_m !== null && median_after_m < median_before_m / 2;
  return h(
    'tr',
    { class: on ? 'on' : '', 'data-candidate': key },
    h('th', { scope: 'row' }, name, name === key ? null : h('small', {}, key)),
    cell('candidate.in_district', percent(in_district * 100)),
    cell('candidate.matched', integer(matched)),
    cell('candidate.before', metres(median_before_m)),
    cell('candidate.after', h('b', { class: better ? 'better' : '' }, metres(median_after_m))),
    cell('candidate.azimuth', azimuth_deg === null ? '—' : arrow),
    h(
      'td',
      { class: 'd-take' },
      on
        ? h('span', { class: 'd-chip ready' }, icon('check'), t('candidate.taken'))
        : !locked && h('button', { type: 'button', class: 'button', 'aria-label': t('candidate.take.label', { name }), onclick: () => ask(key) }, t('candidate.take')),
      on && !locked && h('button', { type: 'button', class: 'text-button', onclick: () => take(null) }, t('candidate.back')),
    ),
  );
}

const confirmation = (candidate: Candidate | undefined, { ask, take }: PositionEvents): HTMLElement | null =>
  candidate
    ? h(
        'div',
        { class: 'd-confirm', role: 'alertdialog', 'aria-label': t('candidate.take.label', { name: pick(candidate.label) }) },
        h('p', {}, t('candidate.confirm', { name: pick(candidate.label) })),
        h('div', { class: 'd-buttons' }, primary(t('candidate.confirm.yes'), () => take(candidate.key)), h('button', { type: 'button', class: 'button', onclick: () => ask(null) }, t('candidate.confirm.no'))),
      )
    : null;
