/** Fills the card with what the state's focus names, and marks it on the map. */
import * as api from './api';
import { ApiError, isAbort, isMissing } from './api';
import { dueDay, sameClocks } from './asof';
import { summary as streetSummary } from './desk/questions';
import { around, copyLink, failureKind, lastState } from './focus-parts';
import { day, dayBefore } from './format';
import { t } from './i18n';
import { ringsOf } from './map/historic';
import type { MapView } from './map/map';
import { around as placeBox } from './reporting';
import { change, onChange, state, type State } from './state';
import type { Area, BBox, Item, LngLat, Located, Street } from './types';
import { button, type Card, type Content } from './ui/card';
import { areaContent } from './ui/card-area';
import { changesContent, loadChanges } from './ui/card-changes';
import { endedContent, notBegunContent } from './ui/card-ended';
import { Timeline } from './ui/card-history';
import { drawingOf, outcomeContent } from './ui/card-outcome';
import { failureContent, managerContent, placeContent } from './ui/card-place';
import { streetContent } from './ui/card-street';
import { WhoChanged } from './ui/card-who';
import type { PanelData } from './ui/panel';
import type { Focus } from './url';

/** How the map follows: frames the subject, moves only when it is hidden, or stays. */
export type Arrival = 'fit' | 'reveal' | 'stay';

/** What the card tells about: the focus of the address, else the chosen street while its card is open. */
type Subject = Focus | { kind: 'street'; code: string };

export interface FocusContext {
  card: Card;
  map: MapView;
  /** What the page has: the register, theme and streets of the day shown. */
  data: Pick<PanelData, 'register' | 'theme'> & { streets: readonly Street[] };
  /** Takes down what somebody says is wrong here. */
  report: (subject: { code: string; name: string } | null, at: LngLat | null) => void;
}

const POINT_ZOOM = 16;

export class Focuser {
  private running: AbortController | null = null;
  private content: (() => Content) | null = null;
  private came: Subject | null = null;
  private arrival: Arrival = 'fit';
  private located: Located | null = null;

  constructor(private readonly context: FocusContext) {
    onChange((now, before) => {
      const [subject, last] = [this.subject(now), this.subject(before)];
      if (key(subject) !== key(last)) {
        this.came = last && last.kind !== 'area' ? last : null;
        void this.load(subject);
      } else if (subject && subject.kind !== 'changes' && !sameClocks(now, before)) {
        this.arrival = 'stay';
        this.located = null;
        void this.load(subject);
      } else if (now.lang !== before.lang || now.mode !== before.mode) this.render('keep');
    });
  }

  /** Shows what the address names. */
  start(): void {
    const subject = this.subject(state());
    if (subject) void this.load(subject);
  }

  /** The public has no summary of a street: its figures are in the panel. */
  private subject({ focus, street, streetCard }: State): Subject | null {
    if (focus) return focus;
    return street && streetCard && this.context.data.register.audience === 'internal' ? { kind: 'street', code: street } : null;
  }

  /** How the next change of focus moves the map. */
  next(arrival: Arrival): void {
    this.arrival = arrival;
  }

  /** Asks what is at a clicked place: one area opens at once, several or none are listed. */
  async ask(lngLat: LngLat, toleranceM: number, picked: string | null): Promise<void> {
    const { card, map } = this.context;
    const signal = this.restart();
    map.show({ selected: picked });
    const waiting = setTimeout(() => card.skeleton(), 150);
    try {
      const found = await api.locate({ kind: 'lnglat', lngLat }, null, state(), signal);
      const codes = [...found.areas, ...found.neighbours.filter((area) => area.distance_m <= toleranceM)].map((area) => area.code);
      const [only] = codes;
      this.arrival = 'reveal';
      const focus: Focus = only && codes.length === 1 ? { kind: 'area', code: only } : { kind: 'point', lngLat: round(lngLat), accuracyM: null };
      this.located = focus.kind === 'point' ? found : null;
      if (key(focus) === key(state().focus)) void this.load(focus);
      else change({ focus });
    } catch (error) {
      if (!isAbort(error)) this.fail(error, '', () => void this.ask(lngLat, toleranceM, picked));
    } finally {
      clearTimeout(waiting);
    }
  }

