/** What stands above the queue and the maps: title, notices, the eight classes, the sums and how much is decided. Its parts stay the same elements. */
import { integer } from '../format';
import { fill, h } from '../ui/dom';
import { keepFocus } from './focus';
import { handback } from './preview';
import { EVERYTHING, progressOf, sumOf, type Sift } from './queue';
import { t, termOf } from './texts';
import type { Summary } from './types';

export interface HeadEvents {
  filter(patch: Partial<Sift>): void;
  preview(): void;
  again(): void;
}

export interface HeadState {
  id: number;
  sift: Sift;
  /** The record that published it. */
  published: number | null;
}

export const backLink = (id: number): HTMLElement => h('a', { class: 'd-back link', href: `/deliveries/${id}` }, `← ${t('back')}`);

export class Head {
  readonly element = h('div', { class: 'r-head' });
  private readonly title = h('div', { class: 'r-title' });
  private readonly notices = h('div', { class: 'r-notices' });
  private readonly chips = h('div', { class: 'r-chips', role: 'group' });
  private readonly sums = h('div', {});
  /** Read out when its text changes, which only an element that stays is. */
  private readonly said = h('span', { class: 'd-progress-text num', 'aria-live': 'polite' });
  private readonly done = h('span', { class: 'd-bar-fill' });
  private readonly bar = h('span', { class: 'd-bar', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, this.done);
  private readonly troubles = h('div', { class: 'r-notices' });

  constructor(private readonly events: HeadEvents) {
    const progress = h('div', { class: 'd-progress' }, this.said, this.bar);
    this.element.append(this.title, this.notices, this.chips, h('div', { class: 'r-sums' }, this.sums, progress), this.troubles);
  }

  show(summary: Summary, state: HeadState): void {
    keepFocus(this.element, () => this.draw(summary, state));
    const { done, all } = progressOf(summary.classes);
    const text = t('progress', { done: integer(done), all: integer(all) });
    const percent = Math.round(all === 0 ? 100 : (100 * done) / all);
    if (this.said.textContent !== text) this.said.textContent = text;
    this.bar.setAttribute('aria-label', text);
    this.bar.setAttribute('aria-valuenow', String(percent));
    this.done.style.width = `${percent}%`;
  }

  /** Says what failed; null takes it away. */
  trouble(notice: HTMLElement | null): void {
    fill(this.troubles, notice);
    notice?.scrollIntoView({ block: 'nearest' });
  }

  private draw(summary: Summary, { id, sift, published }: HeadState): void {
    fill(
      this.title,
      h('div', {}, backLink(id), h('h1', {}, t('title')), h('span', { class: 'r-quiet' }, t('of', { id, sender: summary.sender }))),
      h('div', { class: 'r-title-end' }, ...this.tasks(summary, sift), h('button', { type: 'button', class: 'd-primary', 'data-focus': 'preview', onclick: () => this.events.preview() }, t('preview.open'))),
    );
    fill(
      this.notices,
      published !== null && h('div', { class: 'r-notice done' }, h('span', {}, t('published', { n: published })), h('a', { class: 'link', href: `/?changes=${published - 1}` }, t('published.map')), handback(id)),
      !summary.current && published === null && h('div', { class: 'r-notice' }, h('span', {}, t('stale')), h('button', { type: 'button', class: 'button', 'data-focus': 'again', onclick: () => this.events.again() }, t('stale.run'))),
    );
    this.chips.setAttribute('aria-label', t('chips.label'));
    fill(this.chips, ...summary.classes.map((count) => this.chip(count, sift)));
    fill(this.sums, ...(['ours', 'theirs'] as const).map((side) => sumLine(summary, side)));
  }

  private chip({ class: name, cases, open }: Summary['classes'][number], sift: Sift): HTMLElement {
    const pressed = sift.class === name;
    const choose = () => this.events.filter({ class: pressed ? '' : name, state: open > 0 || pressed ? 'todo' : 'all' });
    const text = open > 0 ? t('chip.open', { n: open }) : t(cases > 0 ? 'chip.done' : 'chip.none');
    return h('button', { type: 'button', class: `r-chip ${name}`, 'data-focus': `chip.${name}`, 'aria-pressed': String(pressed), disabled: cases === 0, title: termOf('explain', name), onclick: choose }, h('span', {}, termOf('class', name)), h('b', { class: 'num' }, integer(cases)), h('small', { class: 'num' }, text));
  }

  /** Questions about committees that wait for an answer, which filter the queue to them. */
  private tasks({ open_tasks: open, deferred_tasks: deferred = 0, deferred_until: day = null }: Summary, sift: Sift): HTMLElement[] {
    const button = (state: 'tasks' | 'deferred', text: string) => {
      const pressed = sift.state === state;
      return h('button', { type: 'button', class: `r-tag r-tasks ${state}`, 'data-focus': `tasks.${state}`, 'aria-pressed': String(pressed), onclick: () => this.events.filter(pressed ? { state: 'todo' } : { ...EVERYTHING, state }) }, text);
    };
    const later = day === null ? t('tasks.deferred', { n: deferred }) : t('tasks.deferred_day', { n: deferred, day });
    return [...(open > 0 ? [button('tasks', t('tasks.open', { n: open }))] : []), ...(deferred > 0 ? [button('deferred', later)] : [])];
  }
}

function sumLine(summary: Summary, side: 'ours' | 'theirs'): HTMLElement {
  const { total, terms, holds } = sumOf(summary, side);
  return h('p', { class: holds ? 'r-sum num' : 'r-sum num wrong' }, h('b', {}, `${t(`sum.${side}`)} ${integer(total)}`), ` = ${terms.map((term) => `${termOf('class', term.class)} ${integer(term[side])}`).join(' + ')}`);
}
