/** What the server answers about accounts, tokens, reports of the public and the audit log; `docs/api.md` is the contract. */
import type { Role } from '../rights';
import type { Place } from '../reporting';
import type { AuditEntry } from '../types-report';

export interface Account {
  name: string;
  display_name: string;
  role: Role;
  streets: string[];
  disabled: boolean;
  locked_until: string | null;
  last_sign_in: string | null;
}

export interface NewAccount {
  name: string;
  display_name: string;
  role: Role;
  streets: string[];
  password: string;
}

/** What is changed of an account; what is left out stays. */
export type AccountChange = Partial<Omit<NewAccount, 'name'> & { disabled: boolean }>;

export type Scope = 'read' | 'edit' | 'deliver' | 'audit';

export interface Token {
  id: string;
  name: string;
  /** Told where tokens of others are listed too. */
  owner?: string;
  scopes: string[];
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
}

export type ReportState = 'received' | 'accepted' | 'rejected' | 'done';

/** What everybody may know of a report. */
export interface Outcome {
  number: string;
  state: ReportState;
  answer: string | null;
  received_on: string;
  decided_on: string | null;
}

export interface Report extends Outcome {
  reason: string;
  text: string;
  place: Place;
  area: string | null;
  area_name?: string | null;
  street: string | null;
  street_name?: string | null;
  revision: number;
}

export interface Links {
  links: { rel: string; href: string }[];
}

export interface Reports extends Links {
  reports: Report[];
  counts?: Record<ReportState, number>;
}

export interface AuditPage extends Links {
  entries: AuditEntry[];
}
