/** What a new password must be, as far as a page can tell; how easily one is guessed the server finds. Pure. */

export const SHORTEST = 15;
export const LONGEST = 256;

export type Rule = 'short' | 'long' | 'name' | 'guessable';

/** Whether a password keeps a rule; null where only the server knows. Characters count, not bytes. */
export function keeps(rule: Rule, password: string, name: string): boolean | null {
  const length = [...password].length;
  if (rule === 'short') return length >= SHORTEST;
  if (rule === 'long') return length <= LONGEST;
  if (rule === 'name') return name === '' || !password.toLowerCase().includes(name.toLowerCase());
  return null;
}

/** Rules that are shown: that of the longest is only worth a word when it is broken. */
export const shownRules = (password: string): Rule[] => ['short', ...(keeps('long', password, '') ? [] : ['long' as const]), 'name', 'guessable'];

/** True when nothing is left to complain about here. */
export const isFit = (password: string, name: string): boolean => (['short', 'long', 'name'] as const).every((rule) => keeps(rule, password, name));

/** The rules that the server found broken, out of its problem document. */
export function brokenRules(body: Readonly<Record<string, unknown>>): Rule[] {
  const reasons: unknown[] = Array.isArray(body.reasons) ? body.reasons : [];
  return (['short', 'long', 'name', 'guessable'] as const).filter((rule) => reasons.includes(rule));
}
