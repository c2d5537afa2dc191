/** Step 4: of what the delivery is complete, and from which day it holds. */
import { h } from '../ui/dom';
import type { Decisions } from './mapping';
import { field } from './parts';
import { t } from './texts';
import type { Scope } from './types';

const SCOPES: readonly Scope[] = ['listed', 'streets', 'district'];

export const settingsSummary = ({ scope, effective }: Decisions): string => [t(`scope.${scope}`), effective || t('effective.none')].join(' · ');

export function settingsBody({ scope, effective }: Decisions, locked: boolean, decide: (patch: Partial<Decisions>) => void): HTMLElement {
  const day = h('input', { type: 'date', id: 'effective', disabled: locked, value: effective, min: '1949-10-01', max: '2100-12-31' });
  day.addEventListener('change', () => day.validity.valid && decide({ effective: day.value }));
  return h(
    'div',
    { class: 'd-step-body d-settings' },
    h(
      'fieldset',
      { class: 'd-scopes', disabled: locked },
      h('legend', {}, t('scope.label')),
      ...SCOPES.map((key) => {
        const input = h('input', { type: 'radio', name: 'scope', value: key, checked: key === scope, onchange: () => decide({ scope: key }) });
        return h('label', { class: 'd-scope' }, h('span', { class: 'd-radio' }, input), h('span', {}, h('b', {}, t(`scope.${key}`)), h('small', {}, t(`scope.${key}.text`))));
      }),
    ),
    field('effective', t('effective.label'), day, t('effective.hint')),
  );
}
