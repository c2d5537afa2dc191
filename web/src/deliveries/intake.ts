/** Takes files in: a place to drop them, who sends them, and the upload with its progress. */
import { isAbort } from '../api';
import { day, percent } from '../format';
import { remember, remembered } from '../storage';
import { append, fill, h } from '../ui/dom';
import { icon } from './icons';
import { missingParts } from './mapping';
import { troubleNotice } from './notice';
import { field, primary, progressBar, within } from './parts';
import { handIn, UPLOAD_MAX_BYTES } from './questions';
import { senders } from './senders';
import { t } from './texts';
import type { Listed, Received } from './types';
import { size } from './words';

const SENDER = 'deliveries.sender';

export class Intake {
  readonly element = h('section', { class: 'd-intake', 'aria-labelledby': 'intake-title' });
  private files: File[] = [];
  private earlier: readonly Listed[] = [];
  private sending: AbortController | null = null;
  private readonly chooser = h('input', { type: 'file', id: 'files', multiple: true, class: 'sr-only', tabindex: -1, 'aria-hidden': 'true', onchange: () => this.choose() });
  private readonly sender = h('input', { type: 'text', id: 'sender', maxlength: 64, autocomplete: 'organization' });
  private readonly note = h('input', { type: 'text', id: 'note', maxlength: 400, autocomplete: 'off' });
  private readonly list = h('div', {});
  private readonly known = h('div', { class: 'd-known' });
  private readonly senderError = h('p', { class: 'd-error', id: 'sender-error' });
  private readonly answer = h('div', { 'aria-live': 'polite' });
  private readonly foot = h('div', {});

  constructor(
    private readonly go: (path: string) => void,
    signal: AbortSignal,
  ) {
    this.sender.value = remembered(SENDER) ?? '';
    this.sender.setAttribute('aria-describedby', 'sender-error');
    this.sender.addEventListener('input', () => this.blame(false));
    signal.addEventListener('abort', () => this.sending?.abort());
    // A file that misses the zone must not replace the page.
    for (const kind of ['dragover', 'drop'] as const) addEventListener(kind, (event) => event.preventDefault(), { signal });
    this.render();
  }

  /** The deliveries that are there already tell who may send. */
  knows(earlier: readonly Listed[]): void {
    this.earlier = earlier;
    this.drawKnown();
  }

  render(): void {
    const senderField = field('sender', t('sender.label'), this.sender, t('sender.hint'));
    senderField.append(this.known, this.senderError);
    fill(
      this.element,
      h('h2', { id: 'intake-title' }, t('intake.title')),
      h('p', { class: 'd-quiet' }, t('intake.text')),
      this.zone(),
      this.list,
      h('form', { class: 'd-form one', novalidate: true, onsubmit: (event: Event) => this.submit(event) }, senderField, field('note', t('note.label'), this.note), this.foot),
      this.answer,
    );
    this.drawFiles();
    this.drawKnown();
  }

  private zone(): HTMLElement {
    const title = h('b', {}, t('drop.title'));
    const zone = h('div', { class: 'd-drop' }, icon('upload'), title, h('button', { type: 'button', class: 'button', onclick: () => this.chooser.click() }, t('drop.choose')), this.chooser, h('small', {}, t('drop.formats')));
    const over = (on: boolean) => {
      zone.classList.toggle('over', on);
      title.textContent = t(on ? 'drop.over' : 'drop.title');
    };
    zone.addEventListener('dragenter', () => over(true));
    zone.addEventListener('dragover', () => over(true));
    zone.addEventListener('dragleave', (event) => !(event.relatedTarget instanceof Node && zone.contains(event.relatedTarget)) && over(false));
    zone.addEventListener('drop', (event) => {
      over(false);
      this.add(event.dataTransfer?.files ?? null);
    });
    return zone;
  }

  private choose(): void {
    this.add(this.chooser.files);
    // The same file may be chosen again after it was removed.
    this.chooser.value = '';
  }

  /** A file of the same name takes the place of the one before. */
  private add(files: FileList | null): void {
    const added = [...(files ?? [])];
    this.files = [...this.files.filter(({ name }) => !added.some((file) => file.name === name)), ...added];
    this.answer.replaceChildren();
    this.drawFiles();
  }

  private remove(file: File): void {
    this.files = this.files.filter((other) => other !== file);
    this.drawFiles();
  }