  async load(focus: Subject | null): Promise<void> {
    const signal = this.restart();
    const { card, map } = this.context;
    const { arrival } = this;
    this.arrival = 'fit';
    map.show({ selected: focus?.kind === 'area' ? focus.code : null, codes: null, historic: null });
    map.draw(null);
    map.pin(focus?.kind === 'point' ? focus.lngLat : null, focus?.kind === 'point' ? focus.accuracyM : null);
    if (!focus) {
      this.content = null;
      document.title = t('title');
      card.hide();
      return;
    }
    // A fast answer shows no skeleton: it would only flash.
    const waiting = setTimeout(() => card.skeleton(), card.shown ? 250 : 120);
    try {
      if (focus.kind === 'area') await this.loadArea(focus.code, arrival, signal);
      else if (focus.kind === 'point') await this.loadPoint(focus, arrival, signal);
      else if (focus.kind === 'street') await this.loadStreet(focus.code, arrival, signal);
      else if (focus.kind === 'manager') await this.loadManager(focus.uscc, arrival, signal);
      else if (focus.kind === 'report') await this.loadReport(focus.number, arrival, signal);
      else await this.loadChanged(focus.since, signal);
    } catch (error) {
      if (isAbort(error)) return;
      // That there is no such street is told by whoever asks for its figures.
      if (focus.kind === 'street' && (isMissing(error) || failureKind(error) === 'forbidden')) return card.hide();
      this.fail(error, subjectOf(focus), () => void this.load(focus));
    } finally {
      clearTimeout(waiting);
    }
  }

  private async loadStreet(code: string, arrival: Arrival, signal: AbortSignal): Promise<void> {
    const { map } = this.context;
    const asOf = state();
    const summary = await streetSummary(code, asOf, signal);
    const zoomTo = () => map.fit(summary.street.bbox);
    this.content = () => streetContent(summary, { asOf, zoomTo, copyLink });
    this.render('peek');
    if (arrival === 'fit') zoomTo();
  }

  private async loadArea(code: string, arrival: Arrival, signal: AbortSignal): Promise<void> {
    let item: Item<Area>;
    try {
      item = await api.area(code, state(), signal);
    } catch (error) {
      if (error instanceof ApiError && error.otherDay) return this.loadOtherDay({ code, why: error.otherDay, arrival }, signal);
      throw error;
    }
    const { map, data } = this.context;
    const area = item.properties;
    const zoomTo = () => item.bbox && map.fit(item.bbox);
    const back = this.back();
    const timeline = new Timeline(code, signal);
    const report = () => this.context.report(area, null);
    const who = new WhoChanged(code, signal);
    this.content = () => areaContent(area, { theme: data.theme, countedOn: this.day(), zoomTo, copyLink, back, timeline, who, report });
    this.render(arrival === 'fit' ? 'half' : 'peek');
    if (arrival === 'fit') zoomTo();
    else if (arrival === 'reveal') this.reveal(area, item.bbox);
  }

  /** An area that is known but not there on the day shown. */
  private async loadOtherDay({ code, why, arrival }: { code: string; why: 'ended' | 'not-begun'; arrival: Arrival }, signal: AbortSignal): Promise<void> {
    const { map, data } = this.context;
    const history = await api.history(code, signal);
    const item = why === 'ended' ? await lastState(history, signal) : null;
    const bbox = item?.bbox;
    const zoomTo = bbox ? () => map.fit(bbox) : null;
    const last = item?.properties ?? null;
    const lastDay = history.ended_on ? dayBefore(history.ended_on) : this.day();
    const context = { countedOn: lastDay, zoomTo, copyLink, back: this.back(), timeline: new Timeline(code, signal, history, why === 'ended' ? 'successors' : 'predecessors') };
    this.content = () => (why === 'ended' ? endedContent(history, last, { ...context, theme: data.theme }) : notBegunContent(history, { ...context, theme: data.theme }));
    const rings = ringsOf(item?.geometry);
    map.show({ selected: null, historic: rings.length > 0 ? rings : null });
    this.render('half');
    if (arrival === 'fit') zoomTo?.();
    else if (item) this.reveal(item.properties, bbox);
  }

  private async loadReport(number: string, arrival: Arrival, signal: AbortSignal): Promise<void> {
    const { map } = this.context;
    const report = await api.report(number, signal);
    const { place } = report;
    const zoomTo = place ? () => map.fit(placeBox(place)) : null;
    this.content = () => outcomeContent(report, zoomTo);
    if (place) map.draw(drawingOf(place));
    this.render('half');
    if (arrival === 'fit') zoomTo?.();
  }

