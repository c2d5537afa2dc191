/** Takes down what somebody says is wrong on the map: lends the map's presses to a pin or a line, and sends it all. */
import * as api from './api';
import { ApiError, reportFault } from './api';
import { t } from './i18n';
import type { MapView } from './map/map';
import { obstacle, placeOf, pressed, turned, type Draft } from './reporting';
import { onChange } from './state';
import type { LngLat } from './types';
import type { Card } from './ui/card';
import { reportedContent, ReportForm } from './ui/card-report';
import { isPhone } from './ui/dom';

export interface ReporterContext {
  card: Card;
  map: MapView;
  /** Shows again what the card told before. */
  resume: () => void;
}

/** An area that a report is about. */
export interface Subject {
  code: string;
  name: string;
}

/** Asked again no earlier than this where the server does not say when. */
const WAIT_S = 60;

/** Below this zoom a press misses by tens of metres. */
const EXACT_ZOOM = 15;

export class Reporter {
  private draft: Draft | null = null;
  private subject: Subject | null = null;
  private form: ReportForm | null = null;
  private number: string | null = null;

  constructor(private readonly context: ReporterContext) {
    onChange((now, before) => {
      if (!this.active) return;
      // Whoever goes on to something else has given up; its card is there already.
      if (now.focus !== before.focus || now.street !== before.street) this.stop();
      else if (now.lang !== before.lang) this.render('keep');
    });
  }

  get active(): boolean {
    return this.draft !== null || this.number !== null;
  }

  /** Begins; `at` is a place that is known already. */
  start(subject: Subject | null, at: LngLat | null = null): void {
    this.stop();
    this.subject = subject;
    this.draft = { kind: 'point', points: at ? [at] : [], reason: 'boundary_wrong', text: '' };
    this.context.map.lend((lngLat) => this.press(lngLat));
    this.drawn();
    this.render('half');
    // What stood in the middle of a phone's map is now behind the sheet.
    if (isPhone()) this.context.map.reveal(at ?? this.context.map.position().lngLat);
  }

  /** Ends, and shows what was there before; false when there is nothing to end. */
  leave(): boolean {
    if (!this.active) return false;
    this.stop();
    this.context.resume();
    return true;
  }

  private stop(): void {
    this.draft = null;
    this.form = null;
    this.number = null;
    this.context.map.lend(null);
    this.context.map.draw(null);
  }

  private render(stop: 'half' | 'keep'): void {
    const { card } = this.context;
    if (this.number !== null) return card.show(reportedContent(this.number), stop);
    if (!this.draft) return;
    this.form = new ReportForm(this.draft, this.subject?.name ?? null, {
      turn: (kind) => this.set((draft) => turned(draft, kind)),
      back: () => this.set((draft) => ({ ...draft, points: draft.points.slice(0, -1) })),
      clear: () => this.set((draft) => ({ ...draft, points: [] })),
      reason: (reason) => this.note({ reason }),
      text: (text) => this.note({ text }),
      send: () => void this.send(),
    });
    card.show(this.form.content(), stop);
  }

  private press(at: LngLat): void {
    this.set((draft) => pressed(draft, at));
    // The place stands above the sheet of a phone, which would hide it.
    if (isPhone()) this.context.map.reveal(at);
  }

  private set(change: (draft: Draft) => Draft): void {
    if (!this.draft) return;
    this.draft = change(this.draft);
    this.form?.show(this.draft, this.draft.points.length > 0 && this.context.map.position().zoom < EXACT_ZOOM);
    this.form?.blame(null);
    this.drawn();
  }

  private note(patch: Partial<Draft>): void {
    if (this.draft) this.draft = { ...this.draft, ...patch };
    this.form?.blame(null);
  }

  private drawn(): void {
    this.context.map.draw(this.draft && { kind: this.draft.kind, points: this.draft.points });
  }

  private async send(): Promise<void> {
    const { draft, form } = this;
    if (!draft || !form) return;
    const wrong = obstacle(draft);
    const place = placeOf(draft);
    if (wrong || !place) return form.blame(t(`report.wrong.${wrong ?? 'place'}`));
    form.busy(true);
    try {
      const { number } = await api.sendReport({ place, area: this.subject?.code ?? null, reason: draft.reason, text: draft.text.trim() });
      // Whoever has left meanwhile has sent it all the same.
      if (this.draft === null) return;
      this.stop();
      this.number = number;
      this.render('keep');
    } catch (error) {
      form.busy(false);
      form.blame(refusal(error));
    }
  }
}

function refusal(error: unknown): string {
  if (reportFault(error) || !(error instanceof ApiError)) return t('error.program.text');
  if (error.kind === 'offline') return t('report.wrong.offline');
  if (error.status === 429) return t('report.wrong.often', { n: error.retryAfterS ?? WAIT_S });
  if (error.type.endsWith(':personal-data')) return t('report.wrong.personal');
  if (error.type.endsWith(':outside')) return t('report.wrong.outside');
  return t('report.wrong.refused');
}
