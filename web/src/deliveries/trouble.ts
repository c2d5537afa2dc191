/** What a failed request means to a clerk: what happened, what is safe, what to do next. Pure. */
import { ApiError } from '../api';
import { known, type Key } from './texts';

export interface Trouble {
  what: Key;
  safe: Key;
  next: Key;
  /** What fills the holes of the first. */
  params: Record<string, number>;
  /** The server's own words, where they tell more. */
  detail: string | null;
  /** Areas that stand in the way. */
  areas: { code: string; name: string | null }[];
  /** What is wrong with which member of the form. */
  faults: { field: string; message: string }[];
}

/** By the type of the problem. */
const TYPES: Record<string, string> = {
  'sign-in-needed': 'sign_in',
  'not-allowed': 'not_allowed',
  'cross-site': 'forbidden',
  'host-not-allowed': 'forbidden',
  'not-publishable': 'not_publishable',
  vanishing: 'vanishing',
  'already-published': 'already_published',
  'not-published': 'not_published',
  changed: 'changed',
  decided: 'decided',
  busy: 'busy',
  faults: 'faults',
  'store-full': 'store_full',
};
/** By the status, where the type says no more. */
const STATUSES: Record<number, string> = { 400: 'unreadable', 401: 'sign_in', 403: 'forbidden', 404: 'not_found', 413: 'too_large', 415: 'unsupported', 422: 'faults', 507: 'store_full' };
/** Kinds whose cause is in the server's words. */
const TOLD = new Set(['unreadable', 'unsupported', 'too_large', 'faults', 'failed', 'forbidden']);

export function troubleOf(error: unknown): Trouble {
  const kind = kindOf(error);
  const text = (part: string, otherwise: Key): Key => known(`trouble.${kind}.${part}`, otherwise);
  const body = error instanceof ApiError ? error.body : {};
  return {
    what: text('what', 'trouble.failed.what'),
    safe: text('safe', 'trouble.failed.safe'),
    next: text('next', 'trouble.failed.next'),
    params: typeof body.decisions === 'number' ? { n: body.decisions } : {},
    detail: error instanceof ApiError && error.kind === 'problem' && TOLD.has(kind) && error.message ? error.message : null,
    areas: areasOf(body.areas),
    faults: faultsOf(body.faults),
  };
}

/** True when the cases of a delivery were decided one by one, so that it is not published as a whole. */
export const isDecided = (error: unknown): boolean => error instanceof ApiError && kindOf(error) === 'decided';

function kindOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'program';
  if (error.kind === 'offline') return 'offline';
  const type = error.type.replace('urn:onemap:problem:', '');
  return TYPES[type] ?? STATUSES[error.status] ?? 'failed';
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function areasOf(value: unknown): Trouble['areas'] {
  return list(value).flatMap((area) => {
    if (typeof area === 'string') return [{ code: area, name: null }];
    const { code, name } = Object(area) as { code?: unknown; name?: unknown };
    const known = textOf(code);
    return known ? [{ code: known, name: textOf(name) }] : [];
  });
}

/** `place` is a JSON pointer into what was sent: its last part names the member of the form. */
function faultsOf(value: unknown): Trouble['faults'] {
  return list(value).flatMap((fault) => {
    const { place, field, message } = Object(fault) as { place?: unknown; field?: unknown; message?: unknown };
    const told = textOf(message);
    return told ? [{ field: textOf(place)?.split('/').pop() ?? textOf(field) ?? '', message: told }] : [];
  });
}

