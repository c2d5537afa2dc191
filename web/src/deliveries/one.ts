/** The page of one delivery: its steps one below the other, each told in a line when it is closed. */
import * as base from '../api';
import { ApiError, isAbort, PRESENT } from '../api';
import type { RecordInfo, Register } from '../types';
import { fill, h } from '../ui/dom';
import { CheckBar } from './check-bar';
import { openDialog } from './dialog';
import { FindingsView, type Result } from './findings';
import { recordForm } from './form';
import { icon } from './icons';
import { focusPath } from './keyboard';
import { clashes, decisionsOf, differs, settingsOf, type Decisions } from './mapping';
import { troubleNotice } from './notice';
import { stageChip, within } from './parts';
import * as api from './questions';
import { stageOf } from './sift';
import { stepFrame, type StepKey, type StepState } from './step';
import { columnsBody, columnsOpen, columnsSummary } from './step-columns';
import { filesBody, filesSummary } from './step-files';
import { isSettled, positionBody, positionSummary } from './step-position';
import { publishedBody, PublishStep, refusedNotice } from './step-publish';
import { settingsBody, settingsSummary } from './step-settings';
import { t } from './texts';
import { reportFiles } from './toolbar';
import { troubleOf } from './trouble';
import type { Delivery, RecordForm, Report } from './types';
import { integer, moment } from '../format';
import type { View } from './view';

export class DeliveryView implements View {
  readonly element = h('div', { class: 'd-one' });
  private readonly abort = new AbortController();
  private delivery: Delivery | null = null;
  private decisions: Decisions | null = null;
  /** What the last check was made with. */
  private checked: Decisions | null = null;
  private result: Result | null = null;
  private findings: FindingsView | null = null;
  private publishing: PublishStep | null = null;
  private record: RecordInfo | null = null;
  private nothingNew = false;
  private asked: string | null = null;
  private failure: unknown = null;
  private loading = false;
  private streets: ReadonlyMap<string, string> = new Map();
  private readonly open = new Set<StepKey>();
  private readonly bar = new CheckBar(() => void this.check());

  constructor(
    private readonly id: number,
    private readonly register: Register,
    private readonly go: (path: string) => void,
  ) {
    this.render();
    void this.load();
  }

  title = (): string => (this.delivery ? `${t('one.title', { id: this.id })} · ${this.delivery.sender}` : t('one.title', { id: this.id }));

  close = (): void => this.abort.abort();

  recolour = (): void => this.findings?.recolour();

  private async load(): Promise<void> {
    const { signal } = this.abort;
    this.failure = null;
    try {
      const [delivery, streets] = await Promise.all([this.whenIdle(), base.streets(PRESENT, signal)]);
      this.streets = new Map(streets.features.map(({ properties: { code, name } }) => [code, name]));
      this.take(delivery);
      for (const key of ['columns', 'position', 'settings'] as const) if (!delivery.summary && delivery.state === 'received') this.open.add(key);
      if (!isSettled(delivery)) this.open.add('position');
      document.title = t('title.page', { what: this.title() });
      this.render();
      if (delivery.summary) await this.running(() => api.report(this.id, signal), 'quiet');
    } catch (error) {
      this.fail(error);
    }
  }

  /** The delivery once nobody checks it any more: until then the server tells only how far the check is. */
  private async whenIdle(): Promise<Delivery> {
    const { signal } = this.abort;
    const delivery = await api.delivery(this.id, signal);
    if (!delivery.progress) return delivery;
    this.bar.start(true);
    this.bar.reached(delivery.progress);
    const idle = await api.idle(this.id, (now) => this.bar.reached(now.progress), signal);
    this.bar.stop(null);
    return idle;
  }

  private take(delivery: Delivery): void {
    this.delivery = delivery;
    this.decisions = decisionsOf(delivery);
    this.checked = delivery.summary ? this.decisions : null;
    if (delivery.revision !== null) void this.loadRecord(delivery.undone_by ?? delivery.revision);
  }

  private async loadRecord(number: number): Promise<void> {
    // Without it the number alone tells of the record.
    this.record = await base.record(number, this.abort.signal).catch(() => null);
    this.render();
  }

  private fail(error: unknown): void {
    if (isAbort(error)) return;
    this.failure = error;
    this.render();
  }

  private async check(): Promise<void> {
    const { decisions } = this;
    if (!decisions) return;
    await this.running(() => api.check(this.id, settingsOf(decisions), (now) => this.bar.reached(now.progress), this.abort.signal));
  }

