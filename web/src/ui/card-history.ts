/** The history of an area at the end of its card: where it came from, what became of it, and every step between. */
import * as api from '../api';
import { isAbort, isMissing, reportFault } from '../api';
import { day, decimal } from '../format';
import { fate, kindOf, origin, steps, type Field, type Part, type Step } from '../history';
import { t, term, type Key } from '../i18n';
import { itemText } from '../item';
import { may } from '../session';
import { change } from '../state';
import type { RecordInfo } from '../types';
import type { History, Relative, VersionSource } from '../types-history';
import { h } from './dom';
import { icon } from './icons';

/** Facts whose values are terms, with the group of their texts. */
const TERMS: Record<string, string> = { management: 'management', committee: 'committee', quasi_kind: 'quasi', contract_kind: 'contract', manager_kind: 'manager', kind: 'committee_kind' };
/** Facts that are years or codes: their digits are not grouped. */
const PLAIN = new Set(['built_year']);

/** Loads the history of an area once and draws it wherever the card puts it. */
export class Timeline {
  private element: HTMLElement | null = null;
  private open = false;
  private failed = false;

  constructor(
    private readonly code: string,
    private readonly signal: AbortSignal,
    private history: History | null = null,
    /** Relatives that the card tells in another place. */
    private readonly told: 'predecessors' | 'successors' | null = null,
  ) {
    if (!history) void this.load();
  }

  /** A fresh section; it fills itself when the answer comes. */
  render(): HTMLElement {
    this.element = h('section', { class: 'facts history' });
    this.draw();
    return this.element;
  }

  private async load(): Promise<void> {
    this.failed = false;
    try {
      this.history = await api.history(this.code, this.signal);
    } catch (error) {
      if (isAbort(error)) return;
      // Without a history there is nothing to tell.
      if (isMissing(error)) return this.element?.remove();
      reportFault(error);
      this.failed = true;
    }
    this.draw();
  }

  private draw(): void {
    const { element, history } = this;
    if (!element) return;
    element.replaceChildren(h('h3', {}, t('history.title')));
    if (this.failed) element.append(h('p', { class: 'explanation' }, t('history.failed')), h('button', { type: 'button', class: 'button', onclick: () => void this.load() }, icon('refresh'), t('error.retry')));
    else if (history) element.append(...kinship(history, this.told), this.list(history));
    else element.append(h('div', { class: 'skeleton s-row' }));
  }

  private list(history: History): HTMLElement {
    const found = steps(history.versions);
    const details = h(
      'details',
      { class: 'more', open: this.open, ontoggle: () => (this.open = details.open) },
      h('summary', {}, icon('history'), h('span', {}, t('history.steps', { n: found.length })), icon('chevron')),
      h('ol', { class: 'timeline' }, history.ended_on ? end(history, history.ended_on) : null, ...found.map(step)),
    );
    return details;
  }
}

/** What an area came from and what became of it, one line each, with links. */
export function kinship({ lineage, versions }: History, without: 'predecessors' | 'successors' | null): HTMLElement[] {
  const { predecessors, successors } = lineage;
  const line = (text: Key, relatives: readonly Relative[]) => h('div', { class: 'kinship' }, h('p', {}, t(text, { date: day(relatives[0]?.from ?? '') })), relativeList(relatives));
  return [
    ...(predecessors.length > 0 && without !== 'predecessors' ? [line(`lineage.from.${origin(predecessors, kindOf(predecessors, versions))}`, predecessors)] : []),
    ...(successors.length > 0 && without !== 'successors' ? [line(`lineage.to.${fate(successors)}`, successors)] : []),
  ];
}

export const relativeList = (relatives: readonly { code: string; name: string }[]): HTMLElement =>
  h(
    'ul',
    { class: 'area-list compact' },
    ...relatives.map(({ code, name }) =>
      h('li', {}, h('button', { type: 'button', onclick: () => change({ focus: { kind: 'area', code } }) }, h('span', { class: 'option-text' }, h('b', {}, name), h('small', { class: 'num' }, code)), icon('chevron'))),
    ),
  );

