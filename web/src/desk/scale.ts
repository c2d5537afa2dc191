/** The left edge of a chart. Pure. */

const STEPS = 4;

/** Round numbers from at most the least to at least the most value; `whole` for counts. */
export function scale(values: readonly number[], least: number | null = null, whole = false): { from: number; to: number; step: number } {
  const low = Math.min(least ?? Infinity, ...values);
  const high = Math.max(...values);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { from: 0, to: 1, step: 1 };
  // A course that hardly moves is not blown up to the height of the chart.
  const span = Math.max(high - low, 1);
  const rough = whole ? Math.max(1, span / STEPS) : span / STEPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? power * 10;
  const from = Math.floor(low / step) * step;
  const to = Math.max(Math.ceil(high / step) * step, from + step);
  return { from, to, step };
}
