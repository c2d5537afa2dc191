/** Wires the parts: asks for the register and the theme at once, builds the map, and lets every part follow the state. */
import * as api from './api';
import { ApiError, isAbort, isMissing, PRESENT, reportFault } from './api';
import { sameClocks } from './asof';
import { choose, place } from './chosen';
import { Focuser } from './focus';
import { whereAmI } from './geolocate';
import { setLang, t } from './i18n';
import { MapView } from './map/map';
import { covers, insets } from './layout';
import { Reporter, type Subject } from './reporter';
import { watchRevision } from './revision';
import { learn, leaveToSignIn } from './session';
import { change, correct, followSystem, onChange, start, state } from './state';
import type { AsOf, LngLat, Register, Theme } from './types';
import { renderAsOf } from './ui/asof';
import { makeCard, notice, button } from './ui/card';
import { renderBanner, renderCorner, renderFoot, renderHover, renderPointer, renderTop } from './ui/chrome';
import { byId, fill, h, isDesk, isPhone } from './ui/dom';
import { panel, type PanelData } from './ui/panel';
import { lightOnPaper } from './ui/paper';
import { searchBox } from './ui/search';
import { toast } from './ui/toast';
import type { ThemeName } from './url';

setLang(start(isDesk()).lang);

let theme: Theme | null = null;
let map: MapView | null = null;
let focuser: Focuser | null = null;
let reporter: Reporter | null = null;

const search = searchBox(() => theme, { choose, place, near: () => map?.position().lngLat ?? null });
renderTop(null, search.element);
// The strip takes its height before the map measures itself.
renderAsOf(null);
byId('panel').hidden = !state().panelOpen;
fill(byId('panel'), h('div', { class: 'panel-body', 'aria-hidden': 'true' }, ...['figure', 'row', 'row', 'row', 'row', 'row', 'row'].map((kind) => h('div', { class: `skeleton s-${kind}` }))));

void open();

/** A panel that opened or closed takes or gives back room for names. */
function relabel(): void {
  map?.show({});
}

/** What the page is built from: the published register, that of the day shown, and the theme of the day. */
type Answers = [present: Register, shown: Register, theme: Theme, painted: Theme];

async function open(): Promise<void> {
  let answers: Answers;
  try {
    const now = state();
    const present = api.register(PRESENT);
    const usual = api.theme(null, now);
    answers = await Promise.all([present, sameClocks(now, PRESENT) ? present : api.register(now), usual, now.theme ? otherTheme(now.theme, null, now).then((theme) => theme ?? usual) : usual]);
  } catch (error) {
    if (leaveToSignIn(error)) return;
    if (forgetKnown(error)) return open();
    const retry = () => {
      byId('stage').querySelector('.failure')?.remove();
      void open();
    };
    const text = error instanceof api.ApiError && error.kind === 'offline' ? t('error.offline.text') : t('error.failed.text');
    byId('panel').hidden = true;
    byId('stage').append(h('div', { class: 'failure', role: 'alert' }, notice('offline', t('error.start'), text, button('refresh', t('error.retry'), retry))));
    return;
  }
  byId('panel').hidden = !state().panelOpen;
  build(...answers);
}

/** The server knows of nothing that was recorded by then: the day stays, the limit goes. */
function forgetKnown(error: unknown): boolean {
  const { known } = state();
  if (!(error instanceof ApiError) || error.status !== 400 || known === null) return false;
  toast({ icon: 'warning', text: t(/^\d+$/.test(known) ? 'asof.no_record' : 'asof.no_knowledge', { value: known }) });
  correct({ known: null });
  return true;
}

/** A theme that not everybody may see; null where the server has none, and the address then asks for it no more. */
async function otherTheme(id: ThemeName, street: string | null, asOf: AsOf, signal?: AbortSignal): Promise<Theme | null> {
  try {
    return await api.theme(street, asOf, signal, id);
  } catch (error) {
    // An unknown street is missing too; that is told where it is chosen.
    if (!isMissing(error) || street !== null) throw error;
    correct({ theme: null, classes: [] });
    return null;
  }
}

