/** Fields of a form with their errors, and the form of a record. */
import { isDay, today } from '../format';
import { remember, remembered } from '../storage';
import { h } from '../ui/dom';
import { field } from './parts';
import { t, type Key } from './texts';
import type { RecordForm } from './types';

type Control = HTMLInputElement | HTMLTextAreaElement;

/** One field; `check` answers what is wrong with a value. */
export interface Asked {
  name: string;
  label: Key;
  hint?: Key;
  kind?: 'date' | 'lines' | 'number';
  value?: string;
  check?: (value: string) => Key | null;
  max?: string;
  min?: string;
}

export interface Form {
  elements: HTMLElement[];
  /** The values by name, null when one is wrong: then it is marked and has the keyboard. */
  read: () => Record<string, string> | null;
  /** Marks what the server says is wrong. */
  blame: (faults: readonly { field: string; message: string }[]) => void;
}

export const filledIn = (value: string): Key | null => (value.trim() === '' ? 'required' : null);

export function makeForm(prefix: string, asked: readonly Asked[]): Form {
  const made = asked.map((question) => {
    const { name, kind, value = '', max, min } = question;
    const id = `${prefix}-${name}`;
    const common = { id, name, maxlength: kind === 'date' ? null : 400, 'aria-describedby': `${id}-error`, autocomplete: 'off' };
    const control: Control = kind === 'lines' ? h('textarea', { ...common, rows: 2 }) : h('input', { ...common, type: kind === 'date' ? 'date' : 'text', inputmode: kind === 'number' ? 'numeric' : null, max, min });
    control.value = value;
    const error = h('p', { class: 'd-error', id: `${id}-error` });
    const set = (text: string) => {
      error.textContent = text;
      if (text) control.setAttribute('aria-invalid', 'true');
      else control.removeAttribute('aria-invalid');
    };
    control.addEventListener('input', () => set(''));
    const element = field(id, t(question.label), control, question.hint ? t(question.hint) : null);
    element.append(error);
    element.classList.add(`f-${kind ?? 'text'}`);
    return { question, control, set, element };
  });
  return {
    elements: made.map(({ element }) => element),
    read() {
      let first: Control | null = null;
      for (const { question, control, set } of made) {
        const wrong = question.check?.(control.value) ?? null;
        set(wrong ? t(wrong) : '');
        if (wrong) first ??= control;
      }
      first?.focus();
      return first ? null : Object.fromEntries(made.map(({ question, control }) => [question.name, control.value.trim()]));
    },
    blame(faults) {
      for (const { field: name, message } of faults) made.find(({ question }) => question.name === name)?.set(message);
    },
  };
}

const AUTHORITY = 'deliveries.authority';
const AUTHOR = 'deliveries.author';

/** The form of a record: on what paper, by whom. The authority and the author are remembered. */
export function recordForm(prefix: string): Form & { record: () => RecordForm | null } {
  const now = today();
  const form = makeForm(prefix, [
    { name: 'document', label: 'publish.document', hint: 'publish.document.hint', check: filledIn },
    { name: 'authority', label: 'publish.authority', value: remembered(AUTHORITY) ?? '', check: filledIn },
    { name: 'dated', label: 'publish.dated', kind: 'date', value: now, max: now, check: (value) => (!isDay(value) ? 'bad_day' : value > now ? 'day.future' : null) },
    { name: 'author', label: 'publish.author', value: remembered(AUTHOR) ?? '', check: filledIn },
    { name: 'note', label: 'publish.note' },
  ]);
  return {
    ...form,
    record() {
      const values = form.read();
      if (!values) return null;
      const { document = '', authority = '', dated = '', author = '', note = '' } = values;
      remember(AUTHORITY, authority);
      remember(AUTHOR, author);
      return { document, authority, dated, author, note };
    },
  };
}
