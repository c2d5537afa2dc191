/** Pieces of the pages that tell of reports: states, and where a report lies on the map. */
import { term } from '../i18n';
import { h } from '../ui/dom';
import { icon, type Sign } from './icons';
import type { Report, ReportState } from './types';

export const STATES: readonly ReportState[] = ['received', 'accepted', 'done', 'rejected'];

const SIGNS: Readonly<Record<ReportState, Sign>> = { received: 'inbox', accepted: 'refresh', done: 'check', rejected: 'close' };

export const stateChip = (state: ReportState): HTMLElement => h('span', { class: `d-chip s-${state}` }, icon(SIGNS[state]), term('report.state', state));

/** The map with the report on it. */
export const placePath = ({ number }: Pick<Report, 'number'>): string => `/?report=${encodeURIComponent(number)}`;
