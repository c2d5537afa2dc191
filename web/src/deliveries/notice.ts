/** A failure as the page shows it: what happened, what is safe, what to do next. */
import { reportFault } from '../api';
import { h } from '../ui/dom';
import { icon } from './icons';
import { t } from './texts';
import { troubleOf, type Trouble } from './trouble';

/** A button, or a link to another page. */
export type Way = { text: string; run: () => void } | { text: string; href: string };

/** The notice of a failure; a fault of the page itself also goes to the console. */
export function troubleNotice(error: unknown, ...ways: Way[]): HTMLElement {
  reportFault(error);
  const { what, safe, next, params, ...more } = troubleOf(error);
  return troubleBox({ what: t(what, params), safe: t(safe), next: t(next) }, { ...more, more: [] }, ...ways);
}

/** What a notice says beside its three lines. */
export interface Particulars extends Pick<Trouble, 'detail' | 'areas' | 'faults'> {
  more: (HTMLElement | false)[];
}

export function troubleBox({ what, safe, next }: Record<'what' | 'safe' | 'next', string>, { detail, areas, faults, more }: Particulars, ...ways: Way[]): HTMLElement {
  const line = (label: 'trouble.what' | 'trouble.safe' | 'trouble.next', text: string) => h('div', {}, h('dt', {}, t(label)), h('dd', {}, text));
  const way = (one: Way) => ('href' in one ? h('a', { class: 'button', href: one.href }, one.text) : h('button', { type: 'button', class: 'button', onclick: one.run }, one.text));
  return h(
    'div',
    { class: 'd-trouble', role: 'alert' },
    icon('warning'),
    h(
      'div',
      { class: 'd-trouble-text' },
      h('dl', {}, line('trouble.what', what), line('trouble.safe', safe), line('trouble.next', next)),
      faults.length > 0 && h('ul', { class: 'd-bullets' }, ...faults.map(({ field, message }) => h('li', {}, field ? `${field}: ${message}` : message))),
      areas.length > 0 && h('ul', { class: 'd-links' }, ...areas.map(({ code, name }) => h('li', {}, h('a', { class: 'link', href: `/a/${encodeURIComponent(code)}` }, name ?? code)))),
      ...more,
      detail && faults.length === 0 && h('p', { class: 'd-detail-text' }, t('trouble.detail', { text: detail })),
      ways.length > 0 && h('div', { class: 'd-buttons' }, ...ways.map(way)),
    ),
  );
}
