/** The buttons for language and for light or dark, of whatever page. */
import { t } from '../i18n';
import { remember } from '../storage';
import type { Lang, Mode } from '../types';
import { h } from './dom';
import { icon } from './icons';

export interface Looks {
  lang: Lang;
  mode: Mode;
}

export function settingButtons({ lang, mode }: Looks, change: (patch: Partial<Looks>) => void): HTMLElement[] {
  const nextLang = lang === 'en' ? 'zh-CN' : 'en';
  const nextMode = mode === 'dark' ? 'light' : 'dark';
  return [
    h(
      'button',
      {
        type: 'button',
        class: 'plain-button',
        'data-action': 'lang',
        lang: nextLang,
        onclick: () => {
          remember('lang', nextLang);
          change({ lang: nextLang });
        },
      },
      icon('language'),
      nextLang === 'en' ? 'English' : '中文',
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'plain-button',
        'data-action': 'mode',
        'aria-label': t(nextMode === 'dark' ? 'mode.dark' : 'mode.light'),
        title: t(nextMode === 'dark' ? 'mode.dark' : 'mode.light'),
        onclick: () => {
          remember('mode', nextMode);
          change({ mode: nextMode });
        },
      },
      icon(nextMode === 'dark' ? 'moon' : 'sun'),
      h('span', { class: 'mode-text' }, t(nextMode === 'dark' ? 'mode.dark' : 'mode.light')),
    ),
  ];
}
