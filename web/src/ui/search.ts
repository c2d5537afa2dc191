/** The search box: an ARIA combobox with suggestions while typing; pasted coordinates are understood too. */
import { ApiError, isAbort, reportFault, search as ask } from '../api';
import { parsePlace, type TypedPlace } from '../coords';
import { t, term } from '../i18n';
import { state } from '../state';
import type { LngLat, SearchResult, Theme } from '../types';
import { byId, fill, h } from './dom';
import { icon } from './icons';
import { swatch } from './swatch';

const WAIT_MS = 90;
const LIMIT = 10;
const MAX_CHARS = 64;
/** How often a query without an answer is shortened in search of something near. */
const SHORTER_TRIES = 3;

export interface SearchEvents {
  choose(result: SearchResult): void;
  place(place: TypedPlace): void;
  near(): LngLat | null;
}

type Option = { kind: 'result'; result: SearchResult } | { kind: 'place'; place: TypedPlace; text: string };

export interface SearchBox {
  element: HTMLElement;
  render(): void;
  focus(): void;
}

export function searchBox(theme: () => Theme | null, events: SearchEvents): SearchBox {
  const input = h('input', {
    id: 'search',
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'search',
    maxlength: MAX_CHARS,
    'aria-autocomplete': 'list',
    'aria-controls': 'suggestions',
    'aria-expanded': 'false',
  });
  const clear = h('button', { type: 'button', class: 'icon-button small search-clear', hidden: true }, icon('close'));
  const key = h('kbd', { 'aria-hidden': 'true' }, '/');
  const list = h('ul', { id: 'suggestions', role: 'listbox' });
  const note = h('div', { class: 'search-note', role: 'status', 'aria-live': 'polite' });
  const popup = h('div', { class: 'search-popup', hidden: true }, note, list);
  const element = h('div', { class: 'search', role: 'search' }, h('div', { class: 'search-field' }, icon('search'), input, key, clear), popup);

  let options: Option[] = [];
  let active = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | null = null;

  const open = (shown: boolean) => {
    popup.hidden = !shown;
    input.setAttribute('aria-expanded', String(shown));
    element.classList.toggle('open', shown);
    if (!shown) point(-1);
  };
  const point = (index: number) => {
    active = index;
    [...list.children].forEach((child, i) => {
      child.setAttribute('aria-selected', String(i === index));
      if (i === index) child.scrollIntoView({ block: 'nearest' });
    });
    if (index >= 0) input.setAttribute('aria-activedescendant', `suggestion-${index}`);
    else input.removeAttribute('aria-activedescendant');
  };
  const show = (next: Option[], text: string | null) => {
    options = next;
    fill(note, text);
    note.hidden = !text;
    fill(list, ...next.map((option, index) => row(option, index)));
    point(next.length > 0 ? 0 : -1);
    open(true);
  };
  const choose = (option: Option | undefined) => {
    if (!option) return;
    open(false);
    input.blur();
    if (option.kind === 'place') events.place(option.place);
    else {
      input.value = option.result.name;
      clear.hidden = false;
      events.choose(option.result);
    }
  };
  const row = (option: Option, index: number) =>
    h(
      'li',
      {
        id: `suggestion-${index}`,
        role: 'option',
        'aria-selected': 'false',
        // The list must not take the focus from the box before the click arrives.
        onpointerdown: (event: PointerEvent) => event.preventDefault(),
        onclick: () => choose(option),
        onpointermove: () => active !== index && point(index),
      },
      ...(option.kind === 'place' ? placeRow(option.text) : resultRow(theme(), option.result, input.value.trim())),
    );

  const run = async () => {
    const q = input.value.trim();
    running?.abort();
    if (!q) return open(false);
    const place = parsePlace(q);
    if (place) return show([{ kind: 'place', place, text: q }], null);
    const own = (running = new AbortController());
    element.classList.add('busy');
    try {
      let found = await ask({ q, limit: LIMIT, near: events.near(), asOf: state() }, own.signal);
      let text: string | null = null;
      const chars = [...q];
      for (let cut = 1; found.length === 0 && cut <= SHORTER_TRIES && chars.length - cut >= 2; cut++) {
        found = await ask({ q: chars.slice(0, -cut).join(''), limit: LIMIT, near: events.near(), asOf: state() }, own.signal);
        text = t('search.near', { q });
      }
      if (found.length === 0) text = t('search.none', { q });
      show(found.map((result) => ({ kind: 'result', result })), text);
    } catch (error) {
      if (isAbort(error)) return;
      reportFault(error);
      show([], t(error instanceof ApiError && error.kind === 'offline' ? 'search.offline' : 'search.failed'));
    } finally {
      if (running === own) element.classList.remove('busy');
    }
  };

  input.addEventListener('input', () => {
    clear.hidden = input.value === '';
    clearTimeout(timer);
    timer = setTimeout(() => void run(), WAIT_MS);
  });
  input.addEventListener('focus', () => {
    input.select();
    if (input.value.trim()) void run();
  });
  input.addEventListener('blur', () => open(false));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      if (popup.hidden) input.blur();
      open(false);
    } else if (event.key === 'Enter') {
      if (event.isComposing) return;
      choose(options[Math.max(active, 0)]);
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && options.length > 0) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (popup.hidden) open(true);
      point((active + step + options.length) % options.length);
    }
  });
  clear.addEventListener('pointerdown', (event) => event.preventDefault());
  clear.addEventListener('click', () => {
    input.value = '';
    clear.hidden = true;
    open(false);
    input.focus();
  });
  addEventListener('keydown', (event) => {
    const busy = event.target instanceof HTMLElement && event.target.matches('input,select,textarea');
    if (event.key === '/' && !busy && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
    }
  });

  const render = () => {
    input.placeholder = t('search.placeholder');
    input.setAttribute('aria-label', t('search.label'));
    clear.setAttribute('aria-label', t('search.clear'));
    list.setAttribute('aria-label', t('search.suggestions'));
  };
  render();
  return { element, render, focus: () => byId('search').focus() };
}

