/** The record with which the decisions are published, what must be confirmed, and what stands in the way. */
import type { recordForm } from '../deliveries/form';
import { primary, tick } from '../deliveries/parts';
import { troubleOf } from '../deliveries/trouble';
import { integer } from '../format';
import { h } from '../ui/dom';
import { previewMoved } from './errors';
import * as api from './questions';
import { t, termOf } from './texts';
import type { Preview, Published } from './types';

export interface PublishEvents {
  published(answer: Published): void;
  /** The preview is not what would be published any more. */
  outdated(error: unknown): void;
  tell(error: unknown): HTMLElement;
}

/** What a tick confirms; others have to be mended. */
const CONFIRMED: readonly string[] = ['undecided', 'vanishing'];

/** `record` outlives the form, so that what was filled in is there again with a new preview. */
export function publishForm(id: number, preview: Preview, record: ReturnType<typeof recordForm>, failure: unknown, events: PublishEvents): HTMLElement {
  const trouble = h('div', {}, failure !== null && events.tell(failure));
  const submit = primary(t('preview.publish'), null, { 'data-focus': 'publish' });
  let leave = false;
  let vanishing = false;
  const count = (kind: string): number => preview.obstacles.find((obstacle) => obstacle.kind === kind)?.count ?? 0;
  const inTheWay = preview.obstacles.filter(({ kind }) => !CONFIRMED.includes(kind));
  const refresh = () => (submit.disabled = inTheWay.length > 0 || (count('undecided') > 0 && !leave) || (count('vanishing') > 0 && !vanishing));
  refresh();
  const send = async (event: Event) => {
    event.preventDefault();
    const told = record.record();
    if (!told) return;
    submit.disabled = true;
    trouble.replaceChildren();
    try {
      events.published(await api.publish(id, told, { leave_undecided: leave, ...(preview.digest !== undefined && { preview: preview.digest }), ...(vanishing && { confirm_vanishing: count('vanishing') }) }));
    } catch (error) {
      if (previewMoved(error)) return events.outdated(error);
      record.blame(troubleOf(error).faults);
      trouble.replaceChildren(events.tell(error));
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
