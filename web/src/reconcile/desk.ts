/** The page of one delivery's differences: figures above, queue, maps and case below. */
import type { Way } from '../deliveries/notice';
import { isAbort } from '../api';
import { integer } from '../format';
import { pick } from '../i18n';
import { may } from '../session';
import { fill, h } from '../ui/dom';
import { toast } from '../ui/toast';
import { CaseCard, type Rights } from './card';
import { casesMoved } from './errors';
import { filterParts } from './filters';
import { keepFocus } from './focus';
import { backLink, Head } from './head';
import { Known } from './known';
import { QueueList } from './list';
import { notice } from './notice';
import { Panes } from './panes';
import { openPreview } from './preview';
import * as api from './questions';
import { commandOf, EVERYTHING, findingsOf, needsRecord, nextOpen, sifted, type Sift } from './queue';
import { openTakeBack } from './take-back';
import type { TaskReply } from './task';
import { t, termOf } from './texts';
import type { Bulk, Case, CaseRow, Published, Summary, VerdictName } from './types';

/** Cases that are asked for before anybody opens them. */
const AHEAD = 3;

export class Desk {
  readonly element = h('div', { class: 'r-desk' });
  private readonly abort = new AbortController();
  private chosen: string | null = null;
  private sift: Sift = { ...EVERYTHING };
  private failure: unknown = null;
  private busy = false;
  private refetching = false;
  /** Cases decided here, the latest last, and those whose task was answered here. */
  private decided: string[] = [];
  private readonly answered = new Set<string>();
  private readonly known: Known;
  private readonly head = new Head({ filter: (patch) => this.filter(patch), preview: () => this.preview(), again: () => void this.load() });
  private readonly filters = h('div', { class: 'r-filters' });
  private readonly list = new QueueList((key) => void this.open(key));
  private readonly panes = new Panes();
  private readonly card = new CaseCard({ decide: (verdict) => void this.decide(verdict), undo: () => void this.undo(), next: () => this.step(1), answer: (reply) => void this.answer(reply) });
  private readonly body = h('div', { class: 'r-body' }, h('div', { class: 'r-queue' }, this.filters, this.list.element), this.panes.element, this.card.element);

  constructor(private readonly id: number) {
    this.known = new Known(id, this.abort.signal);
    this.render();
    addEventListener('keydown', this.key);
    void this.load();
  }

  close(): void {
    this.abort.abort();
    removeEventListener('keydown', this.key);
  }

  private async load(): Promise<void> {
    const { known } = this;
    this.failure = null;
    this.head.trouble(null);
    try {
      await known.load();
      this.render();
      void this.open(known.row(this.chosen)?.key ?? nextOpen(known.cases, null) ?? known.cases[0]?.key ?? null);
      await known.loadFindings();
      this.showCase(await this.chosenCase());
    } catch (error) {
      if (isAbort(error)) return;
      this.failure = error;
      this.render();
    }
  }

  render(): void {
    const { failure } = this;
    const { summary } = this.known;
    document.title = `${t('title')} · ${this.id}`;
    if (failure) return fill(this.element, backLink(this.id), this.told(failure, { text: t('again'), run: () => void this.load() }));
    if (!summary) return fill(this.element, backLink(this.id), h('div', { class: 'skeleton r-s-head' }), h('div', { class: 'r-body' }, ...['list', 'panes', 'card'].map((part) => h('div', { class: `skeleton r-s-${part}` }))));
    // What is there already stays, and the keyboard with it.
    if (!this.element.contains(this.body)) fill(this.element, this.head.element, this.body);
    this.drawTop(summary);
    this.drawList();
    this.panes.render();
    this.card.render();
  }

  private drawTop(summary: Summary): void {
    const { id, sift } = this;
    const { published } = this.known;
    keepFocus(this.filters, () => fill(this.filters, ...filterParts(summary, sift, this.rights === 'decide', { filter: (patch) => this.filter(patch), look: (text) => this.look(text), bulk: (...asked) => void this.bulk(...asked), give: (street, name) => void this.give(street, name) })));
    this.head.show(summary, { id, sift, published });
  }

  /** Once it is published only tasks are answered, and decisions taken back. */
  private get rights(): Rights {
    return !may('deliver') ? 'look' : this.known.published === null ? 'decide' : 'answer';
  }

  private drawList(): void {
    this.list.show(this.shown(), this.chosen);
  }

  /** The queue as it is sifted; the case that is open stays in it. */
  private shown = (): CaseRow[] => {
    const keys = new Set(sifted(this.known.cases, this.sift).map(({ key }) => key));
    return this.known.cases.filter(({ key }) => keys.has(key) || (key === this.chosen && (this.decided.includes(key) || this.answered.has(key))));
  };

  private look(text: string): void {
    this.sift.text = text;
    this.drawList();
  }

  private filter(patch: Partial<Sift>): void {
    this.sift = { ...this.sift, ...patch };
    if (!this.known.summary) return;
    this.drawTop(this.known.summary);
    this.drawList();
    if (!this.shown().some(({ key }) => key === this.chosen)) void this.open(this.shown()[0]?.key ?? null);
  }

  private chosenCase = async (): Promise<Case | null> => (this.chosen ? this.known.ask(this.chosen) : null);

