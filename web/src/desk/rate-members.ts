/** Who is counted in a rate, one by one. */
import { integer } from '../format';
import { pick, term } from '../i18n';
import { h } from '../ui/dom';
import type { Scope } from './address';
import { openBox } from './box';
import { areaLink, dataTable, empty, into, moreButton, skeletons, statusText } from './parts';
import * as questions from './questions';
import { t } from './texts';
import type { FullRate, Members, Part } from './types';

export function membersBox(rate: FullRate, part: Part, scope: Scope): void {
  const { body } = openBox(`${pick(rate.title)} · ${t(`rates.part.${part}`)}`, null);
  body.closest('dialog')?.classList.add('wide');
  const list = h('div', { class: 'k-list' }, ...skeletons('row', 'row', 'row', 'row', 'row', 'row'));
  body.append(list);
  const pages: Members[] = [];
  const draw = (page: Members): HTMLElement[] => {
    pages.push(page);
    if (page.count === 0) return [empty('check', t('rates.members.none'), t('rates.members.none.text'))];
    const next = questions.more<Members>;
    const more = page.links.some(({ rel }) => rel === 'next')
      ? moreButton((button) => {
          button.disabled = true;
          void into(list, () => next(page.links) ?? Promise.reject(new Error('there is no next page')), draw);
        })
      : null;
    return [h('p', { class: 'd-quiet' }, t('rates.members.count', { n: integer(page.count) })), table(pages, scope), more].filter((element): element is HTMLElement => element !== null);
  };
  void into(list, () => questions.members(rate.id, part, scope.street, scope), draw);
}

function table(pages: readonly Members[], scope: Scope): HTMLElement {
  const rows: (Node | string)[][] = [];
  let heads: string[] = [];
  let numbers: number[] = [];
  for (const page of pages) {
    if (page.kind === 'areas') {
      heads = [t('area'), t('street'), t('status')];
      rows.push(...page.members.map((area) => [areaLink(area, scope), area.street_name, statusText(area)]));
    } else if (page.kind === 'committees') {
      heads = [t('area'), t('street'), t('rates.members.committee'), t('rates.members.formed')];
      rows.push(...page.members.map(({ area, kind, formed_on }) => [areaLink(area, scope), area.street_name, term('committee_kind', kind), h('span', { class: 'num' }, formed_on)]));
    } else {
      heads = [t('managers.company'), t('managers.areas')];
      numbers = [1];
      rows.push(...page.members.map(({ uscc, name, areas }) => [h('a', { class: 'link', href: `/managers/${encodeURIComponent(uscc)}` }, name), integer(areas)]));
    }
  }
  return dataTable(t('rates.members'), heads, rows, numbers);
}