function build(register: Register, shown: Register, first: Theme, firstPainted: Theme): void {
  theme = first;
  // The banner takes its height before the map measures itself.
  renderBanner(register);
  renderAsOf(shown);
  const known = state().classes.filter((key) => firstPainted.classes.some((item) => item.key === key));
  if (known.length < state().classes.length) correct({ classes: known });
  const now = state();
  const data: PanelData = { register: shown, theme: first, painted: firstPainted, rates: null, streets: [] };
  /** What the figures and tiles of the page were asked for. */
  let drawn: AsOf = { on: now.on, known: now.known };
  const card = makeCard(() => reporter?.leave() || change({ focus: null, streetCard: false }), relabel);
  const scene = { theme: firstPainted, mode: now.mode, classes: new Set(now.classes), street: now.street, codes: null, selected: null, historic: null, hovered: null };
  let answer: (() => void) | null = null;
  const view = new MapView(
    byId('map'),
    register,
    scene,
    {
      click: (lngLat, toleranceM, picked) => void focuser?.ask(lngLat, toleranceM, picked),
      summary: (street) => change({ street, focus: null, streetCard: true }),
      hover: (hover) => renderHover(hover, data.painted),
      pointer: renderPointer,
      move: (position) => change({ position }),
      offline: (lost) => {
        if (lost && !answer) {
          const retry = () => {
            answer = null;
            view.retry();
          };
          answer = toast({ icon: 'offline', text: t('offline.text', { date: data.register.data_date }), action: { text: t('error.retry'), run: retry }, stays: true });
        } else if (!lost) {
          answer?.();
          answer = null;
        }
      },
    },
    insets,
    covers,
    { position: now.position, question: { asOf: drawn, version: shown.version } },
  );
  map = view;
  let travelled = false;
  // First of all listeners: texts, colours and the map's place must be right before any part draws itself.
  onChange((next, before) => {
    if (next.lang !== before.lang) setLang(next.lang);
    if (next.mode !== before.mode) {
      document.documentElement.dataset.mode = next.mode;
      view.show({ mode: next.mode });
    }
    // No position at all means: the whole district.
    if (!next.position && before.position) view.fit(register.district.bbox);
    // Only the browser's back and forward bring a position that the map does not have.
    if (next.position && next.position !== before.position && !samePlace(next.position, view.position())) {
      focuser?.next('stay');
      view.goTo(next.position);
      travelled = true;
    } else travelled = false;
  });
  lightOnPaper((mode) => {
    document.documentElement.dataset.mode = mode;
    view.show({ mode });
  });
  const report = (subject: Subject | null, at: LngLat | null) => reporter?.start(subject, at);
  const side = panel(data, {
    moved: relabel,
    report: () => {
      if (isPhone()) change({ panelOpen: false });
      report(null, null);
    },
  });
  focuser = new Focuser({ card, map: view, data, report });
  reporter = new Reporter({ card, map: view, resume: () => focuser?.resume() });
  const scale = view.scale();
  byId('map').setAttribute('role', 'application');

  const renderAll = () => {
    document.documentElement.lang = state().lang;
    byId('map').setAttribute('aria-label', t('map.label'));
    renderBanner(register);
    renderAsOf(data.register);
    renderTop({ present: register, shown: data.register }, search.element);
    search.render();
    renderCorner(register, { zoom: (levels) => view.zoomBy(levels), locate: (tool) => whereAmI(tool, arrive), base: (on) => view.setBase(on) });
    renderFoot(data.register, scale);
    side.render();
  };
  const arrive = (lngLat: LngLat, accuracyM: number) => change({ focus: { kind: 'point', lngLat, accuracyM } });
  // The map does not wait for who looks at it: that decides only what else is offered.
  const learned = learn(register);
  renderAll();
  const offered = () => {
    renderAll();
    if (!reporter?.active) focuser?.redraw();
  };
  if (register.map) learned.then(offered).catch((error: unknown) => reportFault(error));

  let figures: AbortController | null = null;
  /** Counts and rates of the district or of the chosen street, on the day shown. */
  const loadFigures = async (street: string | null) => {
    figures?.abort();
    const { signal } = (figures = new AbortController());
    const asOf: AsOf = { on: state().on, known: state().known };
    const moved = !sameClocks(asOf, drawn);
    try {
      const painting = state().theme;
      const [of, counted, rates, other] = await Promise.all([
        sameClocks(asOf, PRESENT) ? register : moved ? api.register(asOf, signal) : data.register,
        street === data.theme.street && !moved ? data.theme : api.theme(street, asOf, signal),
        api.rates(street, asOf, signal),
        painting && otherTheme(painting, street, asOf, signal),
      ]);
      const painted = other ?? counted;
      Object.assign(data, { register: of, theme: counted, painted, rates });
      theme = counted;
      if (moved) {
        drawn = asOf;
        view.ask({ asOf, version: of.version }, 'now');
        renderDay();
        void loadStreets();
      }
      side.render();
      view.show({ theme: painted });
      byId('map').classList.remove('turning');
    } catch (error) {
      if (isAbort(error) || forgetKnown(error)) return;
      if (reportFault(error)) return;
      if (isMissing(error)) forgetStreet(street);
      else toast({ icon: 'warning', text: t('error.figures'), action: { text: t('error.retry'), run: () => void loadFigures(street) } });
    }
  };
  const renderDay = () => {
    renderAsOf(data.register);
    renderTop({ present: register, shown: data.register }, search.element);
    renderFoot(data.register, scale);
  };
  const loadStreets = async () => {
    try {
      const { features } = await api.streets(drawn);
      data.streets = features.map((item) => item.properties);
      for (const item of features) if (item.bbox) streetBoxes.set(item.properties.code, item.bbox);
      side.render();
    } catch (error) {
      reportFault(error);
      toast({ icon: 'warning', text: t('error.figures') });
    }
  };
  const fitStreet = async (code: string) => {
    const known = streetBoxes.get(code);
    try {
      const bbox = known ?? (await api.street(code, state())).bbox;
      if (bbox && state().street === code) view.fit(bbox);
    } catch (error) {
      // Without an answer the figures are missing too, and tell so.
      if (!reportFault(error) && isMissing(error)) forgetStreet(code);
    }
  };
  /** Both the figures and the place of a street may find that it does not exist; the first one tells. */
  const forgetStreet = (code: string | null) => {
    if (code === null || state().street !== code) return;
    toast({ icon: 'warning', text: t('street.missing') });
    correct({ street: null });
  };
  const streetBoxes = new Map<string, Register['district']['bbox']>();

  onChange((next, before) => {
    if (next.classes.join() !== before.classes.join()) view.show({ classes: new Set(next.classes) });
    const otherDay = !sameClocks(next, before);
    if (otherDay) {
      // The strip and the button answer at once, the figures when they are there.
      renderAsOf(null);
      renderTop({ present: register, shown: data.register }, search.element);
      byId('map').classList.toggle('turning', !sameClocks(next, drawn));
    }
    if (otherDay || next.street !== before.street || next.theme !== before.theme) void loadFigures(next.street);
    if (next.street !== before.street) {
      view.show({ street: next.street });
      if (!travelled && !next.focus) {
        if (next.street) void fitStreet(next.street);
        else view.fit(register.district.bbox);
      }
    }
    if (next.lang !== before.lang || next.mode !== before.mode) renderAll();
    else if (next.panelOpen !== before.panelOpen) renderTop({ present: register, shown: data.register }, search.element);
  });

  if (now.position) focuser.next('stay');
  else if (now.street && !now.focus) void fitStreet(now.street);
  focuser.start();
  void loadFigures(now.street);
  void loadStreets();
  change({ position: view.position() });
  watchRevision(register, view);
  followSystem();
  addEventListener('online', () => view.retry());
}

function samePlace(a: { zoom: number; lngLat: LngLat }, b: { zoom: number; lngLat: LngLat }): boolean {
  const near = (x: number, y: number) => Math.abs(x - y) < 1e-5;
  return near(a.zoom, b.zoom) && near(a.lngLat[0], b.lngLat[0]) && near(a.lngLat[1], b.lngLat[1]);
}