  private async open(key: string | null): Promise<void> {
    this.chosen = key;
    this.drawList();
    if (key === null) return this.showCase(null);
    try {
      const one = await this.known.ask(key);
      if (this.chosen !== key) return;
      this.showCase(one);
      this.panes.show(one);
      const shown = this.shown();
      const at = shown.findIndex((other) => other.key === key);
      for (const next of shown.slice(at + 1).filter(({ state }) => state === 'open').slice(0, AHEAD)) void this.known.ask(next.key).catch(() => undefined);
    } catch (error) {
      if (!isAbort(error)) await this.trouble(error);
    }
  }

  private showCase(one: Case | null): void {
    if (!one) this.panes.show(null);
    this.card.show(one, { findings: findingsOf(one?.theirs ?? [], this.known.findings).map(({ wrong }) => pick(wrong)), rights: this.rights });
  }

  private step(by: 1 | -1): void {
    const shown = this.shown();
    const at = shown.findIndex(({ key }) => key === this.chosen);
    const next = by === 1 ? (nextOpen(shown, this.chosen) ?? shown[at + 1]?.key) : shown[at - 1]?.key;
    if (next) void this.open(next);
  }

  private async decide(verdict: VerdictName): Promise<void> {
    const { chosen: key, card } = this;
    // A case that is still being asked for was not looked at yet.
    if (!key || key !== card.shown?.key || this.busy || this.rights !== 'decide') return;
    const seen = { [key]: card.shown.decision?.at ?? null };
    const next = nextOpen(this.shown(), key);
    await this.changing(async () => {
      const { decided, summary } = await api.decide(this.id, { cases: [key], seen, ...card.answer(verdict) });
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
      await this.open(nextOpen(this.known.cases, null) ?? this.chosen);
    });
  }

  private async give(street: string, name: string | null): Promise<void> {
    await this.changing(async () => {
      const { summary } = await api.give(this.id, street, name);
      this.known.forget();
      await this.took([], summary);
      this.drawList();
      if (this.chosen) await this.open(this.chosen);
    });
  }

  private async undo(): Promise<void> {
    const current = this.known.row(this.chosen);
    const published = this.known.published !== null;
    // What is in the register is only taken back by whoever looks at it.
    const key = current?.decision ? current.key : published ? undefined : this.decided.at(-1);
    const one = this.known.row(key);
    if (!key || !one || this.busy || this.rights === 'look') return;
    if (needsRecord(one.decision, published)) return openTakeBack(this.id, one, { tell: this.told, done: () => void this.changing(() => this.refetch()) });
    await this.changing(async () => {
      const { summary = null } = await api.undo(this.id, key);
      this.decided = this.decided.filter((one) => one !== key);
      await this.took([key], summary);
      await this.open(key);
    });
  }

  private async answer(reply: TaskReply): Promise<void> {
    const { chosen: key } = this;
    if (!key || this.busy) return;
    await this.changing(async () => {
      await api.answerTask(this.id, { case: key, ...reply });
      this.answered.add(key);
      await this.took([key], null);
      // Nothing is left to be decided once it is published.
      await this.open(this.rights === 'decide' ? (nextOpen(this.shown(), key) ?? key) : key);
    });
  }

  private async took(keys: readonly string[], summary: Summary | null): Promise<void> {
    this.drawTop(await this.known.took(keys, summary));
  }

  /** Every case and every figure anew. */
  private async refetch(): Promise<void> {
    this.drawTop(await this.known.again());
    // A choice that is gone makes way for what is left.
    const there = this.known.row(this.chosen) !== undefined;
    await this.open(there ? this.chosen : (nextOpen(this.shown(), null) ?? this.shown()[0]?.key ?? null));
  }

  private async changing(change: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.element.setAttribute('aria-busy', 'true');
    this.head.trouble(null);
    try {
      await change();
    } catch (error) {
      if (!isAbort(error)) await this.trouble(error);
    } finally {
      this.busy = false;
      this.element.removeAttribute('aria-busy');
    }
  }

  /** Says what failed; where the cases are others by now, they are asked for anew. */
  private async trouble(error: unknown): Promise<void> {
    this.head.trouble(this.told(error));
    // Cases that are still others after that are not asked for again and again.
    if (!casesMoved(error) || this.refetching) return;
    this.refetching = true;
    try {
      await this.refetch();
    } catch (failure) {
      if (!isAbort(failure)) this.head.trouble(this.told(failure));
    } finally {
      this.refetching = false;
    }
  }

  private readonly told = (error: unknown, ...ways: Way[]): HTMLElement => notice(error, { nameOf: this.known.nameOf, look: (key) => void this.open(key) }, ...ways);

  private preview(): void {
    const published = ({ revision, nothing_new: nothing }: Published) => {
      if (nothing || revision === undefined) toast({ icon: 'info', text: t('published.nothing') });
      else {
        this.known.published = revision;
        toast({ icon: 'check', text: t('published', { n: revision }) });
      }
      void this.load();
    };
    const { summary } = this.known;
    if (summary) openPreview({ id: this.id, summary: () => this.known.summary ?? summary, mayPublish: this.rights === 'decide', nameOf: this.known.nameOf, moved: () => this.changing(() => this.refetch()), published, look: (key) => void this.open(key) });
  }

  private readonly key = (event: KeyboardEvent): void => {
    const { target } = event;
    const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || document.querySelector('dialog[open]') !== null;
    const command = commandOf(event, typing);
    if (!command || !this.known.summary) return;
    event.preventDefault();
    if (command === 'next' || command === 'previous') this.step(command === 'next' ? 1 : -1);
    else if (command === 'undo') void this.undo();
    else void this.decide(command);
  };
}

