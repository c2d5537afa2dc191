/** The question whether the committee of an area still holds after a change, and the form of its answer. */
import { dropDown, field, primary } from '../deliveries/parts';
import { today } from '../format';
import { h } from '../ui/dom';
import { t, termOf } from './texts';
import type { Task } from './types';

export interface TaskReply {
  answer: string;
  name: string;
  dated: string;
  until?: string;
}

const ANSWERS = ['still_valid', 'adjusted', 'deferred'] as const;

export function taskSection(task: Task, answers: boolean, answer: (reply: TaskReply) => void): HTMLElement {
  const told = task.state !== 'open' && h('p', { class: 'r-told' }, [termOf('answer', task.answer ?? ''), task.name, task.dated, task.until && t('task.until_day', { day: task.until })].filter(Boolean).join(' · '));
  return h('section', { class: `r-task ${task.state}` }, h('h3', {}, t('task.title')), h('p', { class: 'r-quiet' }, t('task.why')), told, answers && taskForm(task, answer));
}

function taskForm(task: Task, answer: (reply: TaskReply) => void): HTMLElement {
  const name = h('input', { type: 'text', id: 'r-name', maxlength: 40, required: true, autocomplete: 'name', value: task.name ?? '' });
  const dated = h('input', { type: 'date', id: 'r-dated', required: true, max: today(), value: task.dated ?? today() });
  const until = h('input', { type: 'date', id: 'r-until', min: today(), value: task.until ?? '' });
  const untilField = field('r-until', t('task.until'), until);
  let chosen = task.answer ?? 'still_valid';
  const refresh = () => (untilField.hidden = chosen !== 'deferred');
  refresh();
  const send = (event: Event) => {
    event.preventDefault();
    until.required = chosen === 'deferred';
    // A day of an answer that is not given any more is asked of nobody.
    if (chosen !== 'deferred') until.value = '';
    if (!form.reportValidity()) return;
    answer({ answer: chosen, name: name.value.trim(), dated: dated.value, ...(chosen === 'deferred' && { until: until.value }) });
  };
  const choices = ANSWERS.map((value) => ({ value, text: termOf('answer', value) }));
  const choose = dropDown({ id: 'r-answer', label: t('task.answer'), value: chosen, choices }, (value) => {
    chosen = value;
    refresh();
  });
  const form: HTMLFormElement = h('form', { class: 'r-task-form', onsubmit: send }, field('r-answer', t('task.answer'), choose), field('r-name', t('task.name'), name), field('r-dated', t('task.dated'), dated), untilField, primary(t('task.send'), null, { 'data-focus': 'task.send' }));
  return form;
}
