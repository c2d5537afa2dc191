/** The card: a side sheet on wide screens, a bottom sheet on phones. It shows whatever content it is given. */
import { t } from '../i18n';
import { byId, fill, h, isPhone } from './dom';
import { icon, type IconName } from './icons';
import { makeSheet } from './sheet';

export interface Content {
  /** Parts of the head; all of them show in the lowest stop of the sheet. */
  title: string;
  lines: (HTMLElement | string | null)[];
  body: (HTMLElement | null)[];
  back?: (() => void) | undefined;
}

export interface Card {
  show(content: Content, stop: 'peek' | 'half' | 'keep'): void;
  skeleton(): void;
  hide(): void;
  readonly shown: boolean;
}

export function makeCard(close: () => void, moved: () => void): Card {
  const element = byId('card');
  const sheet = makeSheet(element, { stops: ['peek', 'half', 'full'], dismiss: close, moved });
  const head = h('div', { class: 'card-head', 'data-drag': true });
  const body = h('div', { class: 'card-body', tabindex: '-1' });
  element.append(sheet.handle, head, body);
  let shown = false;

  const appear = (stop: 'peek' | 'half' | 'keep') => {
    const fresh = !shown;
    shown = true;
    element.hidden = false;
    element.setAttribute('aria-label', t('card.label'));
    if (isPhone() && (fresh || stop !== 'keep')) sheet.moveTo(stop === 'keep' ? 'half' : stop);
    sheet.relabel();
    if (fresh) moved();
  };
  const closer = () =>
    h('button', { type: 'button', class: 'icon-button card-close', 'aria-label': t('card.close'), title: t('card.close'), onclick: close }, icon('close'));

  addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches('input,select');
    if (event.key === 'Escape' && shown && !typing) close();
  });

  return {
    show({ title, lines, body: parts, back }, stop) {
      fill(
        head,
        h(
          'div',
          { class: 'card-title' },
          back && h('button', { type: 'button', class: 'icon-button card-back', 'aria-label': t('card.back'), title: t('card.back'), onclick: back }, icon('arrowLeft')),
          h('h2', { tabindex: '-1' }, title),
          closer(),
        ),
        ...lines,
      );
      fill(body, ...parts);
      body.scrollTop = 0;
      element.removeAttribute('aria-busy');
      appear(stop);
      // Whoever came with the keyboard goes on reading here; a hand on the map keeps it.
      if (document.activeElement === document.body) head.querySelector('h2')?.focus({ preventScroll: true });
    },
    skeleton() {
      fill(
        head,
        h('div', { class: 'card-title' }, h('div', { class: 'skeleton s-title' }), closer()),
        h('div', { class: 'skeleton s-line' }),
      );
      fill(body, h('div', { class: 'skeleton s-block' }), h('div', { class: 'skeleton s-block' }), h('div', { class: 'skeleton s-block tall' }), h('p', { class: 'sr-only' }, t('loading')));
      element.setAttribute('aria-busy', 'true');
      appear('keep');
    },
    hide() {
      if (!shown) return;
      shown = false;
      if (element.contains(document.activeElement)) byId('map').focus({ preventScroll: true });
      element.hidden = true;
      moved();
    },
    get shown() {
      return shown;
    },
  };
}

/** A quiet box that tells what happened and what to do next. */
export function notice(sign: IconName, title: string, text: string, ...actions: (HTMLElement | null)[]): HTMLElement {
  return h('div', { class: 'notice' }, icon(sign), h('h3', {}, title), h('p', {}, text), actions.length > 0 && h('div', { class: 'actions' }, ...actions));
}

export const button = (sign: IconName, text: string, run: () => void): HTMLButtonElement =>
  h('button', { type: 'button', class: 'button', onclick: run }, icon(sign), text);
