/** The left edge of a chart. Pure. */

const STEPS = 4;

/** Round numbers from at most the least to at least the most value. */
export function scale(values: readonly number[], least: number | null = null): { from: number; to: number; step: number } {
  const low = Math.min(least ?? Infinity, ...values);
  const high = Math.max(...values);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { from: 0, to: 1, step: 1 };
  const span = Math.max(high - low, 1e-9);
  const rough = span / STEPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? power * 10;
  const from = Math.floor(low / step) * step;
  const to = Math.max(Math.ceil(high / step) * step, from + step);
  return { from, to, step };
}
