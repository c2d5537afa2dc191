/** Step 6: what publishing changes, on what paper, and afterwards the record. */
import { integer, moment, outOf, percent } from '../format';
import { pick } from '../i18n';
import type { Rate, RecordInfo } from '../types';
import { h } from '../ui/dom';
import { icon } from './icons';
import { recordForm } from './form';
import { troubleNotice } from './notice';
import { primary } from './parts';
import { obstacles, type Obstacle } from './sift';
import { t } from './texts';
import { isDecided } from './trouble';
import type { Delivery, RecordForm, Report } from './types';

const VANISHING_NAMED = 12;

export interface PublishEvents {
  publish(record: RecordForm, vanishing: number | null): void;
  showBlocking(): void;
  undo(): void;
}

/** The step before it is published. It is made once a check; `refresh` tells it what else changed. */
export class PublishStep {
  readonly element: HTMLElement;
  private readonly form = recordForm('publish');
  private readonly why = h('ul', { class: 'd-obstacles', id: 'obstacles' });
  private readonly button: HTMLButtonElement;
  private readonly typed = h('input', { type: 'text', id: 'vanishing', inputmode: 'numeric', autocomplete: 'off', maxlength: 9 });
  private readonly trouble = h('div', {});
  private stale = false;
  private busy = false;

  constructor(
    private readonly report: Report,
    private readonly delivery: Delivery,
    private readonly events: PublishEvents,
  ) {
    this.button = primary(t('publish.run'), null, { 'aria-describedby': 'obstacles' });
    this.typed.addEventListener('input', () => this.refresh(this.stale));
    const { added, changed, unchanged, vanished } = report.changes;
    const counts = { added: integer(added), changed: integer(changed), unchanged: integer(unchanged), vanished: integer(vanished) };
    this.element = h(
      'form',
      { class: 'd-step-body d-publish', novalidate: true, onsubmit: (event: Event) => this.submit(event) },
      h('div', { class: 'd-publish-left' }, h('p', { class: 'd-lead' }, t('publish.what', counts)), h('p', { class: 'd-quiet' }, t('publish.whole')), rateTable(report), this.vanishing()),
      h('div', { class: 'd-publish-right' }, h('h3', {}, t('publish.record')), h('div', { class: 'd-form' }, ...this.form.elements), this.trouble, this.why, this.button),
    );
    this.refresh(false);
  }

  /** Whether the settings were changed since the check. */
  refresh(stale: boolean): void {
    this.stale = stale;
    const found = obstacles(this.report, { stale, position: this.delivery.position.verdict, confirmed: this.confirmed() });
    this.why.replaceChildren(...found.map((obstacle) => this.obstacle(obstacle)));
    this.button.disabled = this.busy || found.length > 0;
  }

  show(state: { busy: boolean; trouble: HTMLElement | null; faults: readonly { field: string; message: string }[] }): void {
    this.busy = state.busy;
    this.button.textContent = t(state.busy ? 'publish.running' : 'publish.run');
    this.trouble.replaceChildren(...(state.trouble ? [state.trouble] : []));
    this.form.blame(state.faults);
    this.refresh(this.stale);
  }

  private confirmed(): number | null {
    const text = this.typed.value.trim().replace(/[,，]/g, '');
    return /^\d+$/.test(text) ? Number(text) : null;
  }

  private submit(event: Event): void {
    event.preventDefault();
    const record = this.form.record();
    if (record && !this.button.disabled) this.events.publish(record, this.report.vanishing.needs_confirmation ? this.confirmed() : null);
  }

  private obstacle(obstacle: Obstacle): HTMLElement {
    const text = t(`obstacle.${obstacle}`, { n: integer(this.report.counts.must_fix) });
    return h('li', {}, icon('warning'), h('span', {}, text), obstacle === 'must_fix' && h('button', { type: 'button', class: 'text-button', onclick: () => this.events.showBlocking() }, t('obstacle.must_fix.link')));
  }

