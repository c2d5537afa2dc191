/** The card of what changed: since a record or a day, by street, and the records themselves. */
import * as api from '../api';
import { EARLIEST } from '../asof';
import { isAbort, reportFault } from '../api';
import { day, integer, isDay } from '../format';
import { t, term, type Key } from '../i18n';
import { change, state } from '../state';
import type { Change, ChangeCounts, ChangedArea, Changes, RecordInfo, Records, Register, Street } from '../types';
import { button, type Content } from './card';
import { fieldLabel } from './card-history';
import { h } from './dom';
import { section } from './facts';
import { icon } from './icons';

const KINDS: readonly Change[] = ['added', 'ended', 'geometry', 'attributes'];
/** How many changed facts are named beside an area. */
const FIELDS = 4;

export interface ChangesData {
  since: string;
  changes: Changes;
  records: RecordInfo[];
  /** The link to older records, null when there are none. */
  older: string | null;
}

export interface ChangesContext {
  register: Register;
  streets: readonly Street[];
  copyLink: () => void;
}

/** Asks for the changes since something; null means: what the latest record changed. */
export async function loadChanges(since: string | null, street: string | null, signal: AbortSignal): Promise<ChangesData> {
  const page: Records = await api.records(null, signal);
  const from = since ?? String(page.records[1]?.id ?? page.records[0]?.id ?? 1);
  const changes = await api.changes(from, street, signal);
  return { since: from, changes, records: page.records, older: api.nextPath(page.links) };
}

const showSince = (since: string): void => change({ focus: { kind: 'changes', since } });

export function changesContent(data: ChangesData, { register, streets, copyLink }: ChangesContext): Content {
  const { since, changes } = data;
  const street = state().street;
  const place = street ? (streets.find(({ code }) => code === street)?.name ?? '') : register.district.name;
  const from = isDay(since) ? t('changes.since.day', { date: since }) : /^\d+$/.test(since) ? t('changes.since.record', { n: since }) : t('changes.since.day', { date: day(since) });
  const none = KINDS.every((kind) => changes.totals[kind] === 0);
  return {
    title: t('changes.title'),
    lines: [h('p', { class: 'card-by' }, icon('street'), h('span', {}, [place, from].filter(Boolean).join(' · ')))],
    body: [
      sinceField(since, register),
      h('dl', { class: 'stats change-totals' }, ...KINDS.map((kind) => h('div', {}, h('dt', {}, t(`change.${kind}`)), h('dd', { class: 'num' }, integer(changes.totals[kind]))))),
      h('p', { class: 'hint' }, none ? t('changes.none') : t('changes.unchanged', { n: integer(changes.totals.unchanged) })),
      none ? null : section(t('changes.streets'), byStreet(changes, since)),
      section(t('changes.records'), recordList(data)),
      h(
        'div',
        { class: 'actions' },
        h('a', { class: 'button', href: api.feedPath(since, street), type: 'application/atom+xml' }, icon('rss'), t('changes.feed')),
        button('copy', t('card.copy'), copyLink),
      ),
    ],
  };
}

function sinceField(since: string, { data_date }: Register): HTMLElement {
  const today = new Date().toISOString().slice(0, 10);
  const input = h('input', { type: 'date', id: 'since', min: EARLIEST, max: today > data_date ? today : day(data_date), value: isDay(since) ? since : '' });
  input.addEventListener('change', () => isDay(input.value) && input.validity.valid && showSince(input.value));
  return h('div', { class: 'since' }, h('label', { for: 'since' }, t('changes.since.label')), input);
}

/** The streets with changes, each with its areas. What a long list leaves out is asked for when its street is opened. */
function byStreet(changes: Changes, since: string): HTMLElement {
  const touched = changes.streets.filter((street) => KINDS.some((kind) => street[kind] > 0));
  const whole = api.nextPath(changes.links) === null;
  return h(
    'div',
    { class: 'street-changes' },
    ...touched.map((street) => {
      const rows = areaRows(changes.areas.filter((area) => area.street === street.street));
      const details = h(
        'details',
        { class: 'more', open: touched.length === 1 },
        h('summary', {}, h('span', { class: 'more-name' }, street.name), h('span', { class: 'change-counts' }, ...countMarks(street)), icon('chevron')),
        rows,
      );
      if (!whole) details.addEventListener('toggle', () => void complete(rows, since, street.street), { once: true });
      return details;
    }),
  );
}

