/** Values of a field as a clerk reads them. */
import { integer } from '../format';
import { term } from '../i18n';
import { termOf } from './texts';

/** Groups of the texts of the map page in which the values of a field stand. */
const GROUPS: Record<string, readonly string[]> = { mgmt_type: ['management', 'quasi'], quasi_kind: ['quasi'], contract_kind: ['contract'], committee: ['committee'] };

/** Words for a value of a field, which may be a code, a number or a list. */
export function words(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (Array.isArray(value)) return value.map((part) => words(name, part)).join('、');
  if (typeof value === 'number') return integer(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const own = termOf(`value.${name}`, text);
  if (own !== text) return own;
  for (const group of GROUPS[name] ?? [name]) {
    const known = term(group, text);
    if (known !== text) return known;
  }
  return text;
}
