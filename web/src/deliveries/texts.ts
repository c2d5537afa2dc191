/** Texts of the deliveries page. They are no part of `i18n/*.json`, so that the map page does not carry them. */
import en from '../../i18n/deliveries.en.json';
import zh from '../../i18n/deliveries.zh-CN.json';
import { currentLang, filled } from '../i18n';
import type { Lang } from '../types';

export type Key = keyof typeof zh;

const tables: Record<Lang, Record<Key, string>> = { 'zh-CN': zh, en };

/** The text of a key, with the same holes and plural forms as every text. */
export const t = (key: Key, params: Record<string, string | number> = {}): string => filled(tables[currentLang()][key] ?? key, params);

/** The key if the page has such a text, else the other one. */
export const known = (key: string, otherwise: Key): Key => (key in zh ? (key as Key) : otherwise);
