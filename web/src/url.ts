/** The view as an address, and back. Pure. */
import { isDay } from './format';
import type { AsOf, Lang, LngLat } from './types';

/** What the card tells about. */
export type Focus =
  | { kind: 'area'; code: string }
  | { kind: 'point'; lngLat: LngLat; accuracyM: number | null }
  | { kind: 'manager'; uscc: string }
  /** What changed since a record or a day; null means: with the latest record. */
  | { kind: 'changes'; since: string | null }
  /** What somebody said is wrong on the map. */
  | { kind: 'report'; number: string };

export interface Position {
  zoom: number;
  lngLat: LngLat;
}

/** Themes besides the usual one. */
export type ThemeName = 'due';

/** The part of the state that an address carries, with the day that the map shows and what of it was known when. */
export interface View extends AsOf {
  focus: Focus | null;
  street: string | null;
  /** What colours the areas: null is management and committee. */
  theme: ThemeName | null;
  /** Class keys that are shown; empty means every class. */
  classes: readonly string[];
  position: Position | null;
  /** The language that the address itself asks for; it stays in the address. */
  askedLang: Lang | null;
}

/** A record's number, or an instant; a day is the third form. */
const KNOWN = /^([1-9]\d{0,8}|\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|[+-]\d\d:\d\d))$/;
const REPORT = /^R-\d{4}-\d{6,9}$/;
/** In the address: the changes of the latest record. */
const LATEST = 'latest';
const CODE = /^[\p{L}\p{N}._~-]{1,64}$/u;
const degrees = (value: number) => Number(value.toFixed(6)).toString();

/** Path, query and hash of a view. */
export function formatView(view: View): string {
  const { focus } = view;
  const query: string[] = [];
  let path = '/';
  if (focus?.kind === 'area') path = `/a/${encodeURIComponent(focus.code)}`;
  else if (focus?.kind === 'point') path = `/at/${degrees(focus.lngLat[0])},${degrees(focus.lngLat[1])}`;
  else if (view.street && !focus) path = `/s/${encodeURIComponent(view.street)}`;
  if (view.on) query.push(`on=${view.on}`);
  if (view.known) query.push(`known=${encodeURIComponent(view.known)}`);
  if (focus?.kind === 'manager') query.push(`manager=${encodeURIComponent(focus.uscc)}`);
  if (focus?.kind === 'point' && focus.accuracyM !== null) query.push(`accuracy=${Math.round(focus.accuracyM)}`);
  if (focus?.kind === 'report') query.push(`report=${encodeURIComponent(focus.number)}`);
  if (focus?.kind === 'changes') query.push(`changes=${encodeURIComponent(focus.since ?? LATEST)}`);
  if (view.street && focus) query.push(`street=${encodeURIComponent(view.street)}`);
  if (view.theme) query.push(`theme=${view.theme}`);
  if (view.classes.length > 0) query.push(`show=${view.classes.map(encodeURIComponent).join(',')}`);
  if (view.askedLang) query.push(`lang=${view.askedLang}`);
  return `${path}${query.length > 0 ? `?${query.join('&')}` : ''}${formatPosition(view.position)}`;
}

function formatPosition(position: Position | null): string {
  if (!position) return '';
  const [lng, lat] = position.lngLat;
  return `#${Number(position.zoom.toFixed(2))}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
}

/** Reads an address; parts that make no sense are left out. */
export function parseView(address: { pathname: string; search: string; hash: string }): View {
  const query = new URLSearchParams(address.search);
  const [, kind = '', rest = ''] = /^\/(a|s|at)\/([^/]+)\/?$/.exec(address.pathname) ?? [];
  const value = decode(rest);
  const code = CODE.test(value) ? value : null;
  let focus: Focus | null = null;
  if (kind === 'a' && code) focus = { kind: 'area', code };
  else if (kind === 'at') focus = parsePoint(value, query.get('accuracy'));
  else if (query.has('manager')) focus = parseManager(query.get('manager') ?? '');
  else if (query.has('changes')) focus = parseChanges(query.get('changes') ?? '');
  else if (REPORT.test(query.get('report') ?? '')) focus = { kind: 'report', number: query.get('report') ?? '' };
  const street = kind === 's' ? code : query.get('street');
  return {
    focus,
    street: street && CODE.test(street) ? street : null,
    theme: query.get('theme') === 'due' ? 'due' : null,
    classes: (query.get('show') ?? '').split(',').filter((key) => CODE.test(key)),
    position: parsePosition(address.hash),
    askedLang: parseLang(query.get('lang')),
    on: parseDay(query.get('on')),
    known: parseKnown(query.get('known')),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

const parseLang = (text: string | null): Lang | null => (text === 'en' || text === 'zh-CN' ? text : null);

function parsePoint(text: string, accuracy: string | null): Focus | null {
  const lngLat = parsePair(text.split(','));
  if (!lngLat) return null;
  const accuracyM = accuracy !== null && /^\d{1,6}$/.test(accuracy) ? Number(accuracy) : null;
  return { kind: 'point', lngLat, accuracyM };
}

function parseManager(uscc: string): Focus | null {
  return CODE.test(uscc) ? { kind: 'manager', uscc } : null;
}

const parseDay = (text: string | null): string | null => (text !== null && isDay(text) ? text : null);
const parseKnown = (text: string | null): string | null => (text !== null && (isDay(text) || KNOWN.test(text)) ? text : null);

function parseChanges(since: string): Focus | null {
  if (since === LATEST) return { kind: 'changes', since: null };
  return parseKnown(since) ? { kind: 'changes', since } : null;
}

function parsePosition(hash: string): Position | null {
  const [zoom, lat, lng] = hash.replace(/^#/, '').split('/');
  const lngLat = parsePair([lng ?? '', lat ?? '']);
  const level = Number(zoom);
  if (!lngLat || !zoom || !Number.isFinite(level) || level < 0 || level > 22) return null;
  return { zoom: level, lngLat };
}

function parsePair([first, second]: readonly string[]): LngLat | null {
  if (!first || !second) return null;
  const [lng, lat] = [Number(first), Number(second)];
  return Math.abs(lng) <= 180 && Math.abs(lat) <= 85 ? [lng, lat] : null;
}

/** True when both views tell about the same thing, wherever the map stands and in whatever language. */
export const sameSubject = (a: View, b: View): boolean =>
  formatView({ ...a, position: null, askedLang: null }) === formatView({ ...b, position: null, askedLang: null });
