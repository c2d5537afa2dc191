/** A box over the page, centred or beside the button that asked for it. */
import { h, isPhone } from '../ui/dom';
import { icon } from './icons';
import { t } from './texts';

const WIDTH_PX = 320;
const EDGE_PX = 8;

export interface Box {
  body: HTMLElement;
  close: () => void;
}

/** Opens a box; a press on the ground around it and Escape close it. */
export function openBox(title: string, anchor: HTMLElement | null, closed: () => void = () => undefined): Box {
  const body = h('div', { class: 'k-box-body' });
  const close = () => dialog.close();
  const dialog: HTMLDialogElement = h(
    'dialog',
    {
      class: anchor && !isPhone() ? 'k-box beside' : 'k-box',
      'aria-labelledby': 'box-title',
      onclose: () => {
        dialog.remove();
        closed();
      },
    },
    h('div', { class: 'k-box-head' }, h('h2', { id: 'box-title' }, title), h('button', { type: 'button', class: 'icon-button', 'aria-label': t('close'), title: t('close'), onclick: close }, icon('close'))),
    body,
  );
  dialog.addEventListener('pointerdown', (event) => event.target === dialog && close());
  document.body.append(dialog);
  if (anchor && !isPhone()) {
    const { left, bottom } = anchor.getBoundingClientRect();
    dialog.style.left = `${Math.max(EDGE_PX, Math.min(left - WIDTH_PX / 2, innerWidth - WIDTH_PX - EDGE_PX))}px`;
    dialog.style.top = `${bottom + EDGE_PX}px`;
    dialog.style.maxHeight = `${innerHeight - bottom - EDGE_PX * 3}px`;
  }
  dialog.showModal();
  return { body, close };
}