  private total(): number {
    return this.files.reduce((sum, file) => sum + file.size, 0);
  }

  private drawFiles(): void {
    const { files } = this;
    const total = this.total();
    const locked = this.sending !== null;
    this.list.replaceChildren();
    if (files.length > 0) {
      append(this.list, [
        h(
          'ul',
          { class: 'd-file-list' },
          ...files.map((file) => h('li', {}, icon('file'), h('span', { class: 'd-file-name' }, h('b', {}, file.name), h('small', { class: 'num' }, size(file.size))), !locked && h('button', { type: 'button', class: 'icon-button small', 'aria-label': t('drop.remove', { name: file.name }), title: t('drop.remove', { name: file.name }), onclick: () => this.remove(file) }, icon('close')))),
        ),
        ...missingParts(files.map(({ name }) => name)).map(({ shape, parts }) => h('p', { class: 'd-note warn' }, icon('warning'), t('drop.parts', { shape, parts: parts.join(t('list.comma')) }))),
        total > UPLOAD_MAX_BYTES && h('p', { class: 'd-note warn' }, icon('warning'), t('drop.too_large', { size: size(total) })),
      ]);
    }
    if (!locked) this.drawSend();
  }

  private drawSend(): void {
    const { files } = this;
    const total = this.total();
    const send = primary(t('intake.send'), null, { class: 'd-primary wide' });
    send.disabled = files.length === 0 || total > UPLOAD_MAX_BYTES;
    fill(this.foot, send, h('small', { class: 'd-send-hint num' }, files.length === 0 ? t('intake.no_files') : t('drop.files', { n: files.length, size: size(total) })));
  }

  private drawKnown(): void {
    const found = senders(this.earlier, remembered(SENDER));
    const take = (name: string) => {
      this.sender.value = name;
      this.blame(false);
      this.sender.focus();
    };
    fill(this.known, ...(found.length > 0 ? [h('span', { class: 'sr-only' }, t('sender.known')), ...found.map((name) => h('button', { type: 'button', class: 'd-suggestion', onclick: () => take(name) }, name))] : []));
  }

  private blame(on: boolean): void {
    this.senderError.textContent = on ? t('sender.missing') : '';
    if (on) this.sender.setAttribute('aria-invalid', 'true');
    else this.sender.removeAttribute('aria-invalid');
  }

  private submit(event: Event): void {
    event.preventDefault();
    const sender = this.sender.value.trim();
    this.blame(sender === '');
    if (sender === '') this.sender.focus();
    else if (this.files.length > 0 && this.total() <= UPLOAD_MAX_BYTES && !this.sending) void this.send(sender);
  }

  private async send(sender: string): Promise<void> {
    remember(SENDER, sender);
    this.sending = new AbortController();
    this.answer.replaceChildren();
    this.drawFiles();
    const show = (bytes: number, total: number) => {
      const share = total > 0 ? bytes / total : 0;
      const bar = share >= 1 ? progressBar(t('intake.keeping'), null) : progressBar(t('intake.sending', { percent: percent(share * 100) }), share);
      fill(this.foot, bar, h('button', { type: 'button', class: 'button wide', onclick: () => this.sending?.abort() }, t('intake.cancel')));
    };
    show(0, this.total());
    try {
      const received = await handIn({ sender, note: this.note.value.trim(), files: this.files }, show, this.sending.signal);
      if (received.new) return this.go(`/deliveries/${received.id}`);
      this.files = [];
      fill(this.answer, this.same(received));
    } catch (error) {
      fill(this.answer, isAbort(error) ? h('p', { class: 'd-note' }, icon('info'), t('intake.cancelled')) : troubleNotice(error));
    } finally {
      this.sending = null;
      this.drawFiles();
      this.answer.scrollIntoView({ block: 'nearest' });
    }
  }

  /** The same bytes were there before: kindly, and with the way to them. */
  private same({ id, sender, received_at }: Received): HTMLElement {
    return h(
      'div',
      { class: 'd-same', role: 'status' },
      icon('done'),
      h('div', {}, h('b', {}, t('same.title')), h('p', {}, t('same.text', { id, sender, date: day(received_at) })), h('a', { class: 'button', href: `/deliveries/${id}`, onclick: within(this.go) }, t('same.open', { id }))),
    );
  }
}