/** Lists all areas of a street. Without an answer the list stays as it is; its counts tell of all. */
async function complete(rows: HTMLElement, since: string, street: string): Promise<void> {
  const told = await api.changes(since, street).catch(() => null);
  if (!told) return;
  const left = api.nextPath(told.links) === null ? [] : [h('p', { class: 'missing' }, t('changes.more', { n: integer(told.areas.length) }))];
  rows.replaceWith(areaRows(told.areas), ...left);
}

const countMarks = (counts: ChangeCounts): HTMLElement[] =>
  KINDS.filter((kind) => counts[kind] > 0).map((kind) => h('span', { class: `badge change ${kind}` }, t(`change.${kind}`), h('b', { class: 'num' }, integer(counts[kind]))));

const areaRows = (areas: readonly (Pick<ChangedArea, 'code' | 'name' | 'change'> & Partial<ChangedArea>)[]): HTMLElement =>
  h(
    'ul',
    { class: 'area-list compact' },
    ...areas.map(({ code, name, change: kinds, fields, record }) =>
      h(
        'li',
        {},
        h(
          'button',
          { type: 'button', onclick: () => change({ focus: { kind: 'area', code } }) },
          h('span', { class: 'option-text' }, h('b', {}, name), h('small', {}, described(kinds, fields, record))),
          icon('chevron'),
        ),
      ),
    ),
  );

function described(kinds: readonly Change[], fields: readonly string[] = [], record?: number): string {
  const labels = [...new Set(fields.filter((name) => name !== 'boundary' && name !== 'geometry').map(fieldLabel))];
  const named = labels.slice(0, FIELDS).join(t('list.comma'));
  const facts = labels.length > FIELDS ? t('changes.fields_more', { list: named }) : named;
  // The facts say more than the word for them.
  const words = kinds.filter((kind) => kind !== 'attributes' || facts === '').map((kind) => t(`change.${kind}`));
  return [...words, facts, record !== undefined && t('changes.record', { n: record })].filter(Boolean).join(' · ');
}

function recordList(data: ChangesData): HTMLElement {
  const list = h('div', { class: 'record-list' }, ...data.records.map(recordRow));
  const more = h('button', { type: 'button', class: 'button', onclick: () => void load() }, icon('plus'), t('changes.older'));
  const load = async () => {
    if (!data.older) return;
    more.disabled = true;
    try {
      const page = await api.records(data.older);
      data.records.push(...page.records);
      data.older = api.nextPath(page.links);
      list.append(...page.records.map(recordRow));
      if (!data.older) more.remove();
    } catch (error) {
      reportFault(error);
    }
    more.disabled = false;
  };
  return h('div', {}, list, data.older ? more : null);
}

/** A record; opened it tells what it changed. */
function recordRow({ id, kind, document, authority, dated, recorded_at }: RecordInfo): HTMLElement {
  const inside = h('div', { class: 'record-inside' });
  const details = h(
    'details',
    { class: 'more record' },
    h(
      'summary',
      {},
      h('span', { class: 'record-number num' }, String(id)),
      h('span', { class: 'option-text' }, h('b', {}, [term('record', kind), dated && day(dated)].filter(Boolean).join(' · ')), h('small', {}, [document, authority].filter(Boolean).join(' · ') || t('changes.no_document'))),
      icon('chevron'),
    ),
    inside,
  );
  details.addEventListener('toggle', () => void (details.open && inside.childElementCount === 0 && fillRecord(inside, id, recorded_at)));
  return details;
}

async function fillRecord(inside: HTMLElement, id: number, recordedAt: string): Promise<void> {
  const line = (text: Key) => inside.replaceChildren(h('p', { class: 'explanation' }, t(text)));
  line('loading');
  try {
    const { changes, areas, note } = await api.record(id);
    const marks = countMarks(changes);
    inside.replaceChildren(
      h('p', { class: 'explanation' }, t('changes.entered', { date: day(recordedAt) })),
      ...(note ? [h('p', {}, note)] : []),
      ...(marks.length > 0 ? [h('p', { class: 'change-counts' }, ...marks)] : []),
      // A record that entered the whole register is told by its counts.
      ...(areas.length > 0 && areas.length <= 50 ? [areaRows(areas)] : []),
      h('button', { type: 'button', class: 'link row-link', onclick: () => showSince(String(id)) }, t('changes.after', { n: id })),
    );
  } catch (error) {
    if (isAbort(error)) return;
    reportFault(error);
    inside.replaceChildren();
    inside.append(h('p', { class: 'explanation' }, t('error.failed.text')));
  }
}
