/** The only place that asks the server. Every request can be aborted; every failure becomes an `ApiError`. */
import type { Area, AsOf, Changes, Item, Items, LngLat, Located, Manager, Rates, RecordDetail, Records, Register, SearchResult, Street, Theme } from './types';
import type { Place as ReportedPlace } from './reporting';
import type { Session } from './rights';
import type { History } from './types-history';
import type { AuditEntry, SentReport } from './types-report';

const TIMEOUT_MS = 15_000;
/** Items a page, and the most pages, of the list of a manager's areas. */
const PAGE_ITEMS = 200;
const PAGES = 5;
const RECORDS = 20;
/** Changed areas that are listed; the counts tell of all. */
const CHANGED = 200;
const ENDED = 'urn:onemap:problem:ended';

/** What went wrong with a request. */
export class ApiError extends Error {
  constructor(
    /** `offline`: no answer at all; `problem`: the server refused; `unreadable`: the answer makes no sense. */
    readonly kind: 'offline' | 'problem' | 'unreadable',
    readonly status: number,
    readonly type: string,
    message: string,
    /** Every member of the problem document. */
    readonly body: Readonly<Record<string, unknown>> = {},
    /** Seconds after which the server may be asked again, where it says so. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }

  get notFound(): boolean {
    return this.status === 404;
  }

  /** An area that is known but not there on the day: it ended before, or begins later. */
  get otherDay(): 'ended' | 'not-begun' | null {
    if (this.type === 'urn:onemap:problem:not-begun') return 'not-begun';
    return this.status === 410 || this.type === ENDED ? 'ended' : null;
  }
}

/** An error that is not a failed request is a fault of this page: it goes to the console, where tests look for it. */
export function reportFault(error: unknown): boolean {
  const fault = !(error instanceof ApiError);
  if (fault) console.error(error);
  return fault;
}

/** True when the server says that what was asked for does not exist. */
export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.notFound;

/** True for the error of a request that we ourselves gave up. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

/** A question that is not a plain GET, or that may take longer than one. */
interface Question {
  method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  /** The tag of the state that is changed: another one by now is an error. */
  ifMatch?: string;
  timeoutMs?: number;
}

async function ask(path: string, signal: AbortSignal | undefined, { method, body, ifMatch, timeoutMs = TIMEOUT_MS }: Question = {}): Promise<Response> {
  const own = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    own.abort();
  }, timeoutMs);
  const pass = () => own.abort();
  if (signal?.aborted) own.abort();
  signal?.addEventListener('abort', pass);
  try {
    // These options equal those of the preload links in index.html, so that the answer is used once and not fetched again.
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...(ifMatch !== undefined && { 'if-match': ifMatch }) };
    const sent = method && { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(path, { signal: own.signal, credentials: 'same-origin', ...sent });
    if (response.ok) return response;
    throw problem(response.status, await response.text().catch(() => ''), response.headers.get('retry-after'));
  } catch (error) {
    if (error instanceof ApiError || (isAbort(error) && !timedOut)) throw error;
    throw new ApiError('offline', 0, '', error instanceof Error ? error.message : '');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', pass);
  }
}

function problem(status: number, text: string, retryAfter: string | null): ApiError {
  let body: Record<string, unknown> = {};
  try {
    body = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    // A proxy may answer with a page of its own; the status alone then tells what happened.
  }
  const told = [body.detail, body.title].find((part): part is string => typeof part === 'string');
  return new ApiError('problem', status, typeof body.type === 'string' ? body.type : '', told ?? '', body, retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : null);
}

export async function json<T>(path: string, signal?: AbortSignal, question?: Question): Promise<T> {
  return (await told<T>(path, signal, question)).body;
}

/** An answer whose status says something too; its body is undefined where there is none. */
export interface Told<T> {
  status: number;
  body: T;
  /** The tag of the state that was told. */
  etag: string | null;
}

export async function told<T>(path: string, signal?: AbortSignal, question?: Question): Promise<Told<T>> {
  const response = await ask(path, signal, question);
  try {
    return { status: response.status, body: (response.status === 204 ? undefined : await response.json()) as T, etag: response.headers.get('etag') };
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError('unreadable', response.status, '', path);
  }
}

