/** Filters of the findings, their order on a phone, and the report as a file. */
import { integer } from '../format';
import { pick } from '../i18n';
import { fill, h } from '../ui/dom';
import { icon } from './icons';
import { dropDown } from './parts';
import { NO_FILTER, tally, type Filter, type Sort, type SortKey, type Words } from './sift';
import { t } from './texts';
import type { Finding, Side } from './types';

const SORTS: readonly SortKey[] = ['kind', 'row', 'name', 'street', 'issue'];

export interface ToolbarData {
  findings: readonly Finding[];
  filter: Filter;
  sort: Sort;
  shown: number;
  words: Words;
}

export interface ToolbarEvents {
  filter(filter: Filter): void;
  sort(sort: Sort): void;
}

export function toolbar(element: HTMLElement, data: ToolbarData, events: ToolbarEvents): void {
  const { findings, filter, sort, words, shown } = data;
  const titles = new Map(findings.map(({ issue, title }) => [issue, pick(title)]));
  const choices = <K extends 'issue' | 'side' | 'street'>(part: K, all: string, name: (value: NonNullable<Finding[K]>) => string) => [
    { value: '', text: all },
    ...[...tally(findings, part, filter, words)].sort((a, b) => b[1] - a[1]).map(([value, count]) => ({ value: String(value), text: `${name(value)}（${integer(count)}）` })),
  ];
  const narrowed = JSON.stringify(filter) !== JSON.stringify(NO_FILTER);
  const active = document.activeElement;
  const focused = active && element.contains(active) ? active.getAttribute('aria-label') : null;
  // The field of words stays in the page: whoever types in it keeps the keyboard.
  const search = element.querySelector<HTMLInputElement>('input') ?? h('input', { type: 'search', spellcheck: 'false', autocomplete: 'off' });
  search.setAttribute('aria-label', t('filter.text'));
  search.placeholder = t('filter.text');
  if (active !== search) search.value = filter.text;
  search.oninput = () => events.filter({ ...filter, text: search.value });
  const parts = [
    h('span', { class: 'd-search' }, icon('search')),
    dropDown({ label: t('filter.issue'), value: filter.issue ?? '', choices: choices('issue', t('filter.issue.all'), (id) => titles.get(id) ?? id) }, (value) => events.filter({ ...filter, issue: value || null })),
    dropDown({ label: t('filter.side'), value: filter.side ?? '', choices: choices('side', t('filter.side.all'), (side) => t(`side.${side}`)) }, (value) => events.filter({ ...filter, side: (value || null) as Side | null })),
    dropDown({ label: t('filter.street'), value: filter.street ?? '', choices: choices('street', t('filter.street.all'), (code) => words.street(code)) }, (value) => events.filter({ ...filter, street: value || null })),
    h('span', { class: 'd-sort' }, dropDown({ label: t('filter.sort'), value: sort.key, choices: SORTS.map((key) => ({ value: key, text: t('sort.by', { name: t(`head.${key}`) }) })) }, (value) => events.sort({ key: value as SortKey, descending: false }))),
    h('span', { class: 'd-shown num', role: 'status' }, t('filter.shown', { n: integer(shown), total: integer(findings.length) })),
    narrowed ? h('button', { type: 'button', class: 'text-button', onclick: () => events.filter(NO_FILTER) }, t('filter.clear')) : null,
  ];
  if (element.contains(search)) {
    const box = search.parentElement;
    for (const child of [...element.children]) if (child !== box) child.remove();
    for (const part of parts.slice(1)) if (part) element.append(part);
  } else {
    fill(element, ...parts);
    element.firstElementChild?.append(search);
  }
  if (focused && document.activeElement !== search) element.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** The whole report as a file, whatever the filters say. */
export const reportFiles = (path: (format: 'csv' | 'xlsx' | 'html') => string): HTMLElement =>
  h(
    'span',
    { class: 'd-files', role: 'group', 'aria-label': t('downloads') },
    ...(['xlsx', 'html', 'csv'] as const).map((format) => h('a', { class: 'd-file-link', href: path(format), download: '', title: t(`download.${format}`) }, icon('download'), h('span', { 'aria-hidden': 'true' }, format.toUpperCase()), h('span', { class: 'sr-only' }, t(`download.${format}`)))),
  );
