/** The frame of a step: its number, what it has come to in a line, and its body. */
import { h } from '../ui/dom';
import { icon } from './icons';
import { t, type Key } from './texts';

export type StepKey = 'files' | 'columns' | 'position' | 'settings' | 'findings' | 'publish';
export type StepState = 'done' | 'attention' | 'waiting';

export const STEPS: readonly StepKey[] = ['files', 'columns', 'position', 'settings', 'findings', 'publish'];

export interface StepFrame {
  key: StepKey;
  state: StepState;
  /** What it has come to: the last word is told even when the others have no room. */
  summary: string;
  /** Null for a step that is always open. */
  open: boolean | null;
  toggle?: () => void;
  /** At the end of the head of a step that is always open. */
  aside?: HTMLElement;
}

const STATES: Record<StepState, Key> = { done: 'step.done', attention: 'step.attention', waiting: 'step.waiting' };

export function stepFrame({ key, state, summary, open, toggle, aside }: StepFrame, body: HTMLElement | null): HTMLElement {
  const number = STEPS.indexOf(key) + 1;
  const mark = h('span', { class: `d-number ${state}` }, state === 'done' ? icon('check') : h('span', { 'aria-hidden': 'true' }, String(number)), h('span', { class: 'sr-only' }, `${number} ${t(STATES[state])}`));
  const words = [mark, h('span', { class: 'd-step-title' }, t(`step.${key}`)), h('span', { class: 'd-step-summary num' }, summary)];
  const id = `step-${key}-body`;
  const head = open === null ? h('div', { class: 'd-step-head' }, h('h2', {}, ...words), aside) : h('h2', {}, h('button', { type: 'button', class: 'd-step-head', 'aria-expanded': String(open), 'aria-controls': id, onclick: toggle }, ...words, icon('chevron')));
  if (body) body.id = id;
  return h('section', { class: `d-step ${open === false ? 'closed' : ''}`, id: `step-${key}` }, head, open === false ? h('div', { id, hidden: true }) : body);
}
