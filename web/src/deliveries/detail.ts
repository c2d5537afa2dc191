/** What is said of the finding or the outline that is chosen: the sentence, how to fix it, where it stands. */
import { integer } from '../format';
import { pick, term } from '../i18n';
import { itemText } from '../item';
import { may } from '../session';
import { fill, h } from '../ui/dom';
import { icon } from './icons';
import { kindOf } from './sift';
import { KIND_SIGNS } from './table';
import { t, type Key } from './texts';
import type { Delivery, DraftRow, Finding, Report } from './types';
import { fieldText } from './words';

export interface DetailEvents {
  except: (finding: Finding) => void;
  withdraw: (finding: Finding) => void;
  choose: (finding: Finding) => void;
  step: (by: 1 | -1) => void;
  close: () => void;
  street: (code: string | null) => string;
  /** Lists only findings of this type. */
  only: (issue: string) => void;
}

export interface Chosen {
  finding: Finding | null;
  row: DraftRow | null;
  /** The other findings of the row. */
  others: readonly Finding[];
  /** Whether anything can still be changed. */
  open: boolean;
}

export function drawDetail(element: HTMLElement, chosen: Chosen | null, { fields, issues }: { fields: Delivery['fields']; issues: Report['issues'] }, events: DetailEvents): void {
  element.classList.toggle('empty', chosen === null);
  if (!chosen) return fill(element, h('p', { class: 'd-detail-hint' }, icon('info'), t('detail.hint')), issues.length > 0 && issueList(issues, events));
  const { finding, row, others, open } = chosen;
  const kind = finding && kindOf(finding);
  fill(
    element,
    h(
      'div',
      { class: 'd-detail-head' },
      finding && kind ? h('span', { class: `d-chip ${kind}` }, icon(KIND_SIGNS[kind]), t(`kind.${kind}`)) : row && h('span', { class: `d-chip c-${row.change}` }, t(`change.${row.change}`)),
      h('h3', {}, finding ? pick(finding.title) : (row?.name || t('table.nameless'))),
      finding && tool('chevron', t('detail.prev'), () => events.step(-1), 'back'),
      finding && tool('chevron', t('detail.next'), () => events.step(1), ''),
      tool('close', t('detail.close'), events.close, ''),
    ),
    h(
      'div',
      { class: 'd-detail-body', tabindex: 0 },
      finding && h('p', { class: 'd-wrong' }, pick(finding.wrong)),
      finding && h('div', { class: 'd-fix' }, icon('repaired'), h('p', {}, h('b', {}, t('detail.fix')), pick(finding.fix))),
      facts(finding, row, fields, events),
      row && valueTable(row, fields, events),
      others.length > 0 && h('div', { class: 'd-others' }, h('h4', {}, t(finding ? 'detail.more' : 'detail.findings', { n: others.length })), h('ul', {}, ...others.map((other) => h('li', {}, findingLink(other, events))))),
      !finding && others.length === 0 && h('p', { class: 'd-fine' }, icon('done'), t('detail.none')),
      finding && open && finding.state !== 'repaired' && may('grant_exception') && h('div', { class: 'd-buttons' }, exceptionButton(finding, events)),
    ),
  );
}

/** Before anything is chosen: which types there are, the worst first; each narrows the table to itself. */
const issueList = (issues: Report['issues'], events: DetailEvents): HTMLElement =>
  h(
    'ul',
    { class: 'd-issues', 'aria-label': t('filter.issue') },
    ...[...issues]
      .sort((a, b) => Number(a.severity === 'fix_later') - Number(b.severity === 'fix_later') || b.count - a.count)
      .map(({ id, severity, side, title, count }) =>
        h('li', {}, h('button', { type: 'button', class: `d-finding-link ${severity}`, onclick: () => events.only(id) }, icon(KIND_SIGNS[severity]), h('span', {}, pick(title)), h('small', {}, t(`side.${side}`)), h('b', { class: 'num' }, integer(count)))),
      ),
  );

function tool(sign: 'chevron' | 'close', label: string, run: () => void, kind: string): HTMLElement {
  return h('button', { type: 'button', class: `icon-button small ${kind}`, 'aria-label': label, title: label, onclick: run }, icon(sign));
}

const exceptionButton = (finding: Finding, events: DetailEvents): HTMLElement =>
  finding.state === 'excepted'
    ? h('button', { type: 'button', class: 'button', onclick: () => events.withdraw(finding) }, icon('undo'), t('except.withdraw'))
    : h('button', { type: 'button', class: 'button', onclick: () => events.except(finding) }, icon('shield'), t('except.open'));

function findingLink(finding: Finding, events: DetailEvents): HTMLElement {
  const kind = kindOf(finding);
  return h('button', { type: 'button', class: `d-finding-link ${kind}`, onclick: () => events.choose(finding) }, icon(KIND_SIGNS[kind]), h('span', {}, pick(finding.title)), icon('chevron'));
}

function facts(finding: Finding | null, row: DraftRow | null, fields: Delivery['fields'], events: DetailEvents): HTMLElement {
  const code = row?.code ?? null;
  const place = finding ?? row;
  const name = finding?.name || row?.name || null;
  const lines: [Key, Node | string | null | (Node | null)[]][] = [
    ['detail.area', finding?.row === null && !row ? null : [h('span', {}, [name ?? t('table.nameless'), events.street(finding?.street ?? row?.street ?? null)].filter(Boolean).join(' · ')), code ? h('a', { class: 'link num d-code', href: `/a/${encodeURIComponent(code)}`, title: t('detail.on_map') }, code) : row?.change === 'added' ? h('span', { class: 'd-code' }, t('detail.code_new')) : null]],
    ['detail.place', place && `${place.file} · ${itemText(place.item)}`],
    ['detail.column', finding?.column ?? (finding?.field && !['geometry', 'boundary'].includes(finding.field) ? fieldText(finding.field, fields) : null)],
    ['detail.value', finding?.value ? h('code', {}, finding.value) : null],
    ['detail.other', finding?.other ? [finding.other.name ?? finding.other.subject, finding.other.item && itemText(finding.other.item)].filter(Boolean).join(' · ') : null],
    ['detail.side', finding && t(`side.${finding.side}`)],
    ['detail.fields', row && !row.values && row.fields.length > 0 ? row.fields.map((field) => fieldText(field, fields)).join(t('list.comma')) : null],
  ];
  return h('dl', { class: 'd-facts' }, ...lines.filter(([, value]) => value).map(([label, value]) => h('div', {}, h('dt', {}, t(label)), h('dd', {}, ...(Array.isArray(value) ? value : [value])))));
}

/** What the row changes: the register's word struck out, the row's beside it. */
function valueTable({ values }: DraftRow, fields: Delivery['fields'], events: DetailEvents): HTMLElement | null {
  const lines = Object.entries(values ?? {});
  if (lines.length === 0) return null;
  const text = (key: string, value: string | null) => (value === null || value === '' ? '—' : valueText(key, value, events));
  return h(
    'dl',
    { class: 'd-facts d-values', 'aria-label': t('detail.fields') },
    ...lines.map(([key, [before, after]]) => h('div', {}, h('dt', {}, fieldText(key, fields)), h('dd', {}, before !== null && before !== after ? h('del', {}, text(key, before)) : null, h('span', {}, text(key, after))))),
  );
}

/** Codes and keys in words. */
function valueText(field: string, value: string, events: DetailEvents): string {
  if (field === 'street') return events.street(value);
  if (field === 'management') return term('management', value);
  if (field === 'contract_kind') return term('contract', value);
  return field === 'quasi_kind' ? term('quasi', value) : value;
}
