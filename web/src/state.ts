/** The state of the page: one plain object, mirrored in the address. */
import { remembered } from './storage';
import type { Lang, Mode } from './types';
import { formatView, parseView, sameSubject, type View } from './url';

export interface State extends View {
  lang: Lang;
  mode: Mode;
  panelOpen: boolean;
  /** Whether the card of the chosen street is open; it closes without leaving the street. */
  streetCard: boolean;
}

type Listener = (state: State, before: State) => void;

const listeners = new Set<Listener>();
let current: State;

/** Reads the address and what the boot script set on the root element. */
export function start(panelOpen: boolean): State {
  const root = document.documentElement;
  current = {
    ...parseView(location),
    lang: root.lang === 'en' ? 'en' : 'zh-CN',
    mode: root.dataset.mode === 'dark' ? 'dark' : 'light',
    panelOpen,
    streetCard: true,
  };
  addEventListener('popstate', () => {
    const view = parseView(location);
    apply({ ...current, ...view, streetCard: true, lang: view.askedLang ?? current.lang });
  });
  return current;
}

export const state = (): State => current;

/** Calls back after every change. */
export function onChange(listener: Listener): void {
  listeners.add(listener);
}

/** Changes the state. A new subject (card, street, filter) becomes a step of the browser's history, a moved map does not. */
export function change(patch: Partial<State>): void {
  set(patch, false);
}

/** Corrects the state without a step in the history: the address was wrong. */
export function correct(patch: Partial<State>): void {
  set(patch, true);
}

function set(patch: Partial<State>, replace: boolean): void {
  const next = { ...current, ...patch };
  if (next.street !== current.street) next.streetCard = true;
  const address = formatView(next);
  if (address !== formatView(current) || address !== location.pathname + location.search + location.hash) {
    if (replace || sameSubject(next, current)) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
  }
  apply(next);
}

function apply(next: State): void {
  const before = current;
  current = next;
  for (const listener of listeners) listener(next, before);
}

/** Follows the system between light and dark until somebody chooses. */
export function followSystem(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
    if (!remembered('mode')) change({ mode: matches ? 'dark' : 'light' });
  });
}
