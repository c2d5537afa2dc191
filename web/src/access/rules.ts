/** The rules of a password below its field, each with whether it is kept. */
import { fill, h } from '../ui/dom';
import { icon } from './icons';
import { keeps, LONGEST, shownRules, SHORTEST, type Rule } from './password';
import { t } from './texts';

export class Rules {
  readonly element = h('ul', { class: 'a-rules' });

  constructor() {
    this.show('', '');
  }

  /** Follows what is typed. */
  follow(control: HTMLInputElement, name: () => string): void {
    control.addEventListener('input', () => this.show(control.value, name()));
    control.setAttribute('aria-describedby', `${control.getAttribute('aria-describedby') ?? ''} rules`.trim());
    this.element.id = 'rules';
  }

  /** `broken` are rules that the server found broken. */
  show(password: string, name: string, broken: readonly Rule[] = []): void {
    fill(
      this.element,
      ...shownRules(password).map((rule) => {
        const kept = broken.includes(rule) ? false : password === '' ? null : keeps(rule, password, name);
        const state = kept === null ? 'open' : kept ? 'kept' : 'broken';
        return h('li', { class: state }, icon(kept === null ? 'dot' : kept ? 'check' : 'close'), h('span', {}, t(`rule.${rule}`, { n: rule === 'long' ? LONGEST : SHORTEST })), kept !== null && h('span', { class: 'sr-only' }, t(kept ? 'rule.kept' : 'rule.broken')));
      }),
    );
  }
}
