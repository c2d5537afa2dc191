/** What the server tells of a report of the public, and of who did what. */
import type { Place } from './reporting';

/** A report as it is told; whoever may not answer it is told less. */
export interface SentReport {
  number: string;
  state: string;
  answer: string | null;
  received_on: string;
  decided_on: string | null;
  reason?: string;
  text?: string;
  place?: Place;
  area?: string | null;
  area_name?: string | null;
  street_name?: string | null;
}

/** One entry of the audit log. */
export interface AuditEntry {
  seq: number;
  at: string;
  who: string | null;
  role: string;
  action: string;
  object: string | null;
  before: unknown;
  after: unknown;
  record: number | null;
  address_hash: string | null;
}
