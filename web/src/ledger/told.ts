/** How many rows are said to be shown. */
import { integer } from '../format';
import { seesSmallCounts } from '../session';
import { t } from '../desk/texts';
import type { LedgerView } from './view';

/** Fewer than these are a small group. */
const SMALL_BELOW = 5;

/**
 * The number of rows, or null where it is not said: whoever may not know small counts is told how many areas streets have,
 * and no part of them, for what is left of a street would follow from it.
 */
export function toldRows({ q, conditions }: Pick<LedgerView, 'q' | 'conditions'>, rows: number): string | null {
  const ofStreets = q === '' && [...conditions.keys()].every((key) => key === 'street');
  return seesSmallCounts() || (ofStreets && rows >= SMALL_BELOW) ? integer(rows) : null;
}

/** The same beside the number of all. */
export function countText(view: LedgerView, rows: number, all: number): string {
  if (rows === all) return t('ledger.count', { n: integer(all) });
  const n = toldRows(view, rows);
  return n === null ? t('ledger.count.listed', { all: integer(all) }) : t('ledger.count.some', { n, all: integer(all) });
}
