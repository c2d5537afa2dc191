/** The part of an address that the pages of lists share: street and day. Pure but for the address itself. */
import { isDay } from '../format';
import type { AsOf } from '../types';

export interface Scope extends AsOf {
  street: string | null;
}

const CODE = /^[\p{L}\p{N}._~-]{1,64}$/u;

export function parseScope(search: string): Scope {
  const query = new URLSearchParams(search);
  const [street, on, known] = ['street', 'on', 'known'].map((name) => query.get(name));
  return { street: street && CODE.test(street) ? street : null, on: on && isDay(on) ? on : null, known: known || null };
}

/** `?street=…&on=…` as the pages pass it on to each other, empty without either. */
export function passedOn(search: string): string {
  const { street, on, known } = parseScope(search);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ street, on, known })) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The query of an address with some words set anew; null and an empty text take a word away. */
export function withWords(search: string, words: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(words)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString().replaceAll('%2C', ',');
  return text ? `?${text}` : '';
}