function placeRow(text: string): HTMLElement[] {
  return [
    h('span', { class: 'option-sign' }, icon('pin')),
    h('span', { class: 'option-text' }, h('b', {}, t('search.place')), h('small', {}, text)),
  ];
}

const SIGNS = { street: 'street', manager: 'building', area: 'pin' } as const;

function resultRow(theme: Theme | null, result: SearchResult, q: string): HTMLElement[] {
  const sign = h('span', { class: 'option-sign' }, result.style && theme ? swatch(theme, result.style, state().mode) : icon(SIGNS[result.kind]));
  return [
    sign,
    h('span', { class: 'option-text' }, h('b', {}, ...marked(result.name, q)), h('small', {}, below(result, q))),
    h('span', { class: 'option-kind' }, t(`search.kind.${result.kind}`)),
  ];
}

function below({ kind, name, matched, street_name, areas }: SearchResult, q: string): string {
  const parts = [kind === 'manager' ? t('area.count', { n: areas ?? 0 }) : kind === 'street' ? t('search.whole') : (street_name ?? '')];
  const told = ['alias', 'address', 'manager', 'community', 'code'].includes(matched.field);
  if (told && matched.text !== name) parts.push(`${term('matched', matched.field)} ${matched.text}`);
  else if (matched.field === 'typo') parts.push(t('search.typo', { q }));
  return parts.filter(Boolean).join(' · ');
}

/** The name with the typed part set off. */
function marked(name: string, q: string): (string | HTMLElement)[] {
  const at = name.toLowerCase().indexOf(q.toLowerCase());
  if (q === '' || at < 0) return [name];
  return [name.slice(0, at), h('mark', {}, name.slice(at, at + q.length)), name.slice(at + q.length)];
}