  private vanishing(): HTMLElement | null {
    const { vanishing, changes } = this.report;
    if (changes.vanished === 0) return null;
    const named = vanishing.areas.slice(0, VANISHING_NAMED);
    const left = changes.vanished - named.length;
    const grave = vanishing.needs_confirmation;
    return h(
      'div',
      { class: grave ? 'd-vanish grave' : 'd-vanish' },
      h('h3', {}, icon('vanished'), t('vanish.title', { n: integer(changes.vanished), share: percent(vanishing.share * 100) })),
      h('p', {}, t(grave ? 'vanish.text' : 'vanish.small')),
      h('ul', { class: 'd-links', 'aria-label': t('vanish.list') }, ...named.map(({ code, name }) => h('li', {}, h('a', { class: 'link', href: `/a/${encodeURIComponent(code)}`, title: code }, name))), left > 0 && h('li', {}, t('vanish.more', { n: integer(left) }))),
      grave && h('div', { class: 'd-field narrow' }, h('label', { for: 'vanishing' }, t('vanish.number')), this.typed),
    );
  }
}

function rateTable({ rates: { before, after } }: Report): HTMLElement {
  const heads = (['publish.rate', 'publish.before', 'publish.after', 'publish.difference'] as const).map((key) => h('th', { scope: 'col' }, t(key)));
  return h('table', { class: 'd-rates' }, h('caption', {}, t('publish.rates')), h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...after.map((rate) => rateRow(before.find(({ id }) => id === rate.id), rate))));
}

function rateRow(before: Rate | undefined, after: Rate): HTMLElement {
  const cell = (rate: Rate | undefined) => (rate ? [h('b', {}, percent(rate.percent)), h('small', {}, outOf(rate))] : ['—']);
  const points = before?.percent != null && after.percent !== null ? Math.round((after.percent - before.percent) * 10) / 10 : null;
  const moved = points === null ? ['—'] : points === 0 ? [t('publish.same')] : [h('b', {}, `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)}`), h('small', {}, t('publish.points'))];
  return h('tr', {}, h('th', { scope: 'row' }, pick(after.title)), h('td', { class: 'num' }, ...cell(before)), h('td', { class: 'num' }, ...cell(after)), h('td', { class: `num ${points ? '' : 'same'}` }, ...moved));
}

/** What kept a delivery from being published; where its cases were decided one by one, with the way there. */
export const refusedNotice = (error: unknown, id: number): HTMLElement => troubleNotice(error, ...(isDecided(error) ? [{ text: t('trouble.decided.link'), href: `/reconcile?delivery=${id}` }] : []));

/** The step after it was published, and after it was taken back. */
export function publishedBody({ revision, undone_by }: Delivery, record: RecordInfo | null, nothing: boolean, undo: (() => void) | null): HTMLElement {
  const n = undone_by ?? revision ?? 0;
  const undone = undone_by !== null;
  return h(
    'div',
    { class: undone ? 'd-step-body d-done undone' : 'd-step-body d-done' },
    h('span', { class: 'd-done-mark' }, icon(undone ? 'undo' : 'check')),
    h(
      'div',
      {},
      h('h3', {}, nothing ? t('done.nothing') : t(undone ? 'undone.title' : 'done.title', { n })),
      !nothing && h('p', {}, t(undone ? 'undone.text' : 'done.text')),
      record && h('p', { class: 'd-quiet num' }, [record.document, record.authority, record.dated, moment(record.recorded_at)].filter(Boolean).join(' · ')),
      !nothing && h('div', { class: 'd-buttons' }, h('a', { class: 'button', href: n > 1 ? `/?changes=${n - 1}` : '/?changes=latest' }, icon('base'), t('done.map')), undo && h('button', { type: 'button', class: 'button', onclick: undo }, icon('undo'), t('undo.open'))),
    ),
  );
}