/** A file that the server makes. */
export async function download(path: string, question?: Question, signal?: AbortSignal): Promise<Blob> {
  return (await ask(path, signal, question)).blob();
}

/** Sends a form with files. `sent` is told how many of how many bytes are gone; only this kind of request can say so. */
export function upload<T>(path: string, form: FormData, sent: (bytes: number, total: number) => void, signal?: AbortSignal): Promise<Told<T>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.upload.onprogress = ({ loaded, total }) => sent(loaded, total);
    request.onerror = () => reject(new ApiError('offline', 0, '', ''));
    request.onabort = () => reject(new DOMException('given up', 'AbortError'));
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status > 299) return reject(problem(status, responseText, request.getResponseHeader('retry-after')));
      try {
        resolve({ status, body: JSON.parse(responseText) as T, etag: request.getResponseHeader('etag') });
      } catch {
        reject(new ApiError('unreadable', status, '', path));
      }
    };
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

export function query(values: Record<string, string | number | null | undefined>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (pairs.length === 0) return '';
  return `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&')}`;
}

/** Where to look: degrees, or metres of EPSG:4548. */
export type Place = { kind: 'lnglat'; lngLat: LngLat } | { kind: 'grid'; easting: number; northing: number };

const clocks = ({ on, known }: AsOf) => ({ datetime: on, known });

/** The state that is published. */
export const PRESENT: AsOf = { on: null, known: null };

/** Who asks; nobody is somebody too, whose role is `public`. */
export const session = () => json<Session>('/api/session');

export const signOut = (everywhere: boolean, tokens = false) => told<undefined>(`/api/session${query({ everywhere: everywhere ? 'true' : null, tokens: tokens ? 'true' : null })}`, undefined, { method: 'DELETE' });

/** Tells the register what is wrong on the map; the answer has the number to ask by later. */
export const sendReport = (report: { place: ReportedPlace; area: string | null; reason: string; text: string }) => json<{ number: string; url: string }>('/api/reports', undefined, { method: 'POST', body: report });

/** Who changed an area, the newest entry first. */
export const areaAudit = (code: string, signal?: AbortSignal) => json<{ entries: AuditEntry[] }>(`/api/areas/${encodeURIComponent(code)}/audit`, signal);

export const report = (number: string, signal?: AbortSignal) => json<SentReport>(`/api/reports/${encodeURIComponent(number)}`, signal);

export const register = (asOf: AsOf, signal?: AbortSignal) => json<Register>(`/api/register${query(clocks(asOf))}`, signal);

/** A theme; the usual one colours by management and committee. */
export const theme = (street: string | null, asOf: AsOf, signal?: AbortSignal, id = 'management-committee') =>
  json<Theme>(`/api/themes/${id}${query({ street, ...clocks(asOf) })}`, signal);

export const rates = (street: string | null, asOf: AsOf, signal?: AbortSignal) =>
  json<Rates>(`/api/rates${query({ street, ...clocks(asOf) })}`, signal);

/** What is at a place; `accuracyM` widens the ring in which neighbours are listed. */
export function locate(place: Place, accuracyM: number | null, asOf: AsOf, signal?: AbortSignal): Promise<Located> {
  const accuracy = accuracyM === null ? null : Math.min(200, Math.max(1, Math.round(accuracyM)));
  const where =
    place.kind === 'lnglat'
      ? { lng: place.lngLat[0].toFixed(7), lat: place.lngLat[1].toFixed(7) }
      : { easting: place.easting, northing: place.northing };
  return json<Located>(`/api/locate${query({ ...where, accuracy, ...clocks(asOf) })}`, signal);
}

export interface SearchQuestion {
  q: string;
  limit: number;
  near: LngLat | null;
  asOf: AsOf;
}

