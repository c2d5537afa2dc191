/** What is changed of an account, and what somebody else changed meanwhile. Pure. */
import type { Account, AccountChange } from './types';

/** Roles that an account may have. */
export const ROLES = ['officer', 'clerk', 'district', 'auditor', 'admin'] as const;

/** What an account may be called. */
export const NAME = /^[a-z0-9._-]{2,64}$/;

const FIELDS = ['display_name', 'role', 'streets', 'disabled'] as const;
type FieldName = (typeof FIELDS)[number];

/** An order of streets means nothing. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(Array.isArray(a) ? [...(a as string[])].sort() : a) === JSON.stringify(Array.isArray(b) ? [...(b as string[])].sort() : b);

/** Only what differs is sent, so that what somebody else changes at the same time stays. */
export function changesOf(before: Account, filled: Pick<Account, FieldName> & { password?: string }): AccountChange {
  const changed = FIELDS.filter((name) => !same(before[name], filled[name]));
  return { ...Object.fromEntries(changed.map((name) => [name, filled[name]])), ...(filled.password && { password: filled.password }) };
}

export interface Differing {
  field: FieldName;
  from: Account[FieldName];
  to: Account[FieldName];
}

/** The fields in which two states of an account differ. */
export const differing = (before: Account, now: Account): Differing[] => FIELDS.filter((name) => !same(before[name], now[name])).map((name) => ({ field: name, from: before[name], to: now[name] }));
