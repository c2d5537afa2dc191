/** The first page: hand files in, and what was handed in before. */
import { isAbort, nextPath } from '../api';
import { integer, moment } from '../format';
import { fill, h } from '../ui/dom';
import { icon, type Sign } from './icons';
import { Intake } from './intake';
import { troubleNotice } from './notice';
import { stageChip, within } from './parts';
import * as api from './questions';
import { stageOf } from './sift';
import { t } from './texts';
import type { Listed, Summary } from './types';
import type { View } from './view';

export class ListView implements View {
  readonly element = h('div', { class: 'd-home' });
  private readonly abort = new AbortController();
  private readonly intake: Intake;
  private readonly list = h('section', { class: 'd-received', 'aria-labelledby': 'list-title' });
  private items: Listed[] | null = null;
  private older: string | null = null;
  private failure: unknown = null;

  constructor(private readonly go: (path: string) => void) {
    this.intake = new Intake(go, this.abort.signal);
    this.element.append(h('h1', { class: 'sr-only' }), this.intake.element, this.list);
    this.render();
    void this.load();
  }

  title = (): string => t('title');

  close = (): void => this.abort.abort();

  recolour = (): void => undefined;

  render = (): void => {
    const heading = this.element.querySelector('h1');
    if (heading) heading.textContent = t('title');
    this.intake.render();
    this.draw();
  };

  private async load(): Promise<void> {
    this.failure = null;
    try {
      const page = await api.deliveries(this.older, this.abort.signal);
      this.items = [...(this.items ?? []), ...page.deliveries];
      this.older = nextPath(page.links);
      this.intake.knows(this.items);
    } catch (error) {
      if (isAbort(error)) return;
      this.failure = error;
    }
    this.draw();
  }

  private draw(): void {
    const { items, failure } = this;
    fill(
      this.list,
      h('h2', { id: 'list-title' }, t('list.title')),
      items === null && failure === null ? h('div', { class: 'd-list-items' }, ...[0, 1, 2, 3].map(() => h('div', { class: 'skeleton d-s-item' }))) : null,
      items?.length === 0 && h('div', { class: 'd-empty tall' }, icon('inbox'), h('b', {}, t('list.empty.title')), h('p', {}, t('list.empty.text'))),
      items && items.length > 0 && h('ul', { class: 'd-list-items' }, ...items.map((item) => h('li', {}, this.item(item)))),
      failure !== null && troubleNotice(failure, { text: t('trouble.retry'), run: () => void this.load() }),
      this.older !== null && failure === null && h('button', { type: 'button', class: 'button', onclick: () => void this.load() }, icon('plus'), t('list.older')),
    );
  }

  private item(item: Listed): HTMLElement {
    const { id, sender, files, received_at, received_by, summary, revision, undone_by } = item;
    const [first] = files;
    const names = files.length === 1 ? (first?.name ?? '') : t('list.files', { name: first?.name ?? '', n: files.length - 1 });
    const record = undone_by ?? revision;
    return h(
      'a',
      { class: 'd-item', href: `/deliveries/${id}`, onclick: within(this.go) },
      h('span', { class: 'd-item-number num' }, String(id)),
      h('span', { class: 'd-item-text' }, h('b', {}, sender), h('span', { class: 'd-item-file' }, names), h('small', { class: 'num' }, `${moment(received_at)} · ${received_by}`)),
      h('span', { class: 'd-item-counts num' }, ...counts(summary)),
      h('span', { class: 'd-item-state' }, stageChip(stageOf(item)), record !== null && h('small', { class: 'num' }, t('list.record', { n: record }))),
      icon('chevron'),
    );
  }
}

/** What the last check counted, as far as it is not nothing. */
function counts(summary: Summary | null): HTMLElement[] {
  if (!summary) return [h('small', {}, t('list.unchecked'))];
  const one = (key: 'added' | 'changed' | 'vanished', sign: Sign) => (summary[key] > 0 ? [h('span', { class: `d-count c-${key}` }, icon(sign), h('span', {}, t(`change.${key}`)), h('b', {}, integer(summary[key])))] : []);
  const wrong = (['must_fix', 'fix_later'] as const).flatMap((key) => (summary[key] > 0 ? [h('span', { class: `d-count ${key}` }, icon(key === 'must_fix' ? 'must' : 'later'), h('span', {}, t(`kind.${key}`)), h('b', {}, integer(summary[key])))] : []));
  return [h('span', { class: 'd-count' }, t('list.rows', { n: integer(summary.rows) })), ...one('added', 'plus'), ...one('changed', 'refresh'), ...one('vanished', 'vanished'), ...wrong];
}