  private async loadChanged(since: string | null, signal: AbortSignal): Promise<void> {
    const { data } = this.context;
    const found = await loadChanges(since, state().street, signal);
    this.content = () => changesContent(found, { register: data.register, streets: data.streets, copyLink });
    this.render('half');
  }

  /** The day from which ends of terms are counted: the one that duties are counted to. */
  private day(): string {
    const { on, known } = state();
    const { register } = this.context.data;
    return on ?? (known === null ? dueDay(register) : day(register.data_date));
  }

  private reveal(area: Area, bbox: BBox | undefined): void {
    const at = area.label ?? (bbox && ([(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2] as const));
    if (at) this.context.map.reveal(at);
  }

  private async loadPoint(focus: Extract<Focus, { kind: 'point' }>, arrival: Arrival, signal: AbortSignal): Promise<void> {
    const { map, data } = this.context;
    const { district } = data.register;
    const found = this.located ?? (await api.locate({ kind: 'lnglat', lngLat: focus.lngLat }, focus.accuracyM, state(), signal));
    this.located = null;
    const zoomTo = () => (found.in_district ? map.reveal(focus.lngLat, POINT_ZOOM) : map.fit(district.bbox));
    this.content = () =>
      placeContent(found, { theme: data.theme, district: district.name, accuracyM: focus.accuracyM, copyLink, zoomTo, report: found.in_district ? () => this.context.report(null, focus.lngLat) : null });
    this.render('half');
    if (arrival === 'fit') zoomTo();
    else if (arrival === 'reveal') map.reveal(focus.lngLat);
  }

  private async loadManager(uscc: string, arrival: Arrival, signal: AbortSignal): Promise<void> {
    const { map, data } = this.context;
    const asOf = state();
    const [{ properties: manager }, { items, whole }] = await Promise.all([api.manager(uscc, asOf, signal), api.areasOf(uscc, asOf, signal)]);
    const areas = items.map((item) => item.properties);
    const bbox = around(items);
    const zoomTo = bbox ? () => map.fit(bbox) : null;
    const back = this.back();
    this.content = () => managerContent(manager, { theme: data.theme, areas, back, zoomTo, copyLink });
    // The map sets the manager's areas off only when the list is whole: half of them would be a wrong map.
    if (areas.length > 0 && whole) map.show({ codes: new Set(areas.map((area) => area.code)) });
    this.render('half');
    if (arrival === 'fit') zoomTo?.();
  }

  /** Draws the card once more, where there is one. */
  redraw(): void {
    if (this.content) this.render('keep');
  }

  /** Shows once more what the card told, or takes it away when it told nothing. */
  resume(): void {
    if (this.content) this.render('keep');
    else this.context.card.hide();
  }

  private back(): (() => void) | undefined {
    const { came } = this;
    return came
      ? () => {
          this.arrival = 'stay';
          change(came.kind === 'street' ? { focus: null, streetCard: true } : { focus: came });
        }
      : undefined;
  }

  private render(stop: 'peek' | 'half' | 'keep'): void {
    if (!this.content) return;
    const content = this.content();
    document.title = `${content.title} · ${t('title')}`;
    this.context.card.show(content, stop);
  }

  private fail(error: unknown, subject: string, retry: () => void): void {
    this.context.map.show({ selected: null });
    const kind = failureKind(error);
    const past = state().on !== null || state().known !== null;
    const present = () => button('refresh', t('asof.back'), () => change({ on: null, known: null }));
    this.content = () => failureContent(kind, subject || t('title'), retry, kind === 'missing' && past ? present() : null);
    this.render('half');
  }

  private restart(): AbortSignal {
    this.running?.abort();
    this.running = new AbortController();
    return this.running.signal;
  }
}

const key = (focus: Subject | null): string => JSON.stringify(focus);
const round = ([lng, lat]: LngLat): LngLat => [Number(lng.toFixed(6)), Number(lat.toFixed(6))];

function subjectOf(focus: Subject): string {
  if (focus.kind === 'area' || focus.kind === 'street') return focus.code;
  if (focus.kind === 'changes') return t('changes.title');
  if (focus.kind === 'report') return focus.number;
  return focus.kind === 'manager' ? focus.uscc : focus.lngLat.join(', ');
}
