/** What became of a report, for whoever sent it and has kept its number. */
import { isMissing } from '../api';
import { failure, skeletons } from '../desk/parts';
import { term } from '../i18n';
import { may } from '../session';
import { fill, h } from '../ui/dom';
import { icon } from './icons';
import { field, primary } from './parts';
import { placePath, stateChip } from './report-parts';
import { report } from './questions';
import { t } from './texts';
import type { Outcome } from './types';
import type { Context, View } from './view';

/** A number as it was given out. */
const NUMBER = /^R-\d{4}-\d{6,9}$/;

export class OutcomePage implements View {
  readonly element = h('div', { class: 'a-outcome' });
  private readonly place = h('div', {});
  private found: Outcome | null = null;
  private missing = false;

  constructor(
    private readonly number: string,
    private readonly context: Context,
  ) {
    this.render();
    void this.load();
  }

  title = (): string => t('outcome.title', { number: this.number });

  render = (): void => {
    fill(this.element, this.place, this.another());
    if (this.found || this.missing) this.draw();
  };

  private async load(): Promise<void> {
    fill(this.place, ...skeletons('card'));
    if (!NUMBER.test(this.number)) this.missing = true;
    else
      try {
        this.found = (await report(this.number)).body;
      } catch (error) {
        if (!isMissing(error)) {
          fill(this.place, failure(error, () => void this.load()));
          return;
        }
        this.missing = true;
      }
    this.draw();
  }

  private draw(): void {
    const { found } = this;
    fill(this.place, found ? this.told(found) : h('section', { class: 'k-part d-empty' }, icon('search'), h('h1', {}, t('outcome.none')), h('p', {}, t('outcome.none.text', { number: this.number }))));
  }

  private told({ number, state, answer, received_on, decided_on }: Outcome): HTMLElement {
    const decided = state !== 'received';
    const step = (kind: string, title: string, date: string | null, text: string) => h('li', { class: kind }, h('b', {}, title), date && h('span', { class: 'num d-quiet' }, date), h('p', {}, text));
    return h(
      'section',
      { class: 'k-part' },
      h('div', { class: 'a-report-head' }, h('div', {}, h('p', { class: 'd-quiet' }, t('outcome.number')), h('h1', { class: 'num' }, number)), stateChip(state)),
      h(
        'ol',
        { class: 'a-steps' },
        step('past', term('report.state', 'received'), received_on, t('outcome.received')),
        decided ? step(state, term('report.state', state), decided_on, t(`outcome.${state}`)) : step('ahead', t('outcome.next'), null, t('outcome.next.text')),
      ),
      answer && h('div', { class: 'a-answer-text' }, h('b', {}, t('outcome.answer')), h('p', {}, answer)),
      h('div', { class: 'd-buttons' }, this.context.register && h('a', { class: 'button', href: may('answer_report') ? placePath({ number }) : '/' }, icon('base'), t('outcome.map')), may('answer_report') && h('a', { class: 'button', href: '/reports' }, icon('flag'), t('outcome.list'))),
    );
  }

  private another(): HTMLElement {
    const other = field(t('outcome.other'), h('input', { type: 'text', id: 'number', placeholder: 'R-2026-000123', autocapitalize: 'characters', autocomplete: 'off', spellcheck: 'false', maxlength: 20 }));
    const submit = (event: Event) => {
      event.preventDefault();
      const number = other.control.value.trim().toUpperCase();
      if (NUMBER.test(number)) location.assign(`/r/${number}`);
      else other.blame(t('outcome.other.wrong'));
    };
    return h('form', { class: 'k-part a-other', novalidate: true, onsubmit: submit }, other.element, primary(t('outcome.other.run'), { class: 'd-primary quiet' }));
  }
}
