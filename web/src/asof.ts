/** Which day the map shows, and whether that is the present. */
import { day, isDay, today } from './format';
import type { AsOf, Clocks } from './types';

/** The earliest day that the date field offers: there were no management areas before. */
export const EARLIEST = '1980-01-01';

/** The latest day that can be asked for: today, or the date of the data where that is later. */
export function latestDay(dataDate: string, now = today()): string {
  return day(dataDate) > now ? day(dataDate) : now;
}

/** The day on which duties are counted when nobody names one; the days of a demonstration are those of its survey. As the server has it. */
export const dueDay = ({ data_date, demo }: { data_date: string; demo: boolean }, now = today()): string => (demo ? day(data_date) : latestDay(data_date, now));

/** True when both ask about the same day and the same knowledge. */
export const sameClocks = (a: AsOf, b: AsOf): boolean => a.on === b.on && a.known === b.known;

/** True when another day or an earlier knowledge than the published one was asked for; `answered` settles it once it is there. */
export const isPast = ({ on, known }: AsOf, answered: Clocks | undefined): boolean => (on !== null || known !== null) && answered?.present !== true;

/** How the knowledge is limited: not at all, to the end of the day shown, to a record, or to a day or an instant of its own. */
export function knowledge({ on, known }: AsOf): { kind: 'all' | 'then' } | { kind: 'record' | 'time'; value: string } {
  if (known === null) return { kind: 'all' };
  if (known === on) return { kind: 'then' };
  return /^\d+$/.test(known) ? { kind: 'record', value: known } : { kind: 'time', value: known };
}

/** The two clocks after another day was chosen: "as known then" follows the day, a record stays. */
export function withDay(asOf: AsOf, on: string | null): AsOf {
  if (on === null) return { on: null, known: null };
  return { on, known: knowledge(asOf).kind === 'then' ? on : asOf.known };
}

/** The day in the date field, null when it is none that the field offers. */
export function readDay(text: string, latest: string): string | null {
  return isDay(text) && text >= EARLIEST && text <= latest ? text : null;
}
