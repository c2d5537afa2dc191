/** What the page asks the server, through `api.ts`. */
import { json, nextPath, query } from '../api';
import type { RecordForm } from '../deliveries/types';
import type { Case, CaseRow, Decided, Preview, Question, Summary } from './types';

const PAGE = 2000;
const CASES_MAX = 60_000;
/** Matching a large delivery takes its time. */
const LONG_MS = 120_000;

const pathOf = (id: number, rest: string): string => `/api/deliveries/${id}/${rest}`;
const post = (body: unknown) => ({ method: 'POST', body, timeoutMs: LONG_MS }) as const;

export const run = (id: number, signal?: AbortSignal): Promise<Summary> => json(pathOf(id, 'reconciliation'), signal, post({}));

/** Every case, in the order of consequence. */
export async function cases(id: number, signal?: AbortSignal): Promise<CaseRow[]> {
  const all: CaseRow[] = [];
  let next: string | null = pathOf(id, `reconciliation/cases${query({ limit: PAGE })}`);
  while (next && all.length < CASES_MAX) {
    const page: { cases: CaseRow[]; links: { rel: string; href: string }[] } = await json(next, signal, { timeoutMs: LONG_MS });
    all.push(...page.cases);
    next = nextPath(page.links);
  }
  return all;
}

export const one = (id: number, key: string, signal?: AbortSignal): Promise<Case> => json(pathOf(id, `reconciliation/cases/${key}`), signal);

export const decide = (id: number, question: Question): Promise<Decided> => json(pathOf(id, 'decisions'), undefined, post(question));

export const undo = (id: number, key: string, record?: RecordForm): Promise<{ summary?: Summary; revision?: number }> => json(pathOf(id, 'decisions/undo'), undefined, post({ case: key, ...(record && { record }) }));

export const give = (id: number, street: string, name: string | null): Promise<{ summary: Summary }> => json(pathOf(id, 'owners'), undefined, post({ street, name }));

export const answerTask = (id: number, answer: { case: string; answer: string; name: string; dated: string; until?: string; note?: string }): Promise<{ case: CaseRow }> => json(pathOf(id, 'tasks'), undefined, post(answer));

export const preview = (id: number, signal?: AbortSignal): Promise<Preview> => json(pathOf(id, 'preview'), signal, { timeoutMs: LONG_MS });

export const publish = (id: number, record: RecordForm, options: { leave_undecided: boolean; confirm_vanishing?: number }): Promise<{ revision: number }> => json(pathOf(id, 'reconciliation/publish'), undefined, post({ record, ...options }));

export const handbackPath = (id: number, f: 'csv' | 'xlsx' | 'zip', part?: 'rows' | 'tasks'): string => pathOf(id, `handback${query({ f, part })}`);
