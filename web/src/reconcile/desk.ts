/** The page of one delivery's differences: figures above, queue, maps and case below. */
import { recordForm } from '../deliveries/form';
import { openDialog } from '../deliveries/dialog';
import { troubleNotice } from '../deliveries/notice';
import { progressBar } from '../deliveries/parts';
import * as deliveries from '../deliveries/questions';
import type { Finding } from '../deliveries/types';
import { isAbort } from '../api';
import { integer } from '../format';
import { pick } from '../i18n';
import { may } from '../session';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import { CaseCard } from './card';
import { filterParts, type Bulk } from './filters';
import { QueueList } from './list';
import { Panes } from './panes';
import { handback, openPreview } from './preview';
import * as api from './questions';
import { commandOf, EVERYTHING, nextOpen, progressOf, sifted, sumOf, type Sift } from './queue';
import { t, termOf } from './texts';
import type { Case, CaseRow, Summary, VerdictName } from './types';

/** Cases that are asked for before anybody opens them. */
const AHEAD = 3;

export class Desk {
  readonly element = h('div', { class: 'r-desk' });
  private readonly abort = new AbortController();
  private summary: Summary | null = null;
  private cases: CaseRow[] = [];
  private chosen: string | null = null;
  private sift: Sift = { ...EVERYTHING };
  private failure: unknown = null;
  private published: number | null = null;
  private busy = false;
  private findings: readonly Finding[] = [];
  /** Cases decided here, the latest last. */
  private decided: string[] = [];
  private readonly kept = new Map<string, Promise<Case>>();
  private readonly head = h('div', { class: 'r-head' });
  private readonly filters = h('div', { class: 'r-filters' });
  private readonly list = new QueueList((key) => void this.open(key));
  private readonly panes = new Panes();
  private readonly card = new CaseCard({ decide: (verdict) => void this.decide(verdict), undo: () => void this.undo(), next: () => this.step(1), answer: (answer) => void this.answer(answer) });

  constructor(private readonly id: number) {
    this.render();
    addEventListener('keydown', this.key);
    void this.load();
  }

  close(): void {
    this.abort.abort();
    removeEventListener('keydown', this.key);
  }

  private async load(): Promise<void> {
    const { signal } = this.abort;
    this.failure = null;
    try {
      const delivery = await deliveries.delivery(this.id, signal);
      this.published = delivery.state === 'published' ? delivery.revision : null;
      this.summary = await api.run(this.id, signal);
      this.cases = await api.cases(this.id, signal);
      this.kept.clear();
      this.render();
      void this.open(this.chosen ?? nextOpen(this.cases, null) ?? this.cases[0]?.key ?? null);
      this.findings = (await deliveries.findings(this.id, signal)).items;
      this.showCase(await this.chosenCase());
    } catch (error) {
      if (isAbort(error)) return;
      this.failure = error;
      this.render();
    }
  }

  render(): void {
    const { failure, summary } = this;
    document.title = `${t('title')} · ${this.id}`;
    if (failure) return fill(this.element, this.back(), troubleNotice(failure, { text: t('again'), run: () => void this.load() }));
    if (!summary) return fill(this.element, this.back(), h('div', { class: 'skeleton r-s-head' }), h('div', { class: 'r-body' }, ...['list', 'panes', 'card'].map((part) => h('div', { class: `skeleton r-s-${part}` }))));
    fill(this.element, this.head, h('div', { class: 'r-body' }, h('div', { class: 'r-queue' }, this.filters, this.list.element), this.panes.element, this.card.element));
    this.drawTop(summary);
    this.drawList();
    this.panes.render();
    this.card.render();
  }

  private readonly back = (): HTMLElement => h('a', { class: 'd-back link', href: `/deliveries/${this.id}` }, `← ${t('back')}`);

