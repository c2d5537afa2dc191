/** The figures above the findings: each is also a switch of the table or of the map. */
import { integer } from '../format';
import { h } from '../ui/dom';
import { icon, type Sign } from './icons';
import { KINDS, type Kind } from './sift';
import { KIND_SIGNS } from './table';
import { t } from './texts';
import type { ChangeTotals, Counts, DraftChange } from './types';

const CHANGES: readonly DraftChange[] = ['added', 'changed', 'unchanged', 'vanished', 'unusable'];
const CHANGE_SIGNS: Record<DraftChange, Sign> = { unusable: 'must', added: 'plus', changed: 'refresh', unchanged: 'check', vanished: 'vanished' };

/** Counts of findings; a pressed one is the only kind that the table lists. */
export const findingTiles = (counts: Counts, kind: Kind | null, choose: (kind: Kind | null) => void): HTMLElement =>
  h(
    'div',
    { class: 'd-tiles', role: 'group', 'aria-label': t('tiles.findings') },
    ...KINDS.map((key) =>
      h(
        'button',
        { type: 'button', class: `d-tile ${key}${counts[key] === 0 ? ' none' : ''}`, 'data-kind': key, 'aria-pressed': String(kind === key), title: t(`kind.${key}.text`), onclick: () => choose(kind === key ? null : key) },
        h('span', { class: 'd-tile-label' }, icon(KIND_SIGNS[key]), t(`kind.${key}`)),
        h('b', { class: 'num' }, integer(counts[key])),
      ),
    ),
  );

/** Counts of areas by what becomes of them: the legend of the map. A pressed one is shown there. */
export const changeTiles = (changes: ChangeTotals, hidden: ReadonlySet<string>, toggle: (change: DraftChange) => void): HTMLElement =>
  h(
    'div',
    { class: 'd-tiles', role: 'group', 'aria-label': t('tiles.changes') },
    ...CHANGES.filter((key) => key !== 'unusable' || changes.unusable > 0).map((key) =>
      h(
        'button',
        { type: 'button', class: `d-tile c-${key}${changes[key] === 0 ? ' none' : ''}`, 'data-change': key, 'aria-pressed': String(!hidden.has(key)), title: t('tiles.changes'), onclick: () => toggle(key) },
        h('span', { class: 'd-tile-label' }, h('span', { class: `d-swatch c-${key}`, 'aria-hidden': 'true' }, icon(CHANGE_SIGNS[key])), t(`change.${key}`)),
        h('b', { class: 'num' }, integer(changes[key])),
      ),
    ),
  );
