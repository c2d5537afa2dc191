/** What the page asks the server, through `api.ts`. */
import { json, nextPath, query } from '../api';
import type { RecordForm } from '../deliveries/types';
import { may } from '../session';
import { kindOf } from './errors';
import type { Case, CaseRow, Decided, Preview, Published, Question, Summary } from './types';

const PAGE = 2000;
const CASES_MAX = 60_000;
/** Matching a large delivery takes its time. */
const LONG_MS = 120_000;

const pathOf = (id: number, rest: string): string => `/api/deliveries/${id}/${rest}`;
const post = (body: unknown) => ({ method: 'POST', body, timeoutMs: LONG_MS }) as const;

export const run = (id: number, signal?: AbortSignal): Promise<Summary> => json(pathOf(id, 'reconciliation'), signal, post({}));

/** Runs that are on their way, which several questions may wait for. */
const running = new Map<number, Promise<Summary>>();

/** Asks; a server that was started anew since is first told to compare again, by whoever may. */
async function asked<T>(id: number, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (kindOf(error) !== 'not_reconciled' || !may('deliver')) throw error;
  }
  const again = running.get(id) ?? run(id).finally(() => running.delete(id));
  running.set(id, again);
  await again;
  return ask();
}

/** Every case, in the order of consequence. */
export const cases = (id: number, signal?: AbortSignal): Promise<CaseRow[]> => asked(id, () => pages(id, signal));

async function pages(id: number, signal?: AbortSignal): Promise<CaseRow[]> {
  const all: CaseRow[] = [];
  let next: string | null = pathOf(id, `reconciliation/cases${query({ limit: PAGE })}`);
  while (next && all.length < CASES_MAX) {
    const page: { cases: CaseRow[]; links: { rel: string; href: string }[] } = await json(next, signal, { timeoutMs: LONG_MS });
    all.push(...page.cases);
    next = nextPath(page.links);
  }
  return all;
}

export const one = (id: number, key: string, signal?: AbortSignal): Promise<Case> => asked(id, () => json(pathOf(id, `reconciliation/cases/${key}`), signal));

export const decide = (id: number, question: Question): Promise<Decided> => asked(id, () => json(pathOf(id, 'decisions'), undefined, post(question)));

export const undo = (id: number, key: string, record?: RecordForm): Promise<{ summary?: Summary; revision?: number }> => asked(id, () => json(pathOf(id, 'decisions/undo'), undefined, post({ case: key, ...(record && { record }) })));

export const give = (id: number, street: string, name: string | null): Promise<{ summary: Summary }> => asked(id, () => json(pathOf(id, 'owners'), undefined, post({ street, name })));

export const answerTask = (id: number, answer: { case: string; answer: string; name: string; dated: string; until?: string; note?: string }): Promise<{ case: CaseRow }> => asked(id, () => json(pathOf(id, 'tasks'), undefined, post(answer)));

export const preview = (id: number, signal?: AbortSignal): Promise<Preview> => asked(id, () => json(pathOf(id, 'preview'), signal, { timeoutMs: LONG_MS }));

export const publish = (id: number, record: RecordForm, options: { leave_undecided: boolean; preview?: string; confirm_vanishing?: number }): Promise<Published> => asked(id, () => json(pathOf(id, 'reconciliation/publish'), undefined, post({ record, ...options })));

export const handbackPath = (id: number, f: 'csv' | 'xlsx' | 'zip', part?: 'rows' | 'tasks'): string => pathOf(id, `handback${query({ f, part })}`);