  private drawTop(summary: Summary): void {
    fill(this.filters, ...filterParts(summary, this.sift, this.published === null && may('deliver'), { filter: (patch) => this.filter(patch), look: (text) => this.look(text), bulk: (...asked) => void this.bulk(...asked), give: (street, name) => void this.give(street, name) }));
    const { done, all } = progressOf(summary.classes);
    const chip = ({ class: name, cases, open }: Summary['classes'][number]) =>
      h('button', { type: 'button', class: `r-chip ${name}`, 'aria-pressed': String(this.sift.class === name), disabled: cases === 0, title: termOf('explain', name), onclick: () => this.filter({ class: this.sift.class === name ? '' : name, state: open > 0 || this.sift.class === name ? 'todo' : 'all' }) }, h('span', {}, termOf('class', name)), h('b', { class: 'num' }, integer(cases)), h('small', { class: 'num' }, open > 0 ? t('chip.open', { n: open }) : t(cases > 0 ? 'chip.done' : 'chip.none')));
    const line = (side: 'ours' | 'theirs') => {
      const { total, terms, holds } = sumOf(summary, side);
      return h('p', { class: holds ? 'r-sum num' : 'r-sum num wrong' }, h('b', {}, `${t(`sum.${side}`)} ${integer(total)}`), ` = ${terms.map((term) => `${termOf('class', term.class)} ${integer(term[side])}`).join(' + ')}`);
    };
    fill(
      this.head,
      h('div', { class: 'r-title' }, h('div', {}, this.back(), h('h1', {}, t('title')), h('span', { class: 'r-quiet' }, t('of', { id: this.id, sender: summary.sender }))), h('div', { class: 'r-title-end' }, summary.open_tasks > 0 && h('span', { class: 'r-tag street' }, t('tasks.open', { n: summary.open_tasks })), h('button', { type: 'button', class: 'd-primary', onclick: () => this.preview() }, t('preview.open')))),
      this.published !== null && h('div', { class: 'r-notice done' }, h('span', {}, t('published', { n: this.published })), h('a', { class: 'link', href: `/?changes=${this.published - 1}` }, t('published.map')), handback(this.id)),
      !summary.current && this.published === null && h('div', { class: 'r-notice' }, h('span', {}, t('stale')), h('button', { type: 'button', class: 'button', onclick: () => void this.load() }, t('stale.run'))),
      h('div', { class: 'r-chips', role: 'group', 'aria-label': t('chips.label') }, ...summary.classes.map(chip)),
      h('div', { class: 'r-sums' }, h('div', {}, line('ours'), line('theirs')), h('div', { 'aria-live': 'polite' }, progressBar(t('progress', { done: integer(done), all: integer(all) }), all === 0 ? 1 : done / all))),
    );
  }

  private drawList(): void {
    this.list.show(this.shown(), this.chosen);
  }

  /** The queue as it is sifted; the case that is open stays in it. */
  private shown = (): CaseRow[] => {
    const keys = new Set(sifted(this.cases, this.sift).map(({ key }) => key));
    return this.cases.filter(({ key }) => keys.has(key) || (key === this.chosen && this.decided.includes(key)));
  };

  private look(text: string): void {
    this.sift.text = text;
    this.drawList();
  }

  private filter(patch: Partial<Sift>): void {
    this.sift = { ...this.sift, ...patch };
    if (!this.summary) return;
    this.drawTop(this.summary);
    this.drawList();
    if (!this.shown().some(({ key }) => key === this.chosen)) void this.open(this.shown()[0]?.key ?? null);
  }

  private ask(key: string): Promise<Case> {
    const asked = this.kept.get(key) ?? api.one(this.id, key, this.abort.signal);
    this.kept.set(key, asked);
    asked.catch(() => this.kept.delete(key));
    return asked;
  }

  private chosenCase = async (): Promise<Case | null> => (this.chosen ? this.ask(this.chosen) : null);

  private async open(key: string | null): Promise<void> {
    this.chosen = key;
    this.drawList();
    if (key === null) return this.showCase(null);
    try {
      const one = await this.ask(key);
      if (this.chosen !== key) return;
      this.showCase(one);
      this.panes.show(one);
      const shown = this.shown();
      const at = shown.findIndex((other) => other.key === key);
      for (const next of shown.slice(at + 1).filter(({ state }) => state === 'open').slice(0, AHEAD)) void this.ask(next.key).catch(() => undefined);
    } catch (error) {
      if (!isAbort(error)) this.trouble(error);
    }
  }

  private showCase(one: Case | null): void {
    const rows = new Set(one?.theirs.map(({ row }) => row));
    const findings = this.findings.filter(({ file, item }) => rows.has(`${file}:${item}`) || rows.has(`${file}, ${item}`)).map(({ wrong }) => pick(wrong));
    if (!one) this.panes.show(null);
    this.card.show(one, { findings, locked: this.published !== null || !may('deliver') });
  }

  private step(by: 1 | -1): void {
    const shown = this.shown();
    const at = shown.findIndex(({ key }) => key === this.chosen);
    const next = by === 1 ? (nextOpen(shown, this.chosen) ?? shown[at + 1]?.key) : shown[at - 1]?.key;
    if (next) void this.open(next);
  }

