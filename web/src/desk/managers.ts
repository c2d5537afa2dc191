/** Companies and owning units with how many areas each has, and where one is missing. */
import { ApiError, streets as everyStreet } from '../api';
import { integer } from '../format';
import { term } from '../i18n';
import { fold } from '../ledger/table';
import type { AreaSummary, Manager, Street } from '../types';
import { fill, h } from '../ui/dom';
import { parseScope, passedOn, withWords, type Scope } from './address';
import { icon } from './icons';
import { areaLink, chooseDay, chooseOwnStreet, dataTable, empty, into, pageHead, pastNote, skeletons, statusText } from './parts';
import * as questions from './questions';
import { t } from './texts';
import type { ManagerGaps } from './types';
import type { Context, View } from './view';

/** Managers shown at first; the box narrows them down. */
const SHOWN = 60;

export class ManagersPage implements View {
  readonly element = h('div', { class: 'k-page' });
  private readonly head = h('div', {});
  private readonly list = h('section', { class: 'k-part' }, ...skeletons('row', 'row', 'row', 'row', 'row', 'row'));
  private readonly gaps = h('div', { class: 'k-body' }, ...skeletons('block'));
  private managers: Manager[] | null = null;
  private missing: ManagerGaps | null = null;
  private streets: Street[] = [];
  private text = '';
  private shown = SHOWN;

  constructor(private readonly context: Context) {
    this.element.append(this.head, h('div', { class: 'k-two' }, this.list, this.gaps));
    this.load();
  }

  title = (): string => t('managers.title');

  recolour = (): void => undefined;

  render = (): void => {
    this.drawHead();
    if (this.managers) fill(this.list, ...this.listed(this.managers));
    if (this.missing) fill(this.gaps, ...this.gapLists(this.missing));
  };

  private go(words: Record<string, string | null>): void {
    history.pushState(null, '', location.pathname + withWords(location.search, words));
    this.context.moved();
    this.load();
  }

  private load(): void {
    const scope = parseScope(location.search);
    this.drawHead();
    void this.nameStreets(scope);
    void into(this.list, () => questions.managers(scope.street, scope), (items) => {
      this.managers = items.map(({ properties }) => properties).sort((a, b) => b.areas - a.areas || a.name.localeCompare(b.name, 'zh-Hans-CN'));
      return this.listed(this.managers);
    });
    void into(this.gaps, () => questions.gaps(scope.street, scope), (gaps) => {
      this.missing = gaps;
      return this.gapLists(gaps);
    });
  }

  /** Until the streets are known, and where they are not told, the page stands without a choice between them. */
  private async nameStreets(scope: Scope): Promise<void> {
    try {
      this.streets = (await everyStreet(scope)).features.map(({ properties }) => properties);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return;
    }
    this.drawHead();
  }

  private drawHead(): void {
    const scope = parseScope(location.search);
    const { register } = this.context;
    const choice = this.streets.length > 0 ? chooseOwnStreet(register, this.streets, scope.street, (street) => this.go({ street })) : null;
    fill(this.head, pageHead(t('managers.title'), t('managers.text'), choice, chooseDay(register, scope, (on) => this.go({ on, known: null }))), pastNote(scope, () => this.go({ on: null, known: null })));
  }

  private listed(managers: readonly Manager[]): HTMLElement[] {
    const place = h('div', {});
    const draw = () => {
      const wanted = fold(this.text.trim());
      const found = managers.filter(({ name, uscc }) => fold(name).includes(wanted) || fold(uscc).includes(wanted));
      const passed = passedOn(location.search);
      const rows = found.slice(0, this.shown).map((one) => [h('a', { class: 'link', href: `/managers/${encodeURIComponent(one.uscc)}${passed}` }, one.name), term('manager', one.kind), one.phone ?? '—', integer(one.areas)]);
      const left = found.length - rows.length;
      const more = () => {
        this.shown += SHOWN;
        draw();
      };
      fill(
        place,
        rows.length > 0 ? dataTable(t('managers.title'), [t('name'), t('managers.kind'), t('managers.phone'), t(parseScope(location.search).street ? 'managers.areas.district' : 'managers.areas')], rows, [3]) : empty('search', t('managers.none'), t('managers.none.text')),
        left > 0 && h('button', { type: 'button', class: 'button k-more', onclick: more }, icon('plus'), t('managers.more', { n: integer(left) })),
      );
    };
    const input = h('input', {
      type: 'search',
      value: this.text,
      placeholder: t('managers.search'),
      'aria-label': t('managers.search'),
      oninput: () => {
        this.text = input.value;
        this.shown = SHOWN;
        draw();
      },
    });
    draw();
    const all = parseScope(location.search).street ? 'managers.all.street' : 'managers.all';
    return [h('div', { class: 'k-part-head' }, h('h2', {}, t(all, { n: integer(managers.length) })), h('label', { class: 'l-search' }, icon('search'), input)), place];
  }

  private gapLists({ counts, companies_without_areas, contracted_without_company, quasi_without_owning_unit }: ManagerGaps): HTMLElement[] {
    const scope = parseScope(location.search);
    const areas = (list: readonly AreaSummary[]) => list.map((area) => [areaLink(area, scope), area.street_name, statusText(area)]);
    const areaHeads = [t('area'), t('street'), t('status')];
    return [
      // A company without areas belongs to no street.
      ...(scope.street ? [] : [gap('companies', counts.companies_without_areas, [t('name'), t('managers.kind')], companies_without_areas.map((one) => [managerLink(one, scope), term('manager', one.kind)]))]),
      gap('contracted', counts.contracted_without_company, areaHeads, areas(contracted_without_company)),
      gap('quasi', counts.quasi_without_owning_unit, areaHeads, areas(quasi_without_owning_unit)),
    ];
  }
}

const managerLink = ({ uscc, name }: { uscc: string; name: string }, { on }: Scope): HTMLElement => h('a', { class: 'link', href: `/managers/${encodeURIComponent(uscc)}${on ? `?on=${on}` : ''}` }, name);

function gap(kind: 'companies' | 'contracted' | 'quasi', count: number, heads: string[], rows: (Node | string)[][]): HTMLElement {
  const title = t(`managers.gap.${kind}`);
  return h(
    'section',
    { class: 'k-part', 'data-gap': kind },
    h('h2', {}, `${title} · ${integer(count)}`),
    rows.length > 0 ? dataTable(title, heads, rows) : h('p', { class: 'k-none' }, icon('check'), h('span', {}, t(`managers.gap.${kind}.none`))),
    count > rows.length && h('p', { class: 'd-quiet' }, t('managers.cut', { n: integer(rows.length) })),
  );
}
