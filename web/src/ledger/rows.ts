/** Rows of the table as the map wants them, and work on them that nobody waits for. */
import type { LngLat } from '../types';
import type { Table } from './table';

/** 1 for every row that is among some. */
export function marked(rows: Uint32Array, count: number): Uint8Array {
  const held = new Uint8Array(count);
  for (const row of rows) held[row] = 1;
  return held;
}

/** Where the areas of rows lie. */
export function* places(table: Table, rows: Uint32Array): Generator<LngLat> {
  for (const row of rows) {
    const label = table.sent.labels[row];
    if (label) yield label;
  }
}

/** Takes one step after another, each in a turn of its own, as long as they are wanted. */
export function inSteps(steps: Iterator<void>, wanted: () => boolean): void {
  setTimeout(() => {
    if (wanted() && !steps.next().done) inSteps(steps, wanted);
    else performance.mark('ledger-prepared');
  }, 0);
}
