/** The card of one area: everything known, where it comes from, and how it came to be so. */
import { dayBefore, daysBetween, day, decimal, integer } from '../format';
import { pick, t, term } from '../i18n';
import { ledgerAddress } from '../ledger/view';
import { may } from '../session';
import { change, state } from '../state';
import { classOf } from '../style';
import type { Area, Committee, Theme } from '../types';
import { button, type Content } from './card';
import type { Timeline } from './card-history';
import type { WhoChanged } from './card-who';
import { h } from './dom';
import { facts, missing, section, type Fact } from './facts';
import { icon } from './icons';
import { swatch } from './swatch';

/** An end within half a year is worth a badge. */
const SOON_DAYS = 183;

export interface AreaContext {
  theme: Theme;
  countedOn: string;
  zoomTo: () => void;
  copyLink: () => void;
  back: (() => void) | undefined;
  timeline: Timeline;
  /** Who changed the area. */
  who: WhoChanged;
  /** Says what is wrong with the area. */
  report: () => void;
}

export function areaContent(area: Area, context: AreaContext): Content {
  return {
    title: area.name,
    back: context.back,
    lines: [classLine(context.theme, area.style), area.manager_name && h('p', { class: 'card-by' }, icon('building'), h('span', {}, area.manager_name))].filter(
      (line): line is HTMLElement => Boolean(line),
    ),
    body: [
      h('div', { class: 'actions' }, button('scan', t('card.zoom'), context.zoomTo), button('copy', t('card.copy'), context.copyLink), inLedger(area)),
      ...areaSections(area, context),
      context.timeline.render(),
      context.who.render(),
      reportRow(context.report),
      source(area),
    ],
  };
}

/** The way to say that a boundary is wrong, for whoever may. */
export const reportRow = (report: (() => void) | null): HTMLElement | null =>
  report && may('send_report') ? h('button', { type: 'button', class: 'row-button', 'data-action': 'report', onclick: report }, icon('flag'), h('span', {}, t('report.open')), icon('chevron')) : null;

/** The row of the area among those of its street. */
function inLedger({ code, street }: Area): HTMLElement {
  const { on, known } = state();
  return h('a', { class: 'button', href: ledgerAddress({ on, known, street, classes: [] }, code) }, icon('table'), t('area.ledger'));
}

/** The facts of an area. */
export function areaSections(area: Area, { countedOn }: Pick<AreaContext, 'countedOn'>): (HTMLElement | null)[] {
  const identity: Fact[] = [
    [t('area.street'), link(area.street_name, () => change({ focus: null, street: area.street }))],
    [t('area.community'), area.community_name],
    [t('area.address'), area.address],
    [t('area.code'), area.code],
  ];
  const management: Fact[] = [
    [t('area.manager'), managerLink(area)],
    [t('area.phone'), area.manager_phone && phone(area.manager_phone)],
    [t('area.fee'), known(area.fee_yuan_per_m2_month, (fee) => t('area.fee.value', { n: decimal(fee, 2) }))],
    [t('area.contract'), contract(area, countedOn)],
    ...ofContract(area),
  ];
  const scale: Fact[] = [
    [t('area.households'), known(area.households, (n) => t('area.households.value', { n: integer(n) }))],
    [t('area.buildings'), known(area.building_count, (n) => t('area.buildings.value', { n: integer(n) }))],
    [t('area.built'), known(area.built_year, (year) => t('area.built.value', { year }))],
    [t('area.floor'), known(area.floor_area_m2, squareMetres)],
    [t('area.site'), known(area.site_area_m2, squareMetres)],
  ];
  const legal: Fact[] = [[t('area.document'), area.delimitation_document]];
  const names = [...new Set(area.other_names.map((name) => name.kind))].map((kind): Fact => [
    term('name', kind),
    area.other_names.filter((name) => name.kind === kind).map((name) => name.text).join(t('list.comma')),
  ]);
  return [
    section(t('area.section.management'), quasi(area), facts(management)),
    section(t('area.section.committees'), ...committees(area, countedOn)),
    section(t('area.section.scale'), stats(scale)),
    section(t('area.section.place'), facts(identity), facts([...names, ...legal, [t('area.valid'), validity(area)]])),
    missing([...management, ...scale, ...identity, ...legal]),
  ];
}

/** The days on which what is shown is true, the last one included. */
function validity({ valid_from, valid_until }: Area): HTMLElement | null {
  if (!valid_from && !valid_until) return null;
  const text = valid_until
    ? t('area.period', { from: valid_from ? day(valid_from) : '…', until: dayBefore(valid_until) })
    : t('area.valid.since', { date: day(valid_from ?? '') });
  return h('span', { class: 'num' }, text);
}

/** Sample, label and, on tap, one sentence about the class. */
export function classLine(theme: Theme, key: string): HTMLElement | null {
  const item = classOf(theme, key);
  if (!item) return null;
  return h('details', { class: 'class-line' }, h('summary', {}, swatch(theme, key, state().mode), h('span', {}, pick(item.label)), icon('info')), h('p', {}, pick(item.explanation)));
}

const link = (text: string, run: () => void): HTMLElement => h('button', { type: 'button', class: 'link', onclick: run }, text);

