/** What is said of a printed figure: beside the counts of its day, and beside the counts that were printed with it. */
import { integer, percent } from '../format';
import type { Candidates, Printed } from '../types';
import { t } from './texts';

const counts = ({ numerator, denominator }: { numerator: number | null; denominator: number | null }): string => [numerator, denominator].map((n) => (n === null ? '?' : integer(n))).join(' / ');

/** Whether nothing of it needs a second look. */
export const holds = ({ follows, same_counts, own }: Printed): boolean => follows && same_counts && own?.follows !== false;

/** One sentence each. */
export function printedTexts(printed: Printed): string[] {
  const { computed, own } = printed;
  const said = percent(printed.percent);
  const with_counts = printed.numerator === null && printed.denominator === null ? said : `${said} (${counts(printed)})`;
  const of_day = { counts: counts(computed), percent: percent(computed.percent) };
  const source = printed.source.includes(printed.date) ? printed.source : `${printed.source} ${printed.date}`;
  const texts = [t('rates.printed', { percent: with_counts, source })];
  if (!printed.follows) texts.push(t('rates.printed.differs', { ...of_day, n: Math.abs(printed.difference_points ?? 0).toFixed(1) }));
  else texts.push(t('rates.printed.follows', of_day));
  if (own && !own.follows) {
    texts.push(t('rates.printed.own', { counts: counts(printed), percent: percent(own.percent), printed: said }));
    if (own.candidates) texts.push(...candidateTexts(own.candidates));
    return texts;
  }
  if (printed.follows && !printed.same_counts) texts.push(t('rates.printed.counts', { counts: counts(printed) }));
  if (printed.candidates) texts.push(...candidateTexts(printed.candidates));
  return texts;
}

const range = ([from, to]: readonly [number, number]): string => (from === to ? integer(from) : t('rates.range', { from: integer(from), to: integer(to) }));

/** Which counts a printed percentage would follow from. */
export function candidateTexts({ numerators, with_denominator, denominators, with_numerator }: Candidates): string[] {
  const found = [
    numerators && t('rates.candidates.numerator', { range: range(numerators), denominator: integer(with_denominator) }),
    denominators && t('rates.candidates.denominator', { range: range(denominators), numerator: integer(with_numerator) }),
  ].filter((text): text is string => Boolean(text));
  return found.length > 0 ? found : [t('rates.candidates.none')];
}
