/** What the pages of lists and figures ask the server, through `api.ts`. */
import { download, json, nextPath, query } from '../api';
import type { SentLedger } from '../ledger/table';
import type { AsOf, Item, Items, Lang, Manager } from '../types';
import type { Completeness, DueList, FullRates, ManagerGaps, Members, Part, Ranking, Report, Series, StreetSummary } from './types';

/** A ledger of a hundred thousand rows takes a while on a slow line. */
const LEDGER_MS = 120_000;
const EXPORT_MS = 120_000;
const PAGE = 100;
const MANAGERS = 1000;

const clocks = ({ on, known }: AsOf) => ({ datetime: on, known });

export const ledger = (asOf: AsOf): Promise<SentLedger> => json(`/api/ledger${query(clocks(asOf))}`, undefined, { timeoutMs: LEDGER_MS });

export interface Selection {
  format: 'xlsx' | 'csv' | 'geojson';
  codes: readonly string[] | null;
  columns: readonly string[] | null;
  filter: string;
  lang: Lang;
}

/** A selection of the ledger as a file. */
export const exported = (selection: Selection, asOf: AsOf): Promise<Blob> => download(`/api/ledger/export${query(clocks(asOf))}`, { method: 'POST', body: selection, timeoutMs: EXPORT_MS });

export interface DueQuestion {
  street: string | null;
  duty: string | null;
  state: string | null;
}

export const due = (asked: DueQuestion, asOf: AsOf): Promise<DueList> => json(`/api/due${query({ ...asked, limit: PAGE, ...clocks(asOf) })}`);

export const dueWorkbook = (asked: DueQuestion, asOf: AsOf): Promise<Blob> => download(`/api/due${query({ ...asked, f: 'xlsx', ...clocks(asOf) })}`);

/** The next page of any list, by the link that the last one gave. */
export const more = <T>(links: readonly { rel: string; href: string }[]): Promise<T> | null => {
  const path = nextPath(links);
  return path === null ? null : json<T>(path);
};

export const rates = (street: string | null, asOf: AsOf): Promise<FullRates> => json(`/api/rates${query({ street, ...clocks(asOf) })}`);

export const members = (rate: string, part: Part, street: string | null, asOf: AsOf): Promise<Members> => json(`/api/rates/${encodeURIComponent(rate)}/areas${query({ part, street, limit: PAGE, ...clocks(asOf) })}`);

export const ranking = (rate: string, asOf: AsOf): Promise<Ranking> => json(`/api/rates/ranking${query({ rate, ...clocks(asOf) })}`);

export const series = (street: string | null, asOf: AsOf): Promise<Series> => json(`/api/rates/series${query({ street, ...clocks(asOf) })}`);

export const report = (asked: { rate: string; percent: string } | null, asOf: AsOf): Promise<Report> => json(`/api/report${query({ ...asked, ...clocks(asOf) })}`);

export const summary = (street: string, asOf: AsOf, signal?: AbortSignal): Promise<StreetSummary> => json(`/api/streets/${encodeURIComponent(street)}/summary${query(clocks(asOf))}`, signal);

export const completeness = (street: string | null, asOf: AsOf): Promise<Completeness> => json(`/api/completeness${query({ street, ...clocks(asOf) })}`);

export const gaps = (street: string | null, asOf: AsOf): Promise<ManagerGaps> => json(`/api/managers/gaps${query({ street, ...clocks(asOf) })}`);

/** Every company and owning unit, or those of the areas of a street, page by page. */
export async function managers(street: string | null, asOf: AsOf): Promise<Item<Manager>[]> {
  const found: Item<Manager>[] = [];
  let page: Items<Manager> = await json(`/api/collections/managers/items${query({ street, limit: MANAGERS, ...clocks(asOf) })}`);
  found.push(...page.features);
  for (let next = more<Items<Manager>>(page.links); next; next = more<Items<Manager>>(page.links)) {
    page = await next;
    found.push(...page.features);
  }
  return found;
}
