/** Which columns the ledger has, how wide they are, and where they stand. Pure. */
import type { Lang } from '../types';
import type { Column } from './table';

export const ROW_PX = 36;
export const HEAD_PX = 40;
/** The first column, which stays where it is. */
export const LEAD = 'name';

/** What is shown until somebody chooses. */
export const USUAL: readonly string[] = ['name', 'street', 'style', 'manager_name', 'households', 'floor_area_m2', 'fee_yuan_per_m2_month', 'contract_until', 'owners_term_until', 'managing_term_until', 'due', 'next_due', 'code'];

const BY_KEY: Readonly<Record<string, number>> = { name: 216, code: 168, street: 120, style: 216, manager_name: 224, address: 240, other_names: 176, delimitation_document: 240, manager_uscc: 184, community: 128 };
const BY_KIND: Readonly<Record<Column['kind'], number>> = { text: 176, date: 120, term: 136, number: 120, boolean: 104 };
/** A character of a head, and what stands beside it. */
const CHAR_PX: Readonly<Record<Lang, number>> = { 'zh-CN': 13, en: 7.4 };
/** English terms are longer than Chinese ones. */
const ENGLISH_TERMS = 1.35;
const BESIDE_PX = 64;
const WIDEST_HEAD_PX = 240;
const LEAD_PHONE_PX = 136;

/** Pixels of a column: what its values take, and no less than its head. */
export function columnWidth({ key, kind, title }: Column, lang: Lang, phone: boolean): number {
  if (key === LEAD && phone) return LEAD_PHONE_PX;
  const head = Math.min(WIDEST_HEAD_PX, Math.ceil(title[lang].length * CHAR_PX[lang]) + BESIDE_PX);
  const values = (BY_KEY[key] ?? BY_KIND[kind]) * (kind === 'term' && lang === 'en' ? ENGLISH_TERMS : 1);
  return Math.max(Math.round(values), head);
}

/** Chosen columns that there are, the lead first; the usual ones when nothing is left of a choice. */
export function shownColumns(columns: ReadonlyMap<string, Column>, chosen: readonly string[] | null): Column[] {
  const keys = (chosen ?? USUAL).filter((key) => key !== LEAD);
  const found = [LEAD, ...keys].flatMap((key) => columns.get(key) ?? []);
  return found.length > 1 ? found : [LEAD, ...USUAL.filter((key) => key !== LEAD)].flatMap((key) => columns.get(key) ?? []);
}