  /** Waits for a report and then for what it is about. */
  private async running(ask: () => Promise<Report>, how: 'loud' | 'quiet' = 'loud'): Promise<void> {
    const { signal } = this.abort;
    this.bar.start(how === 'loud');
    this.loading = true;
    this.refresh();
    try {
      const report = await ask();
      const [delivery, found, rows] = await Promise.all([how === 'loud' ? api.delivery(this.id, signal) : this.delivery, api.findings(this.id, signal), api.rows(this.id, signal)]);
      if (!delivery) return;
      if (how === 'loud') {
        this.take(delivery);
        for (const key of ['files', 'columns', 'settings', ...(isSettled(delivery) ? (['position'] as const) : [])] as const) this.open.delete(key);
      }
      this.asked = null;
      this.loading = false;
      this.bar.stop(null);
      this.show({ delivery, report: told(report, delivery), findings: found.items, whole: found.whole, rows: rows, streets: this.streets });
    } catch (error) {
      this.loading = false;
      this.bar.stop(isAbort(error) ? null : error);
      if (!isAbort(error)) this.render();
    }
  }

  private show(result: Result): void {
    this.result = result;
    if (this.findings) this.findings.take(result);
    else this.findings = new FindingsView(result, this.register, () => void this.running(() => api.report(this.id, this.abort.signal), 'quiet'), this.abort.signal);
    this.makePublishing();
    this.render();
  }

  private makePublishing(): void {
    const { result } = this;
    this.publishing = result && new PublishStep(result.report, result.delivery, { publish: (record, vanishing) => void this.publish(record, vanishing), showBlocking: () => this.findings?.showBlocking(), undo: () => this.undo() });
  }

  private async publish(record: RecordForm, vanishing: number | null): Promise<void> {
    const { publishing, result } = this;
    if (!publishing || !result || !this.delivery) return;
    publishing.show({ busy: true, trouble: null, faults: [] });
    try {
      const answer = await api.publish(this.id, record, vanishing);
      this.nothingNew = answer.nothing_new === true;
      if (this.nothingNew) return this.render();
      this.settled({ ...this.delivery, state: 'published', revision: answer.revision });
    } catch (error) {
      publishing.show({ busy: false, trouble: refusedNotice(error, this.id), faults: troubleOf(error).faults });
    }
  }

  private undo(): void {
    const form = recordForm('undo');
    openDialog({
      title: t('undo.title', { id: this.id }),
      text: t('undo.text'),
      form,
      run: t('undo.run'),
      grave: true,
      send: async () => {
        const record = form.record();
        if (!record || !this.delivery) return false;
        const { revision } = await api.undo(this.id, record);
        this.settled({ ...this.delivery, state: 'undone', undone_by: revision });
        return true;
      },
    });
  }

  /** It is in the register, or out of it again; the report stays as it was made before. */
  private settled(delivery: Delivery): void {
    this.record = null;
    this.delivery = delivery;
    if (this.result) this.findings?.take((this.result = { ...this.result, delivery }));
    this.render();
    void this.loadRecord(delivery.undone_by ?? delivery.revision ?? 0);
    this.element.querySelector('#step-publish')?.scrollIntoView({ block: 'center' });
  }

  private decide(next: Decisions): void {
    this.decisions = next;
    this.refresh();
  }

  private toggle(key: StepKey): void {
    if (!this.open.delete(key)) this.open.add(key);
    this.refresh();
  }

  render = (): void => {
    const { delivery, decisions, failure } = this;
    const back = h('a', { class: 'd-back link', href: '/deliveries', onclick: within(this.go) }, icon('arrowLeft'), t('back_to_list'));
    if (failure) {
      const missing = failure instanceof ApiError && failure.notFound;
      fill(this.element, back, missing ? h('div', { class: 'd-empty' }, icon('search'), h('b', {}, t('one.missing.title')), h('p', {}, t('one.missing.text'))) : troubleNotice(failure, { text: t('trouble.retry'), run: () => void this.load() }));
      return;
    }
    if (!delivery || !decisions) {
      fill(this.element, back, h('div', { class: 'skeleton d-s-title' }), h('div', { class: 'd-steps' }, ...[0, 1, 2, 3, 4].map(() => h('div', { class: 'skeleton d-s-step' }))));
      return;
    }
    const head = h('header', { class: 'd-one-head' }, back, h('div', { class: 'd-one-title' }, h('h1', {}, t('one.title', { id: this.id })), h('span', { class: 'd-sender' }, delivery.sender), stageChip(stageOf(delivery)), delivery.summary && h('a', { class: 'button', href: `/reconcile?delivery=${this.id}` }, icon('order'), t('one.reconcile'))), h('p', { class: 'd-quiet num' }, [t('one.received', { date: moment(delivery.received_at), by: delivery.received_by }), delivery.undone_by !== null ? t('undone.title', { n: delivery.undone_by }) : delivery.revision !== null && t('done.title', { n: delivery.revision })].filter(Boolean).join(' · ')));
    fill(this.element, head, h('div', { class: 'd-steps' }, ...this.steps(delivery, decisions), this.bar.element), this.findingsStep(), this.publishStep(delivery));
    this.refreshBar();
  };

