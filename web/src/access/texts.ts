/** Texts of the pages of accounts, reports and the audit log. They are no part of `i18n/*.json`, so that the map page does not carry them. */
import en from '../../i18n/access.en.json';
import zh from '../../i18n/access.zh-CN.json';
import { currentLang, filled } from '../i18n';
import type { Lang } from '../types';

export type Key = keyof typeof zh;

const tables: Record<Lang, Record<Key, string>> = { 'zh-CN': zh, en };

/** The text of a key, with the same holes and plural forms as every text. */
export const t = (key: Key, params: Record<string, string | number> = {}): string => filled(tables[currentLang()][key], params);

/** The text of an enumeration value such as `scope.read`; null when there is none. */
export function termOf(group: string, value: string): string | null {
  const key = `${group}.${value}`;
  return key in zh ? t(key as Key) : null;
}
