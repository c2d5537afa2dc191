/** A box over the page that asks for something before it goes on. */
import { h } from '../ui/dom';
import { icon } from './icons';
import { troubleNotice } from './notice';
import { primary } from './parts';
import { t } from './texts';
import { troubleOf } from './trouble';
import type { Form } from './form';

export interface Question {
  title: string;
  text: string;
  form: Form;
  run: string;
  /** Undoes something: the button says so by its colour. */
  grave?: boolean;
  /** Sends what was filled in; whatever it throws is shown in the box. Answers false when the form is not complete. */
  send: () => Promise<boolean>;
  /** How a failure is told, where the words of deliveries are not enough. */
  tell?: (error: unknown) => HTMLElement;
}

/** Opens the box; it closes itself when what it asks for is done. */
export function openDialog({ title, text, form, run, grave, send, tell = troubleNotice }: Question): void {
  const trouble = h('div', {});
  const submit = primary(run, null, grave ? { class: 'd-primary grave' } : {});
  const close = () => dialog.close();
  const go = async (event: Event) => {
    event.preventDefault();
    submit.disabled = true;
    trouble.replaceChildren();
    try {
      if (await send()) close();
    } catch (error) {
      form.blame(troubleOf(error).faults);
      trouble.replaceChildren(tell(error));
    } finally {
      submit.disabled = false;
    }
  };
  const dialog: HTMLDialogElement = h(
    'dialog',
    { class: 'd-dialog', 'aria-labelledby': 'dialog-title', onclose: () => dialog.remove() },
    h(
      'form',
      { novalidate: true, onsubmit: (event: Event) => void go(event) },
      h('div', { class: 'd-dialog-head' }, h('h2', { id: 'dialog-title' }, title), h('button', { type: 'button', class: 'icon-button', 'aria-label': t('detail.close'), title: t('detail.close'), onclick: close }, icon('close'))),
      h('p', { class: 'd-quiet' }, text),
      h('div', { class: 'd-form' }, ...form.elements),
      trouble,
      h('div', { class: 'd-buttons end' }, h('button', { type: 'button', class: 'button', onclick: close }, t('cancel')), submit),
    ),
  );
  // A press on the ground around the box closes it.
  dialog.addEventListener('pointerdown', (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
}
