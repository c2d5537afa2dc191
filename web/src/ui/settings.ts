/** Language and light or dark: in the top bar on a desk, at the end of the panel on a phone. */
import { t } from '../i18n';
import { change, remember, state } from '../state';
import { h } from './dom';
import { icon } from './icons';

export function settings(): HTMLElement[] {
  const { lang, mode } = state();
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
          change({ lang: nextLang, askedLang: state().askedLang && nextLang });
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
