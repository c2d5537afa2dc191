/** What the card's subjects need besides their own answers. */
import * as api from './api';
import { ApiError, isAbort, isMissing, reportFault } from './api';
import { dayBefore } from './format';
import { t } from './i18n';
import type { Area, BBox, Item } from './types';
import type { History } from './types-history';
import { toast } from './ui/toast';

/** What a failure is to whoever waits for the card. */
export function failureKind(error: unknown): 'offline' | 'missing' | 'sign_in' | 'forbidden' | 'failed' | 'program' {
  if (reportFault(error) || !(error instanceof ApiError)) return 'program';
  if (error.notFound) return 'missing';
  if (error.status === 401 || error.status === 403) return error.status === 401 ? 'sign_in' : 'forbidden';
  return error.kind === 'offline' ? 'offline' : 'failed';
}

/** An ended area on its last day; null where that cannot be had, which is no reason to tell nothing. */
export async function lastState({ code, ended_on }: History, signal: AbortSignal): Promise<Item<Area> | null> {
  if (!ended_on) return null;
  try {
    return await api.area(code, { on: dayBefore(ended_on), known: null }, signal);
  } catch (error) {
    if (isAbort(error)) throw error;
    if (!isMissing(error)) reportFault(error);
    return null;
  }
}

/** The box around all items, null when none has one. */
export function around(items: readonly Item<Area>[]): BBox | null {
  const boxes = items.flatMap(({ bbox }) => (bbox ? [bbox] : []));
  if (boxes.length === 0) return null;
  const side = (pick: (...values: number[]) => number, axis: 0 | 1 | 2 | 3) => pick(...boxes.map((box) => box[axis]));
  return [side(Math.min, 0), side(Math.min, 1), side(Math.max, 2), side(Math.max, 3)];
}

/** Copies the address of the page. */
export function copyLink(): void {
  navigator.clipboard
    .writeText(location.href)
    .then(() => toast({ icon: 'check', text: t('card.copied') }))
    .catch(() => toast({ icon: 'warning', text: t('card.copy_failed') }));
}
