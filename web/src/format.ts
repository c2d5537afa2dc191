/** Numbers, dates and distances as people write them. Pure. */
import type { Counts, Lang } from './types';

const groups = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** `1637` as `1,637`. */
export const integer = (value: number): string => groups(Math.round(value).toString());

/** A count that may be held back: `<5` where it is told to be small, a star where nothing is told. */
export const counted = (value: number | null, below?: number): string => (value !== null ? integer(value) : below === undefined ? '*' : `<${below}`);

/** The two integers of a share. */
export const outOf = (of: Counts): string => `${counted(of.numerator, of.numerator_below)} / ${counted(of.denominator, of.denominator_below)}`;

/** The sum of counts; null where one of them is held back. */
export const sum = (values: readonly (number | null)[]): number | null => values.reduce((all, value) => (all === null || value === null ? null : all + value), 0);

/** At most `digits` decimals, thousands separated. */
export function decimal(value: number, digits: number): string {
  const [whole = '0', fraction] = value.toFixed(digits).split('.');
  const kept = fraction?.replace(/0+$/, '');
  return kept ? `${groups(whole)}.${kept}` : groups(whole);
}

/** A percentage with one decimal; a dash when there is nothing to divide by. */
export const percent = (value: number | null): string => (value === null ? '—' : `${value.toFixed(1)}%`);

/** Metres below a kilometre, kilometres above. */
export function distance(metres: number): string {
  if (metres < 10) return `${metres.toFixed(1)} m`;
  return metres < 995 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(metres < 9950 ? 1 : 0)} km`;
}

/** The date of an RFC 3339 date or instant, `2022-10-27`. */
export const day = (text: string): string => text.slice(0, 10);

/** True for a day of the calendar as `2022-10-27`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  // 30 February is read as a day of March by some browsers.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The day before. */
export const dayBefore = (text: string): string => new Date(Date.parse(`${day(text)}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

/** The day after. */
export const dayAfter = (text: string): string => new Date(Date.parse(`${day(text)}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** A day as a sentence names it: `2022-10-27`, in English `27 October 2022`. */
export const longDay = (text: string, lang: Lang): string =>
  lang === 'en' ? new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${day(text)}T00:00:00Z`)) : day(text);

/** Whole days from one date to another; negative when the other is earlier. */
export function daysBetween(from: string, until: string): number {
  return Math.round((Date.parse(`${day(until)}T00:00:00Z`) - Date.parse(`${day(from)}T00:00:00Z`)) / 86_400_000);
}

/** Degrees with five decimals (about a metre). */
export const degrees = (value: number): string => value.toFixed(5);

/** An instant in Beijing, `2026-11-25 16:03`; a text that is no instant as it is. */
export function moment(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) return text;
  return new Date(time + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}

/** Today in Beijing. */
export const today = (now = Date.now()): string => new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