function end({ lineage: { successors } }: History, on: string): HTMLElement {
  const text = successors.length > 0 ? t(`history.ended.${fate(successors)}`) : t('history.ended');
  return h('li', { class: 'step ended' }, h('div', { class: 'step-head' }, h('b', { class: 'num' }, day(on)), h('span', { class: 'badge historic' }, t('ended.badge'))), h('p', {}, text));
}

function step({ from, until, record, corrected, parts, sources }: Step): HTMLElement {
  const date = from ? dayLink(day(from)) : h('b', {}, t('history.always'));
  return h(
    'li',
    { class: corrected === null ? 'step' : 'step corrected' },
    h('div', { class: 'step-head' }, date, until && h('span', { class: 'step-until num' }, t('history.until', { date: day(until) })), corrected !== null && h('span', { class: 'badge' }, t('history.corrected', { n: corrected }))),
    ...parts.flatMap(partLines),
    ...recordLines(record),
    ...sources.map(sourceLine),
  );
}

/** The day of a step leads to the map of that day. */
const dayLink = (date: string): HTMLElement =>
  h('button', { type: 'button', class: 'link num', title: t('history.show_day', { date }), 'aria-label': t('history.show_day', { date }), onclick: () => change({ on: date, known: null }) }, date);

/** Kind, paper, authority and date of a record, and below when it was entered. */
const recordLines = ({ id, kind, document, authority, dated, recorded_at }: RecordInfo): HTMLElement[] => [
  h('p', { class: 'step-record' }, [term('record', kind), document, authority].filter(Boolean).join(' · ')),
  h('p', { class: 'step-record num' }, [dated && t('source.dated', { date: day(dated) }), t('source.recorded', { date: day(recorded_at), n: id })].filter(Boolean).join(' · ')),
];

/** The row of a delivered file, with a link to the delivery. */
const sourceLine = ({ delivery, file, item, sender }: VersionSource): HTMLElement =>
  h('p', { class: 'step-record step-source' }, may('deliver') ? h('a', { class: 'link', href: `/deliveries/${delivery}` }, t('history.delivery', { n: delivery, sender })) : h('span', {}, t('history.delivery', { n: delivery, sender })), h('span', {}, [file, itemText(item)].join(' · ')));

function partLines(part: Part): HTMLElement[] {
  const text = (name: string) => (typeof part.facts[name] === 'string' ? part.facts[name] : '');
  const head = part.part === 'manager' ? t('area.manager') : part.part === 'committee' ? term('committee_kind', text('kind')) : '';
  if (part.first) {
    const told = part.part === 'manager' ? text('manager_name') || text('name') : '';
    return [h('p', {}, part.part === 'area' ? t('history.first') : told ? t('history.value', { label: head, value: told }) : t('history.entered', { label: head || t('field.committees') }))];
  }
  const labels = new Map<string, Field>();
  // The code and the name of a thing share a label; the one that can be read is told.
  for (const field of part.fields) {
    const label = fieldLabel(field.name);
    if (!labels.has(label) || valueText(field.name, field.after) !== null) labels.set(label, field);
  }
  if (labels.size === 0) return [h('p', {}, t('history.confirmed'))];
  return [...labels].map(([label, field]) => h('p', {}, head && part.part === 'committee' ? h('span', { class: 'step-part' }, head) : null, fieldText(label, field)));
}

function fieldText(label: string, { name, before, after }: Field): string {
  const [old, now] = [valueText(name, before), valueText(name, after)];
  if (now === null) return t('history.changed', { label });
  return old === null || old === now ? t('history.value', { label, value: now }) : t('history.from_to', { label, before: old, after: now });
}

/** The label of a fact; one that the page does not know goes by a general word. */
export function fieldLabel(name: string): string {
  const text = term('field', name);
  return text === name ? t('field.other') : text;
}

/** A value that fits into a line; null for lists, boundaries and what is not shown. */
function valueText(name: string, value: unknown): string | null {
  if (value === null) return t('history.none');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'number') return PLAIN.has(name) ? String(value) : decimal(value, 2);
  if (typeof value !== 'string' || value === '' || ['street', 'community', 'manager', 'serves'].includes(name)) return null;
  const group = TERMS[name];
  return group ? term(group, value) : value;
}
