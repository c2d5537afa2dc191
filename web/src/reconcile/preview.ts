/** The box before publishing: what the decisions do to the rates, what stands in the way, the record, and the files that go back. */
import { recordForm } from '../deliveries/form';
import { icon } from '../deliveries/icons';
import { troubleNotice } from '../deliveries/notice';
import { primary, tick } from '../deliveries/parts';
import { troubleOf } from '../deliveries/trouble';
import { integer, outOf, percent } from '../format';
import { pick } from '../i18n';
import type { Rate } from '../types';
import { fill, h } from '../ui/dom';
import * as api from './questions';
import { t, termOf } from './texts';
import type { Preview } from './types';

const MOVED_MAX = 200;

/** The files that go back to the sender and to the streets. */
export function handback(id: number): HTMLElement {
  const link = (href: string, text: string) => h('a', { class: 'button', href, download: '' }, icon('download'), text);
  const parts = (['rows', 'tasks'] as const).flatMap((part) => (['xlsx', 'csv'] as const).map((f) => link(api.handbackPath(id, f, part), `${t(`handback.${part}`)} ${f.toUpperCase()}`)));
  return h('div', { class: 'r-handback' }, h('b', {}, t('handback.title')), link(api.handbackPath(id, 'zip'), t('handback.all')), ...parts);
}

const moved = (before: Rate | undefined, after: Rate): boolean => before?.numerator !== after.numerator || before?.denominator !== after.denominator;

function rateRow(name: string, before: Rate | undefined, after: Rate): HTMLElement {
  const cell = (rate: Rate | undefined) => h('td', { class: 'num' }, rate ? h('b', {}, percent(rate.percent)) : '—', rate && h('small', {}, outOf(rate)));
  return h('tr', { class: moved(before, after) ? 'moved' : '' }, h('th', { scope: 'row' }, name), cell(before), cell(after));
}

function table(heads: string, rows: HTMLElement[]): HTMLElement {
  return h('div', { class: 'r-scroll' }, h('table', { class: 'r-rates' }, h('thead', {}, h('tr', {}, ...[heads, t('preview.before'), t('preview.after')].map((head) => h('th', { scope: 'col' }, head)))), h('tbody', {}, ...rows)));
}

function told(preview: Preview): HTMLElement[] {
  const { rates, streets, counts } = preview;
  const of = (list: Rate[], id: string) => list.find((rate) => rate.id === id);
  const district = rates.after.map((after) => rateRow(pick(after.title), of(rates.before, after.id), after));
  const perStreet = streets.flatMap(({ name, before, after }) => after.filter((rate) => moved(of(before, rate.id), rate)).map((rate) => rateRow(`${name} · ${pick(rate.title)}`, of(before, rate.id), rate)));
  const numbers = Object.fromEntries(Object.entries(counts).map(([key, n]) => [key, integer(n)]));
  return [
    h('p', {}, t('preview.counts', numbers)),
    h('p', { class: 'r-quiet' }, t('preview.effective', { day: preview.effective })),
    h('h3', {}, t('preview.district')),
    table(t('preview.rate'), district),
    h('h3', {}, t('preview.streets', { n: perStreet.length })),
    ...(perStreet.length > 0 ? [table(t('preview.rate'), perStreet)] : [h('p', { class: 'r-quiet' }, t('preview.same'))]),
    h('h3', {}, t('preview.moved', { n: preview.moved.length })),
    ...(preview.moved.length > 0 ? [h('ul', { class: 'r-moved r-scroll' }, ...preview.moved.slice(0, MOVED_MAX).map(({ code, name, why }) => h('li', {}, h('a', { class: 'link', href: `/a/${encodeURIComponent(code)}` }, name), h('span', { class: 'r-quiet' }, termOf('why', why)))))] : []),
  ];
}

/** Accepted cases that cannot be entered, and why. */
function refused({ refused: cases }: Preview, look: (key: string) => void): HTMLElement | false {
  const line = ({ case: key, name, why }: Preview['refused'][number]) => h('li', {}, h('button', { type: 'button', class: 'text-button', onclick: () => look(key) }, name), h('span', { class: 'r-quiet' }, why.join('; ')));
  return cases.length > 0 && h('section', { class: 'r-refused' }, h('h3', {}, t('preview.refused', { n: cases.length })), h('ul', { class: 'r-moved r-scroll' }, ...cases.map(line)));
}

export interface PreviewEvents {
  /** The record, when all of it is in the register. */
  published(revision: number): void;
  /** A case to look at. */
  look(key: string): void;
}

/** Opens the box. */
export function openPreview(id: number, mayPublish: boolean, events: PreviewEvents): void {
  const body = h('div', { class: 'r-preview' }, h('div', { class: 'skeleton r-s-preview' }));
  const close = () => dialog.close();
  const dialog: HTMLDialogElement = h('dialog', { class: 'd-dialog r-dialog', 'aria-labelledby': 'preview-title', onclose: () => dialog.remove() }, h('div', { class: 'd-dialog-head' }, h('h2', { id: 'preview-title' }, t('preview.title')), h('button', { type: 'button', class: 'icon-button', 'aria-label': t('close'), title: t('close'), onclick: close }, icon('close'))), body);
  dialog.addEventListener('pointerdown', (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  api.preview(id).then(
    (preview) => fill(body, ...told(preview), refused(preview, (key) => { close(); events.look(key); }), mayPublish ? form(id, preview, (revision) => { close(); events.published(revision); }) : h('p', { class: 'r-quiet' }, t('preview.not_yours')), handback(id)),
    (error: unknown) => fill(body, troubleNotice(error)),
  );
}

function form(id: number, preview: Preview, published: (revision: number) => void): HTMLElement {
  const record = recordForm('reconcile');
  const trouble = h('div', {});
  const submit = primary(t('preview.publish'), null);
  let leave = false;
  let vanishing = false;
  const count = (kind: string): number => preview.obstacles.find((obstacle) => obstacle.kind === kind)?.count ?? 0;
  const inTheWay = preview.obstacles.filter(({ kind }) => !(kind === 'undecided' || kind === 'vanishing'));
  const refresh = () => (submit.disabled = inTheWay.length > 0 || (count('undecided') > 0 && !leave) || (count('vanishing') > 0 && !vanishing));
  refresh();
  const send = async (event: Event) => {
    event.preventDefault();
    const told = record.record();
    if (!told) return;
    submit.disabled = true;
    trouble.replaceChildren();
    try {
      const { revision } = await api.publish(id, told, { leave_undecided: leave, ...(vanishing && { confirm_vanishing: count('vanishing') }) });
      published(revision);
    } catch (error) {
      record.blame(troubleOf(error).faults);
      trouble.replaceChildren(troubleNotice(error));
      refresh();
    }
  };
  return h(
    'form',
    { class: 'r-publish', novalidate: true, onsubmit: (event: Event) => void send(event) },
    h('h3', {}, t('preview.record')),
    inTheWay.length > 0 && h('ul', { class: 'd-obstacles' }, ...inTheWay.map(({ kind, count: n }) => h('li', {}, `${termOf('obstacle', kind)} (${integer(n)})`))),
    count('undecided') > 0 && tick(false, (checked) => { leave = checked; refresh(); }, t('preview.leave', { n: integer(count('undecided')) })),
    count('vanishing') > 0 && tick(false, (checked) => { vanishing = checked; refresh(); }, t('preview.vanishing', { n: integer(count('vanishing')) })),
    h('div', { class: 'd-form' }, ...record.elements),
    trouble,
    submit,
  );
}
