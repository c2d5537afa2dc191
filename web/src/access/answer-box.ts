/** The box in which a report of the public is answered; the answer is for everybody to read. */
import { ApiError } from '../api';
import { openBox } from '../desk/box';
import { term } from '../i18n';
import { fill, h } from '../ui/dom';
import { counter, field, note, primary, refusal } from './parts';
import { answerReport, report as ask } from './questions';
import { stateChip } from './report-parts';
import { t } from './texts';
import type { Outcome, Report, ReportState } from './types';

/** An answer is no longer than this. */
export const LONGEST = 200;
const CHOICES = ['accepted', 'done', 'rejected'] as const;

const isWhole = (told: Outcome | Report): told is Report => 'revision' in told;

export function openAnswer(report: Report, answered: (report: Report) => void): void {
  const box = openBox(t('answer.title', { number: report.number }), null);
  let tag = `"${report.revision}"`;
  let chosen: ReportState | null = report.state === 'received' ? null : report.state;
  const text = h('textarea', { id: 'answer', rows: 4, value: '' });
  text.value = report.answer ?? '';
  const words = field(t('answer.text'), text, t('answer.text.hint'));
  words.element.append(counter(text, LONGEST));
  const state = h('div', {});
  const trouble = h('div', { class: 'a-answer', 'aria-live': 'polite' });
  const send = primary(t('answer.run'));
  const choices = CHOICES.map((choice) => {
    const input = h('input', { type: 'radio', name: 'state', value: choice, checked: chosen === choice, onchange: () => (chosen = choice) });
    return h('label', { class: 'd-tick' }, h('span', { class: 'd-radio' }, input), h('span', {}, term('report.state', choice), h('small', {}, t(`answer.about.${choice}`))));
  });
  const overtaken = async () => {
    const { body, etag } = await ask(report.number);
    if (!isWhole(body)) return;
    tag = etag ?? `"${body.revision}"`;
    fill(state, stateChip(body.state));
    trouble.replaceChildren(note('warn', h('b', {}, t('answer.conflict')), h('p', {}, term('report.state', body.state), body.answer ? `：${body.answer}` : ''), h('p', {}, t('answer.conflict.text'))));
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const value = text.value.trim();
    words.blame(value === '' ? t('answer.needed') : [...value].length > LONGEST ? t('answer.long', { n: LONGEST }) : '');
    if (chosen === null || chosen === 'received') {
      trouble.replaceChildren(note('warn', t('answer.state.needed')));
      return;
    }
    trouble.replaceChildren();
    if (text.getAttribute('aria-invalid')) return text.focus();
    send.disabled = true;
    try {
      const now = await answerReport(report.number, { state: chosen, answer: value }, tag);
      box.close();
      answered(now);
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) await overtaken().catch((again: unknown) => trouble.replaceChildren(note('warn', refusal(again))));
      else trouble.replaceChildren(note('warn', refusal(error)));
    } finally {
      send.disabled = false;
    }
  };
  fill(state, stateChip(report.state));
  box.body.append(
    h('p', { class: 'a-asked' }, h('b', {}, term('report.reason', report.reason)), ' ', state),
    ...(report.text ? [h('blockquote', {}, report.text)] : []),
    h('form', { class: 'd-form one', novalidate: true, onsubmit: (event: Event) => void submit(event) }, h('fieldset', { class: 'a-set' }, h('legend', {}, t('answer.state')), ...choices), words.element, trouble, h('div', { class: 'd-buttons end' }, h('button', { type: 'button', class: 'button', onclick: box.close }, t('cancel')), send)),
  );
}
