/** Texts of the page of differences. */
import en from '../../i18n/reconcile.en.json';
import zh from '../../i18n/reconcile.zh-CN.json';
import { currentLang, filled } from '../i18n';
import type { Lang } from '../types';

export type Key = keyof typeof zh;

const tables: Record<Lang, Record<Key, string>> = { 'zh-CN': zh, en };

/** The text of a key, with the same holes and plural forms as every text. */
export const t = (key: Key, params: Record<string, string | number> = {}): string => filled(tables[currentLang()][key] ?? key, params);

/** The text of a value of a group; the value itself when the server knows more than the page. */
export const termOf = (group: string, value: string): string => (`${group}.${value}` in zh ? t(`${group}.${value}` as Key) : value);
