/** What the page asks the server about deliveries, through `api.ts`. */
import { json, nextPath, query, told, upload, type Told } from '../api';
import type { Deliveries, Delivery, DraftFeature, DraftRows, Exception, Finding, Findings, NewException, Published, Received, RecordForm, Report, Settings } from './types';

const LIST_ITEMS = 30;
/** The largest pages that the server gives. */
const FINDINGS = 1000;
const ROWS = 5000;
/** What is beyond this is read in the files that can be downloaded, not on a screen. */
export const FINDINGS_MAX = 20_000;
const ROWS_MAX = 60_000;
/** Checks of large files are made anew when the register has gone on. */
const LONG_MS = 120_000;
const POLL_MS = 500;
/** The server's limit on a delivery. */
export const UPLOAD_MAX_BYTES = 64 * 1024 * 1024;

const pathOf = (id: number, rest = ''): string => `/api/deliveries/${id}${rest}`;

export const deliveries = (older: string | null, signal?: AbortSignal): Promise<Deliveries> => json(older ?? `/api/deliveries${query({ limit: LIST_ITEMS })}`, signal);

export const delivery = (id: number, signal?: AbortSignal): Promise<Delivery> => json(pathOf(id), signal, { timeoutMs: LONG_MS });

export interface Handed {
  sender: string;
  note: string;
  files: readonly File[];
}

/** Hands files in; answers the delivery, also when the same bytes were handed in before. */
export async function handIn({ sender, note, files }: Handed, sent: (bytes: number, total: number) => void, signal?: AbortSignal): Promise<Received> {
  const form = new FormData();
  form.append('sender', sender);
  if (note) form.append('note', note);
  for (const file of files) form.append('file', file, file.name);
  const { body, status } = await upload<Received>('/api/deliveries', form, sent, signal);
  return { ...body, new: body.new && status !== 200 };
}

/** Checks a delivery and waits for the report; `reached` is told how far it has come. */
export async function check(id: number, settings: Settings, reached: (delivery: Delivery) => void, signal: AbortSignal): Promise<Report> {
  let answered = false;
  // A second question tells of the progress while the first one still waits for its answer.
  void follow(id, reached, () => answered, signal).catch(() => undefined);
  let answer: Told<Report>;
  try {
    answer = await told<Report>(pathOf(id, '/check'), signal, { method: 'POST', body: settings, timeoutMs: LONG_MS });
  } finally {
    answered = true;
  }
  return answer.status === 202 ? finished(id, reached, signal) : answer.body;
}

/** Waits for a check that is on its way. */
async function finished(id: number, reached: (delivery: Delivery) => void, signal: AbortSignal): Promise<Report> {
  await idle(id, reached, signal);
  return report(id, signal);
}

/** The delivery once nobody checks it any more. */
export async function idle(id: number, reached: (delivery: Delivery) => void, signal: AbortSignal): Promise<Delivery> {
  for (;;) {
    await pause();
    signal.throwIfAborted();
    const now = await delivery(id, signal);
    if (!now.progress) return now;
    reached(now);
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS));

async function follow(id: number, reached: (delivery: Delivery) => void, enough: () => boolean, signal: AbortSignal): Promise<void> {
  while (!enough() && !signal.aborted) {
    await pause();
    if (enough() || signal.aborted) return;
    reached(await delivery(id, signal));
  }
}

export const report = (id: number, signal?: AbortSignal): Promise<Report> => json(pathOf(id, '/report'), signal, { timeoutMs: LONG_MS });

/** Every finding, page by page; `whole` is false when there are more than a screen can use. */
export async function findings(id: number, signal: AbortSignal): Promise<{ items: Finding[]; total: number; whole: boolean }> {
  const items: Finding[] = [];
  let total = 0;
  let path: string | null = `${pathOf(id, '/findings')}${query({ limit: FINDINGS })}`;
  while (path && items.length < FINDINGS_MAX) {
    const page: Findings = await json(path, signal, { timeoutMs: LONG_MS });
    items.push(...page.findings);
    total = page.total;
    path = nextPath(page.links);
  }
  return { items, total, whole: path === null };
}

/** Every row of the draft, page by page. */
export async function rows(id: number, signal: AbortSignal): Promise<DraftFeature[]> {
  const items: DraftFeature[] = [];
  let path: string | null = `${pathOf(id, '/rows')}${query({ limit: ROWS })}`;
  while (path && items.length < ROWS_MAX) {
    const page: DraftRows = await json(path, signal, { timeoutMs: LONG_MS });
    items.push(...page.features);
    path = nextPath(page.links);
  }
  return items;
}

/** The whole report as a file. */
export const reportFile = (id: number, format: 'csv' | 'xlsx' | 'html'): string => `${pathOf(id, '/findings')}?f=${format}`;

/** A delivered file, byte for byte; counted from 1. */
export const deliveredFile = (id: number, number: number): string => pathOf(id, `/files/${number}`);

export const publish = (id: number, record: RecordForm, vanishing: number | null): Promise<Published> =>
  json(pathOf(id, '/publish'), undefined, { method: 'POST', body: { record, ...(vanishing !== null && { confirm_vanishing: vanishing }) }, timeoutMs: LONG_MS });

export const undo = (id: number, record: RecordForm): Promise<{ revision: number }> =>
  json(pathOf(id, '/undo'), undefined, { method: 'POST', body: { record }, timeoutMs: LONG_MS });

export const except = (body: NewException): Promise<Exception> => json('/api/exceptions', undefined, { method: 'POST', body });

export const exceptions = async (): Promise<Exception[]> => (await json<{ exceptions: Exception[] }>('/api/exceptions')).exceptions;

export const withdraw = async (id: number): Promise<void> => void (await told<void>(`/api/exceptions/${id}`, undefined, { method: 'DELETE' }));