  private async decide(verdict: VerdictName): Promise<void> {
    const key = this.chosen;
    // A case that is still being asked for was not looked at yet.
    if (!key || key !== this.card.key || this.busy || this.published !== null) return;
    const next = nextOpen(this.shown(), key);
    await this.changing(async () => {
      const { decided, summary } = await api.decide(this.id, { cases: [key], ...this.card.answer(verdict) });
      this.decided.push(key);
      await this.took(decided.map((one) => one.key), summary);
      // Whoever must still answer a task of this case stays with it.
      const stays = decided.some(({ task }) => task?.state === 'open');
      await this.open(stays ? key : (next ?? key));
    });
  }

  private async bulk(bulk: Bulk, verdict: 'accept' | 'keep', expected: number): Promise<void> {
    if (!confirm(t(`bulk.sure.${bulk}`, { what: termOf('verdict', verdict), n: integer(expected) }))) return;
    await this.changing(async () => {
      const reason = verdict === 'keep' ? 'drawing_noise' : 'better_source';
      const { decided, summary } = await api.decide(this.id, { bulk, verdict, reason, expected });
      await this.took(decided.map(({ key }) => key), summary);
      await this.open(nextOpen(this.cases, null) ?? this.chosen);
    });
  }

  private async give(street: string, name: string | null): Promise<void> {
    await this.changing(async () => {
      const { summary } = await api.give(this.id, street, name);
      this.kept.clear();
      await this.took([], summary);
      this.drawList();
      if (this.chosen) await this.open(this.chosen);
    });
  }

  private async undo(): Promise<void> {
    const current = this.cases.find(({ key }) => key === this.chosen);
    const key = current?.decision ? current.key : this.decided.at(-1);
    if (!key || this.busy) return;
    if (this.published !== null) return this.undoPublished(key);
    await this.changing(async () => {
      const { summary = null } = await api.undo(this.id, key);
      this.decided = this.decided.filter((one) => one !== key);
      await this.took([key], summary);
      await this.open(key);
    });
  }

  private undoPublished(key: string): void {
    const form = recordForm('undo-case');
    openDialog({
      title: t('undo.title'),
      text: t('undo.text'),
      form,
      run: t('undo.run'),
      grave: true,
      send: async () => {
        const record = form.record();
        if (!record) return false;
        const { revision } = await api.undo(this.id, key, record);
        toast({ icon: 'check', text: t('undo.done', { n: revision ?? '' }) });
        await this.took([key], null);
        return true;
      },
    });
  }

  private async answer(answer: { answer: string; name: string; dated: string; until?: string }): Promise<void> {
    const { chosen: key } = this;
    if (!key) return;
    await this.changing(async () => {
      await api.answerTask(this.id, { case: key, ...answer });
      await this.took([key], null);
      await this.open(nextOpen(this.shown(), key) ?? key);
    });
  }

  /** What was told anew of some cases; the figures come along or are asked for. */
  private async took(keys: readonly string[], summary: Summary | null): Promise<void> {
    for (const key of keys) this.kept.delete(key);
    if (keys.length === 1 && keys[0]) {
      const fresh = await this.ask(keys[0]);
      this.cases = this.cases.map((one) => (one.key === fresh.key ? fresh : one));
    } else this.cases = await api.cases(this.id, this.abort.signal);
    this.summary = summary ?? (await api.run(this.id, this.abort.signal));
    this.drawTop(this.summary);
  }

  private async changing(change: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.element.setAttribute('aria-busy', 'true');
    try {
      await change();
    } catch (error) {
      if (!isAbort(error)) this.trouble(error);
    } finally {
      this.busy = false;
      this.element.removeAttribute('aria-busy');
    }
  }

  private trouble(error: unknown): void {
    this.head.querySelector('.d-trouble')?.remove();
    this.head.append(troubleNotice(error));
  }

  private preview(): void {
    const published = (revision: number) => {
      this.published = revision;
      toast({ icon: 'check', text: t('published', { n: revision }) });
      void this.load();
    };
    openPreview(this.id, may('deliver') && this.published === null, { published, look: (key) => void this.open(key) });
  }

  private readonly key = (event: KeyboardEvent): void => {
    const { target } = event;
    const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || document.querySelector('dialog[open]') !== null;
    const command = commandOf(event, typing);
    if (!command || !this.summary) return;
    event.preventDefault();
    if (command === 'next' || command === 'previous') this.step(command === 'next' ? 1 : -1);
    else if (command === 'undo') void this.undo();
    else void this.decide(command);
  };
}