export async function search({ asOf, ...question }: SearchQuestion, signal?: AbortSignal): Promise<SearchResult[]> {
  const near = question.near ? `${question.near[0].toFixed(5)},${question.near[1].toFixed(5)}` : null;
  const answer = await json<{ results: SearchResult[] }>(`/api/search${query({ ...question, near, ...clocks(asOf) })}`, signal);
  // The public gets the names of managers without their codes: such hits lead nowhere.
  return answer.results.filter((hit) => Boolean(hit.code));
}

const item = <P>(collection: string, code: string, asOf: AsOf, signal?: AbortSignal) =>
  json<Item<P>>(`/api/collections/${collection}/items/${encodeURIComponent(code)}${query(clocks(asOf))}`, signal);

/** An area. One that ended is an error even where the server leads on to the single area that took its place. */
export async function area(code: string, asOf: AsOf, signal?: AbortSignal): Promise<Item<Area>> {
  const answer = await item<Area>('areas', code, asOf, signal);
  if (answer.properties.code !== code) throw new ApiError('problem', 308, ENDED, answer.properties.code);
  return answer;
}

export const street = (code: string, asOf: AsOf, signal?: AbortSignal) => item<Street>('streets', code, asOf, signal);
export const manager = (uscc: string, asOf: AsOf, signal?: AbortSignal) => item<Manager>('managers', uscc, asOf, signal);

/** Every version of an area, newest first, and what it came from and became. */
export const history = (code: string, signal?: AbortSignal) => json<History>(`/api/areas/${encodeURIComponent(code)}/history`, signal);

/** Records, newest first; `older` is the link to the next page that an answer gave. */
export const records = (older: string | null, signal?: AbortSignal) => json<Records>(older ?? `/api/records?limit=${RECORDS}`, signal);

export const record = (id: number, signal?: AbortSignal) => json<RecordDetail>(`/api/records/${id}`, signal);

/** What changed since a record or a day. */
export const changes = (since: string, street: string | null, signal?: AbortSignal) =>
  json<Changes>(`/api/changes${query({ since, street, limit: CHANGED })}`, signal);

/** The same as a feed to subscribe to. */
export const feedPath = (since: string, street: string | null): string => `/api/changes.atom${query({ since, street })}`;

/** The path of the link to the next page, null on the last one. */
export function nextPath(links: readonly { rel: string; href: string }[]): string | null {
  const next = links.find(({ rel }) => rel === 'next')?.href;
  return next ? pathOf(next) : null;
}

/** The areas of a manager, page by page; `whole` is false when there are more than the limits let through. */
export async function areasOf(uscc: string, asOf: AsOf, signal?: AbortSignal): Promise<{ items: Item<Area>[]; whole: boolean }> {
  const items: Item<Area>[] = [];
  let path: string | null = `/api/collections/areas/items${query({ manager: uscc, limit: PAGE_ITEMS, ...clocks(asOf) })}`;
  for (let page = 0; path && page < PAGES; page++) {
    const answer: Items<Area> = await json(path, signal);
    items.push(...answer.features);
    path = nextPath(answer.links);
  }
  return { items, whole: path === null };
}

/** A link of an answer may name the host by a name that only the server's side knows. */
function pathOf(href: string): string {
  const { pathname, search: queried } = new URL(href, location.href);
  return pathname + queried;
}

export const streets = (asOf: AsOf, signal?: AbortSignal) =>
  json<Items<Street>>(`/api/collections/streets/items${query({ limit: 1000, ...clocks(asOf) })}`, signal);

/** Which tiles are asked for. */
export interface TileQuestion {
  asOf: AsOf;
  /** The version of the data: with it the browser may keep tiles for good. */
  version: string | undefined;
}

/** The address of a vector tile. */
export const tilePath = (source: string, { z, x, y }: { z: number; x: number; y: number }, { asOf, version }: TileQuestion): string =>
  `/tiles/${source}/${z}/${x}/${y}.mvt${query({ ...clocks(asOf), v: version })}`;

/** A vector tile, or null where nothing is. */
export async function tile(path: string, signal: AbortSignal): Promise<Uint8Array | null> {
  const response = await ask(path, signal);
  if (response.status === 204) return null;
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length === 0 ? null : bytes;
}
