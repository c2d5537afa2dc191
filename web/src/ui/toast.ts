/** Short messages at the lower edge, and one that stays while the server does not answer. */
import { byId, h } from './dom';
import { icon, type IconName } from './icons';

const SHOWN_MS = 4_000;

export interface Toast {
  icon: IconName;
  text: string;
  action?: { text: string; run: () => void };
  /** Stays until it is taken away. */
  stays?: boolean;
}

/** Shows a message and answers how to take it away. */
export function toast(message: Toast): () => void {
  const remove = () => element.remove();
  const { action } = message;
  const element = h(
    'div',
    { class: 'toast' },
    icon(message.icon),
    h('span', {}, message.text),
    action &&
      h(
        'button',
        {
          type: 'button',
          class: 'toast-action',
          onclick: () => {
            remove();
            action.run();
          },
        },
        action.text,
      ),
  );
  byId('toasts').append(element);
  if (!message.stays) setTimeout(remove, SHOWN_MS);
  return remove;
}
