/** The queue at the left: as many lines as there are cases, as many elements as can be seen. */
import { rowForKey, rowsInView, scrollFor } from '../deliveries/window';
import { integer } from '../format';
import { fill, h } from '../ui/dom';
import { stateOf } from './queue';
import { t, termOf } from './texts';
import type { CaseRow } from './types';

const ROW_PX = 80;

/** What a case is called: by our name, else by theirs. */
export const nameOf = ({ ours, theirs }: CaseRow): string => {
  const named = ours.length > 0 ? ours : theirs;
  const [first] = named;
  const name = first?.name ?? (first && 'row' in first ? first.row : '') ?? '';
  return named.length > 1 ? t('case.and_more', { name, n: named.length - 1 }) : name;
};

/** The class of a case, and how many become how many where that is not one of each. */
export const kindOf = ({ class: name, ours, theirs }: CaseRow): string => (ours.length > 0 && theirs.length > 0 && ours.length + theirs.length > 2 ? `${termOf('class', name)} ${ours.length} → ${theirs.length}` : termOf('class', name));

const taskOf = ({ task }: CaseRow): string | null => (task?.state === 'open' ? t('task.open') : task?.state === 'deferred' ? (task.until ? t('task.until_day', { day: task.until }) : termOf('answer', 'deferred')) : null);

export class QueueList {
  readonly element = h('div', { class: 'r-list', role: 'listbox', tabindex: 0, 'aria-label': t('queue.label') });
  private cases: readonly CaseRow[] = [];
  private chosen: string | null = null;
  private readonly space = h('div', { class: 'r-space' });

  constructor(private readonly choose: (key: string) => void) {
    this.element.append(this.space);
    this.element.addEventListener('scroll', () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.element);
    this.element.addEventListener('keydown', (event) => {
      const at = this.cases.findIndex(({ key }) => key === this.chosen);
      const to = rowForKey(event.key, at, this.cases.length, Math.max(1, Math.floor(this.element.clientHeight / ROW_PX)));
      const one = to === null ? undefined : this.cases[to];
      if (!one) return;
      event.preventDefault();
      this.choose(one.key);
    });
  }

  show(cases: readonly CaseRow[], chosen: string | null): void {
    this.cases = cases;
    this.chosen = chosen;
    this.element.setAttribute('aria-label', t('queue.label'));
    const at = cases.findIndex(({ key }) => key === chosen);
    this.space.style.height = `${cases.length * ROW_PX}px`;
    if (at >= 0) this.element.scrollTop = scrollFor(at, ROW_PX, 0, this.element.scrollTop, this.element.clientHeight);
    this.draw();
  }

  private draw(): void {
    const { cases, element } = this;
    if (cases.length === 0) {
      this.space.style.height = 'auto';
      fill(this.space, h('p', { class: 'r-none' }, t('queue.empty')));
      return;
    }
    const { first, last } = rowsInView(cases.length, ROW_PX, element.scrollTop, element.clientHeight);
    fill(this.space, ...cases.slice(first, last).map((one, index) => this.line(one, first + index)));
    const active = cases.findIndex(({ key }) => key === this.chosen);
    if (active >= 0) element.setAttribute('aria-activedescendant', `case-${active}`);
    else element.removeAttribute('aria-activedescendant');
  }

  private line(one: CaseRow, at: number): HTMLElement {
    const street = one.ours[0]?.street_name ?? one.theirs[0]?.street_name ?? '';
    const line = h(
      'div',
      { class: `r-line ${one.state}`, role: 'option', id: `case-${at}`, 'aria-selected': String(one.key === this.chosen), 'aria-setsize': this.cases.length, 'aria-posinset': at + 1, onclick: () => this.choose(one.key) },
      h('span', { class: 'r-line-top' }, h('b', {}, nameOf(one)), h('span', { class: `r-tag ${one.consequence}` }, termOf('consequence', one.consequence))),
      h('span', { class: 'r-line-mid num' }, [kindOf(one), street, one.difference_m2 !== null && one.difference_m2 >= 1 && `${integer(one.difference_m2)} m²`, one.findings > 0 && t('case.findings', { n: one.findings })].filter(Boolean).join(' · ')),
      h('span', { class: 'r-line-end num' }, h('span', {}, one.decision ? `${termOf('verdict', one.decision.verdict)}${one.decision.replayed ? ` · ${t('state.remembered')}` : ''}` : termOf('state', stateOf(one))), h('span', {}, taskOf(one) ?? t('case.sure', { n: Math.round(one.probability * 100) }))),
    );
    line.style.top = `${at * ROW_PX}px`;
    return line;
  }
}
