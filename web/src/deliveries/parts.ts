/** Small pieces that the parts of the page share. */
import { h } from '../ui/dom';
import { icon, type Sign } from './icons';
import type { Stage } from './sift';
import { t } from './texts';

const STAGE_SIGNS: Record<Stage, Sign> = { unchecked: 'clock', checking: 'refresh', blocked: 'must', ready: 'done', published: 'check', undone: 'undo' };

export const stageChip = (stage: Stage): HTMLElement => h('span', { class: `d-chip ${stage}` }, icon(STAGE_SIGNS[stage]), t(`stage.${stage}`));

/** A drop-down with a label of its own. */
export interface Choice {
  value: string;
  text: string;
}

export function dropDown(attributes: { label: string; value: string; choices: readonly Choice[]; id?: string; disabled?: boolean }, choose: (value: string) => void): HTMLElement {
  const { label, value, choices, id, disabled } = attributes;
  const select = h('select', { 'aria-label': label, id, disabled, onchange: () => choose(select.value) }, ...choices.map((choice) => h('option', { value: choice.value, selected: choice.value === value }, choice.text)));
  select.value = value;
  return h('span', { class: 'd-select' }, select, icon('chevron'));
}

/** A box to tick with its words. */
export function tick(checked: boolean, change: (checked: boolean) => void, ...words: (Node | string)[]): HTMLElement {
  const input = h('input', { type: 'checkbox', checked, onchange: () => change(input.checked) });
  return h('label', { class: 'd-tick' }, h('span', { class: 'd-tick-box' }, input, icon('check')), h('span', {}, ...words));
}

/** A line with the share that is done; without a share it only says that something happens. */
export function progressBar(label: string, share: number | null): HTMLElement {
  const bar = h('span', { class: share === null ? 'd-bar-fill waiting' : 'd-bar-fill' });
  if (share !== null) bar.style.width = `${Math.round(Math.min(1, share) * 100)}%`;
  return h('div', { class: 'd-progress' }, h('span', { class: 'd-progress-text num' }, label), h('span', { class: 'd-bar', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': share === null ? null : Math.round(share * 100) }, bar));
}

/** A label above its control. */
export const field = (id: string, label: string, control: HTMLElement, hint: string | null = null): HTMLElement =>
  h('div', { class: 'd-field' }, h('label', { for: id }, label), control, hint && h('small', {}, hint));

export const primary = (text: string, run: (() => void) | null, attributes: Record<string, string | boolean> = {}): HTMLButtonElement =>
  h('button', { type: run ? 'button' : 'submit', class: 'd-primary', ...attributes, ...(run && { onclick: run }) }, text);

/** Follows a link inside the page without loading it anew. */
export function within(go: (path: string) => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || !(event.currentTarget instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    go(event.currentTarget.pathname + event.currentTarget.search);
  };
}