  /** Draws the first steps anew; the table, the map and the form of the record stay as they are. */
  private refresh(): void {
    const { delivery, decisions } = this;
    const steps = this.element.querySelector('.d-steps');
    if (!delivery || !decisions || !steps) return;
    const focused = focusPath(steps);
    const fresh = this.steps(delivery, decisions);
    [...steps.querySelectorAll(':scope > .d-step')].forEach((old, index) => fresh[index] && old.replaceWith(fresh[index]));
    if (focused) steps.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
    this.refreshBar();
    if (!this.result) this.element.querySelector('#step-findings')?.replaceWith(this.findingsStep());
  }

  private refreshBar(): void {
    const { decisions, checked, delivery } = this;
    if (!decisions || !delivery) return;
    const stale = checked !== null && differs(decisions, checked);
    const clash = delivery.layers.some(({ name }) => decisions.layers.includes(name) && clashes(decisions, name).size > 0);
    this.bar.show({ hidden: delivery.state !== 'received', again: checked !== null, stale, hindrance: decisions.layers.length === 0 ? 'check.no_layer' : clash ? 'check.clash' : null });
    this.publishing?.refresh(stale);
  }

  private steps(delivery: Delivery, decisions: Decisions): HTMLElement[] {
    const locked = delivery.state !== 'received' || this.loading;
    const frame = (key: StepKey, state: StepState, summary: string, body: () => HTMLElement) => {
      const open = this.open.has(key);
      return stepFrame({ key, state, summary, open, toggle: () => this.toggle(key) }, open ? body() : null);
    };
    const patch = (change: Partial<Decisions>) => this.decide({ ...decisions, ...change });
    const placed = isSettled(delivery) || decisions.position !== null;
    return [
      frame('files', delivery.layers.length > 0 ? 'done' : 'attention', filesSummary(delivery, decisions), () => filesBody(delivery, decisions, locked, patch)),
      frame('columns', columnsOpen(delivery, decisions) ? 'attention' : 'done', columnsSummary(delivery, decisions), () => columnsBody(delivery, decisions, locked, (next) => this.decide(next))),
      frame('position', placed ? 'done' : 'attention', positionSummary(delivery, decisions.position), () =>
        positionBody(delivery, decisions.position, this.asked, locked, {
          ask: (key) => {
            this.asked = key;
            this.refresh();
            this.element.querySelector<HTMLElement>('.d-confirm .d-primary')?.focus();
          },
          take: (key) => {
            this.asked = null;
            patch({ position: key });
          },
        }),
      ),
      frame('settings', 'done', settingsSummary(decisions), () => settingsBody(decisions, locked, patch)),
    ];
  }

  private findingsStep(): HTMLElement {
    const { result, findings } = this;
    if (result && findings) {
      const { must_fix } = result.report.counts;
      findings.render();
      return stepFrame({ key: 'findings', state: must_fix > 0 ? 'attention' : 'done', summary: must_fix > 0 ? t('findings.blocked', { n: integer(must_fix) }) : t('findings.clear'), open: null, aside: reportFiles((format) => api.reportFile(this.id, format)) }, findings.element);
    }
    const waiting = this.loading ? h('div', { class: 'd-result-skeleton' }, ...['tiles', 'list', 'side'].map((part) => h('div', { class: `skeleton d-s-${part}` }))) : h('div', { class: 'd-empty' }, icon('scan'), h('b', {}, t('findings.waiting.title')), h('p', {}, t('findings.waiting.text')));
    return stepFrame({ key: 'findings', state: 'waiting', summary: '', open: null }, waiting);
  }

  private publishStep(delivery: Delivery): HTMLElement {
    const { publishing, nothingNew } = this;
    if (delivery.state !== 'received' || nothingNew) return stepFrame({ key: 'publish', state: 'done', summary: '', open: null }, publishedBody(delivery, this.record, nothingNew, delivery.state === 'published' ? () => this.undo() : null));
    if (!publishing) return stepFrame({ key: 'publish', state: 'waiting', summary: '', open: null }, h('div', { class: 'd-empty slim' }, h('p', {}, t('publish.waiting.text'))));
    return stepFrame({ key: 'publish', state: 'waiting', summary: '', open: null }, publishing.element);
  }
}

/** What was published is compared with a register that holds it already: the counts of the check before tell more. */
function told(report: Report, { state, summary }: Delivery): Report {
  if (state === 'received' || !summary) return report;
  const { added, changed, unchanged, vanished, unusable } = summary;
  return { ...report, changes: { added, changed, unchanged, vanished, unusable } };
}
