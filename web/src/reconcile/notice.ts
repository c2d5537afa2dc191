/** A failure as this page shows it: in its own words where it has some, else in those of the deliveries. */
import { troubleBox, troubleNotice, type Way } from '../deliveries/notice';
import { moment } from '../format';
import { currentLang } from '../i18n';
import { h } from '../ui/dom';
import { refusalOf } from './errors';
import { t, termOf, type Key } from './texts';

export interface CaseWays {
  /** What a case is called; null when the page does not know it. */
  nameOf: (key: string) => string | null;
  look: (key: string) => void;
}

export function notice(error: unknown, cases: CaseWays, ...ways: Way[]): HTMLElement {
  const told = refusalOf(error);
  if (!told) return troubleNotice(error, ...ways);
  const { kind, params, areas, faults, detail } = told;
  const named = told.cases.map((one) => ({ ...one, name: one.name ?? cases.nameOf(one.key) ?? one.key }));
  // Others tell of the case that is open already.
  const elsewhere = kind === 'cases_refused' || kind === 'not_in_bulk' ? named : [];
  const holes = { ...params, name: named[0]?.name ?? params.name ?? '', ...(typeof params.at === 'string' && { at: moment(params.at) }) };
  const text = (part: 'what' | 'next'): string => t(`trouble.${kind}.${part}` as Key, holes);
  return troubleBox(
    { what: text('what'), safe: t('trouble.safe'), next: text('next') },
    {
      areas,
      faults: faults.map(({ field, message }) => ({ field: field && termOf('place', field), message })),
      detail: detail && termOf('lack', detail),
      more: [elsewhere.length > 0 && caseLines(elsewhere, cases.look)],
    },
    ...ways,
  );
}

/** Cases that open when they are pressed, and what is said of each. */
export const caseLines = (cases: readonly { key: string | null; name: string; why: readonly string[] }[], look: (key: string) => void): HTMLElement =>
  h('ul', { class: 'r-moved r-scroll' }, ...cases.map(({ key, name, why }) => h('li', {}, key === null ? h('b', {}, name) : h('button', { type: 'button', class: 'text-button', 'data-focus': `case.${key}`, title: t('trouble.case'), onclick: () => look(key) }, name), h('span', { class: 'r-quiet' }, why.join(currentLang() === 'en' ? '; ' : '；')))));
