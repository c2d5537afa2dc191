/** What the pages of accounts, reports and the audit log ask the server, through `api.ts`. */
import { download, json, nextPath, query, told, type Told } from '../api';
import { dayAfter } from '../format';
import type { Session } from '../rights';
import type { Account, AccountChange, AuditPage, Links, NewAccount, Outcome, Report, Reports, ReportState, Scope, Token } from './types';

const PAGE = 50;
/** The whole log as a file takes a while. */
const EXPORT_MS = 120_000;

export const signIn = (name: string, password: string): Promise<Session> => json('/api/session', undefined, { method: 'POST', body: { name, password } });

export const changePassword = (current: string, next: string): Promise<Told<undefined>> => told('/api/session/password', undefined, { method: 'PUT', body: { current, new: next } });

/** One's own, or those of everybody. */
export const tokens = async (everybody: boolean): Promise<Token[]> => (await json<{ tokens: Token[] }>(`/api/tokens${query({ everybody: everybody ? 'true' : null })}`)).tokens;

export const makeToken = (name: string, scopes: readonly Scope[], days: number): Promise<Token & { secret: string }> => json('/api/tokens', undefined, { method: 'POST', body: { name, scopes, days } });

export const removeToken = (id: string): Promise<Told<undefined>> => told(`/api/tokens/${encodeURIComponent(id)}`, undefined, { method: 'DELETE' });

export const accounts = async (): Promise<Account[]> => (await json<{ accounts: Account[] }>('/api/accounts')).accounts;

const accountPath = (name: string): string => `/api/accounts/${encodeURIComponent(name)}`;

/** An account with the tag that a change of it must name. */
export const account = (name: string): Promise<Told<Account>> => told(accountPath(name));

export const addAccount = (account: NewAccount): Promise<Account> => json('/api/accounts', undefined, { method: 'POST', body: account });

export const changeAccount = (name: string, change: AccountChange, tag: string): Promise<Account> => json(accountPath(name), undefined, { method: 'PATCH', body: change, ifMatch: tag });

export interface ReportQuestion {
  state: ReportState | null;
  street: string | null;
}

export const reports = (asked: ReportQuestion): Promise<Reports> => json(`/api/reports${query({ ...asked, limit: PAGE })}`);

const reportPath = (number: string): string => `/api/reports/${encodeURIComponent(number)}`;

/** What everybody may know of a report; whoever answers reports is told the rest too. */
export const report = (number: string): Promise<Told<Outcome | Report>> => told(reportPath(number));

export const answerReport = (number: string, answer: { state: ReportState; answer: string }, tag: string): Promise<Report> => json(reportPath(number), undefined, { method: 'PATCH', body: answer, ifMatch: tag });

export interface AuditQuestion {
  who: string | null;
  action: string | null;
  area: string | null;
  since: string | null;
  until: string | null;
}

/** The server counts to the start of a day; whoever names a last day means all of it. */
const wholeDays = (asked: AuditQuestion): AuditQuestion => ({ ...asked, until: asked.until && dayAfter(asked.until) });

export const audit = (asked: AuditQuestion): Promise<AuditPage> => json(`/api/audit${query({ ...wholeDays(asked), limit: PAGE })}`);

export const auditFile = (asked: AuditQuestion): Promise<Blob> => download(`/api/audit${query({ ...wholeDays(asked), f: 'csv' })}`, { timeoutMs: EXPORT_MS });

/** The next page of a list, null on the last one. */
export const more = <T extends Links>({ links }: Links): Promise<T> | null => {
  const path = nextPath(links);
  return path === null ? null : json<T>(path);
};
