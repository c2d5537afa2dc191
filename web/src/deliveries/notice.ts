/** A failure as the page shows it: what happened, what is safe, what to do next. */
import { reportFault } from '../api';
import { h } from '../ui/dom';
import { icon } from './icons';
import { t } from './texts';
import { troubleOf } from './trouble';

export interface Way {
  text: string;
  run: () => void;
}

/** The notice of a failure; a fault of the page itself also goes to the console. */
export function troubleNotice(error: unknown, ...ways: Way[]): HTMLElement {
  reportFault(error);
  const { what, safe, next, detail, areas, faults } = troubleOf(error);
  const line = (label: 'trouble.what' | 'trouble.safe' | 'trouble.next', text: string) => h('div', {}, h('dt', {}, t(label)), h('dd', {}, text));
  return h(
    'div',
    { class: 'd-trouble', role: 'alert' },
    icon('warning'),
    h(
      'div',
      { class: 'd-trouble-text' },
      h('dl', {}, line('trouble.what', t(what)), line('trouble.safe', t(safe)), line('trouble.next', t(next))),
      faults.length > 0 && h('ul', { class: 'd-bullets' }, ...faults.map(({ field, message }) => h('li', {}, field ? `${field}: ${message}` : message))),
      areas.length > 0 && h('ul', { class: 'd-links' }, ...areas.map(({ code, name }) => h('li', {}, h('a', { class: 'link', href: `/a/${encodeURIComponent(code)}` }, name ?? code)))),
      detail && faults.length === 0 && h('p', { class: 'd-detail-text' }, t('trouble.detail', { text: detail })),
      ways.length > 0 && h('div', { class: 'd-buttons' }, ...ways.map(({ text, run }) => h('button', { type: 'button', class: 'button', onclick: run }, text))),
    ),
  );
}
