/** Which rows of a long list are made into elements. Pure. */

/** Rows beyond the edges that are made as well, so that a quick move of the wheel shows no gap. */
const SPARE = 8;

/** The rows from `first` until before `last` for a list whose top lies `offsetPx` above the upper edge of what is seen. */
export function rowsInView(total: number, rowPx: number, offsetPx: number, heightPx: number): { first: number; last: number } {
  const first = Math.max(0, Math.min(total, Math.floor(offsetPx / rowPx) - SPARE));
  // Also a list below the edge has rows: whoever does not look at the screen reads on into it.
  return { first, last: Math.min(total, Math.max(first, Math.ceil((offsetPx + heightPx) / rowPx)) + SPARE) };
}

/** The row that a key leads to, null for a key that leads nowhere. */
export function rowForKey(key: string, at: number, total: number, page: number): number | null {
  if (total === 0) return null;
  const last = total - 1;
  const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at < 0 ? last : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: last };
  const to = moves[key];
  return to === undefined ? null : Math.max(0, Math.min(last, to));
}

/** Where a list of `heightPx` must be scrolled to so that a row is seen whole below a head; the present place when it is. */
export function scrollFor(row: number, rowPx: number, headPx: number, scrollPx: number, heightPx: number): number {
  const top = row * rowPx;
  if (top < scrollPx) return top;
  const bottom = top + rowPx + headPx - heightPx;
  return bottom > scrollPx ? bottom : scrollPx;
}
