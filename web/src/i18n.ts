/** Texts of the interface in the chosen language. Pure but for the chosen language itself. */
import en from '../i18n/en.json';
import zh from '../i18n/zh-CN.json';
import type { Lang, Text } from './types';

export type Key = keyof typeof zh;
type Params = Record<string, string | number>;

const tables: Record<Lang, Record<Key, string>> = { 'zh-CN': zh, en };
let lang: Lang = 'zh-CN';

export function setLang(next: Lang): void {
  lang = next;
}

export const currentLang = (): Lang => lang;

/** The text of a key, `{name}` replaced. English texts may hold `one | many`, chosen by `n`. */
export const t = (key: Key, params: Params = {}): string => filled(tables[lang][key], params);

/** A text with its holes filled, in the form that `n` asks for. */
export function filled(text: string, params: Params): string {
  const forms = text.split(' | ');
  const form = forms.length > 1 && params.n !== 1 && params.n !== '1' ? forms[1] : forms[0];
  return (form ?? text).replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** The text of an enumeration value such as `committee.owners`; the value itself when the server knows more than we do. */
export function term(group: string, value: string): string {
  const key = `${group}.${value}`;
  return key in tables[lang] ? t(key as Key) : value;
}

/** The chosen language of a text that the server sends in both. */
export const pick = (text: Text): string => text[lang];