function managerLink({ manager, manager_name, manager_kind }: Area): HTMLElement | string | null {
  if (!manager_name) return null;
  const kind = manager_kind ? h('small', { class: 'kind' }, term('manager', manager_kind)) : null;
  const name = manager ? link(manager_name, () => change({ focus: { kind: 'manager', uscc: manager } })) : h('span', {}, manager_name);
  return h('span', { class: 'stacked' }, name, kind);
}

export const phone = (number: string): HTMLElement => h('a', { class: 'link num', href: `tel:${number}` }, number);

const quasi = ({ management, quasi_kind }: Area): HTMLElement | null =>
  management === 'quasi_property' && quasi_kind ? h('p', { class: 'explanation' }, t('area.quasi', { kind: term('quasi', quasi_kind) })) : null;

const squareMetres = (value: number): string => t('area.m2', { n: integer(value) });

/** The text of a value; what is not known or not shown stays so. */
const known = <V, T extends string | HTMLElement>(value: V | null | undefined, text: (value: V) => T): T | null | undefined => (value == null ? (value as null | undefined) : text(value));

function contract({ contract_from, contract_until }: Area, countedOn: string): HTMLElement | null | undefined {
  if (contract_from === undefined && contract_until === undefined) return undefined;
  if (!contract_from && !contract_until) return null;
  const text = t('area.period', { from: contract_from ? day(contract_from) : '…', until: contract_until ? day(contract_until) : '…' });
  return h('span', { class: 'stacked' }, h('span', { class: 'num' }, text), contract_until ? ending(contract_until, countedOn) : null);
}

/** What the contract is and when it was filed; nothing where no contract is known at all. An emergency service is not filed. */
function ofContract({ contract_from, contract_until, contract_kind, contract_filed_on }: Area): Fact[] {
  if (!contract_from && !contract_until && !contract_kind && !contract_filed_on) return [];
  const kind: Fact = [t('area.contract.kind'), known(contract_kind, (key) => term('contract', key))];
  const isFiled = contract_kind !== 'emergency' || contract_filed_on;
  return isFiled ? [kind, [t('area.contract.filed'), known(contract_filed_on, (date) => h('span', { class: 'num' }, day(date)))]] : [kind];
}

/** How far an end is, seen from the day that duties are counted to. */
function ending(until: string, countedOn: string): HTMLElement | null {
  const left = daysBetween(countedOn, until);
  if (left > SOON_DAYS) return null;
  const text = left < 0 ? t('term.ended', { n: integer(-left) }) : t('term.left', { n: integer(left) });
  return h('span', { class: `badge ${left < 0 ? 'late' : 'soon'}`, title: t('term.as_of', { date: countedOn }) }, text);
}

function committees(area: Area, countedOn: string): HTMLElement[] {
  if (area.committees === undefined) return [h('p', { class: 'explanation' }, t('committee.hidden.text'))];
  if (area.committees === null) return [h('p', { class: 'explanation' }, t('committee.details.text'))];
  if (area.committees.length === 0) return [h('p', { class: 'explanation' }, t(area.committee === 'unknown' ? 'committee.unknown.text' : 'committee.none.text'))];
  return area.committees.map((item) => committee(item, countedOn));
}

function committee(item: Committee, countedOn: string): HTMLElement {
  const state = item.dissolved_on ? 'dissolved' : item.operating === false ? 'idle' : item.operating ? 'operating' : null;
  const rows: Fact[] = [
    [t('committee.formed'), item.formed_on && day(item.formed_on)],
    [t('committee.applied'), item.filing_applied_on ? day(item.filing_applied_on) : undefined],
    [t('committee.filed'), item.filed_on && [day(item.filed_on), item.filing_number].filter(Boolean).join(' · ')],
    [
      t('committee.term'),
      item.term_until && h('span', { class: 'stacked' }, h('span', { class: 'num' }, day(item.term_until)), item.dissolved_on ? null : ending(item.term_until, countedOn)),
    ],
    [t('committee.dissolved'), item.dissolved_on && day(item.dissolved_on)],
    [t('committee.members'), known(item.members, (n) => t('committee.members.value', { n }))],
    [t('committee.party'), item.party_organisation == null ? item.party_organisation : party(item)],
  ];
  return h(
    'div',
    { class: 'committee' },
    h('div', { class: 'committee-head' }, icon('users'), h('b', {}, term('committee_kind', item.kind)), state && h('span', { class: `badge ${state}` }, t(`committee.state.${state}`))),
    facts(rows),
  );
}

const party = (item: Committee): string =>
  !item.party_organisation ? t('no') : item.party_since ? t('committee.party.since', { date: day(item.party_since) }) : t('yes');

function stats(rows: readonly Fact[]): HTMLElement | null {
  const told = rows.filter(([, value]) => value != null);
  if (told.length === 0) return null;
  return h('dl', { class: 'stats' }, ...told.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', { class: 'num' }, value))));
}

export function source({ source: from }: Area): HTMLElement | null {
  if (!from) return null;
  const parts = [term('record', from.kind), from.document, from.authority, from.dated && t('source.dated', { date: day(from.dated) })];
  return h(
    'footer',
    { class: 'card-source' },
    h('b', {}, t('source.title')),
    h('span', {}, parts.filter(Boolean).join(' · ')),
    h('span', {}, t('source.recorded', { date: day(from.recorded_at), n: from.record })),
  );
}
