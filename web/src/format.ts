/** Numbers, dates and distances as people write them. Pure. */

const groups = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** `1637` as `1,637`. */
export const integer = (value: number): string => groups(Math.round(value).toString());

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

/** Whole days from one date to another; negative when the other is earlier. */
export function daysBetween(from: string, until: string): number {
  return Math.round((Date.parse(`${day(until)}T00:00:00Z`) - Date.parse(`${day(from)}T00:00:00Z`)) / 86_400_000);
}

/** Degrees with five decimals (about a metre). */
export const degrees = (value: number): string => value.toFixed(5);
