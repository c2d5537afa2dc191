/** A company or owning unit: who it is, and its areas in a list and on the map. */
import * as api from '../api';
import { decimal, integer } from '../format';
import { term } from '../i18n';
import { LedgerMap } from '../ledger/map';
import { ownStreets } from '../session';
import type { Area, Item, LngLat, Manager, Register, Theme } from '../types';
import { fill, h } from '../ui/dom';
import { facts, type Fact } from '../ui/facts';
import { swatch } from '../ui/swatch';
import { parseScope, passedOn, withWords } from './address';
import { icon } from './icons';
import { areaLink, chooseDay, dataTable, empty, into, pageHead, pastNote, skeletons, statusText } from './parts';
import { t } from './texts';
import type { Context, View } from './view';

interface Found {
  manager: Manager;
  areas: Item<Area>[];
  whole: boolean;
  theme: Theme;
  shown: Register;
}

export class ManagerPage implements View {
  readonly element = h('div', { class: 'k-page' });
  private readonly head = h('div', {});
  private readonly body = h('div', { class: 'k-body' }, ...skeletons('block', 'map'));
  private found: Found | null = null;
  private map: LedgerMap | null = null;
  private readonly stage = h('section', { class: 'k-part k-map' });

  constructor(
    private readonly uscc: string,
    private readonly context: Context,
  ) {
    this.element.append(this.head, this.body);
    void this.load();
  }

  title = (): string => this.found?.manager.name ?? t('managers.title');

  recolour = (): void => this.render();

  close = (): void => {
    this.map?.close();
    this.map = null;
  };

  render = (): void => {
    this.drawHead();
    if (this.found) fill(this.body, ...this.content(this.found));
    this.place();
  };

  private async load(): Promise<void> {
    const scope = parseScope(location.search);
    this.drawHead();
    await into(
      this.body,
      async () => {
        const [item, areas, theme, shown] = await Promise.all([api.manager(this.uscc, scope), api.areasOf(this.uscc, scope), api.theme(null, scope), api.register(scope)]);
        return { manager: item.properties, areas: areas.items, whole: areas.whole, theme, shown };
      },
      (found) => {
        this.found = found;
        this.drawHead();
        this.context.moved();
        return this.content(found);
      },
    );
    this.place();
  }

  private drawHead(): void {
    const scope = parseScope(location.search);
    const go = (words: Record<string, string | null>) => {
      history.pushState(null, '', location.pathname + withWords(location.search, words));
      this.context.moved();
      void this.load();
    };
    const manager = this.found?.manager;
    const back = h('a', { class: 'link k-back', href: `/managers${passedOn(location.search)}` }, icon('arrowLeft'), t('managers.title'));
    const told = manager ? `${term('manager', manager.kind)} · ${t('managers.count', { n: integer(manager.areas) })}` : '';
    fill(this.head, back, pageHead(manager?.name ?? '…', told, chooseDay(this.context.register, scope, (on) => go({ on, known: null }))), pastNote(scope, () => go({ on: null, known: null })));
  }

  private content({ manager, areas, whole, theme }: Found): HTMLElement[] {
    const scope = parseScope(location.search);
    const { looks } = this.context;
    const own = ownStreets();
    const told = own ? areas.filter(({ properties }) => own.includes(properties.street)) : areas;
    const [households, floor] = (['households', 'floor_area_m2'] as const).map((key) => told.reduce((sum, { properties }) => sum + (properties[key] ?? 0), 0));
    const rows: Fact[] = [
      [t('managers.uscc'), h('span', { class: 'num' }, manager.uscc)],
      [t('managers.phone'), manager.phone && h('a', { class: 'link num', href: `tel:${manager.phone}` }, manager.phone)],
      [t('managers.party'), manager.party_organisation == null ? null : t(manager.party_organisation ? 'ledger.yes' : 'ledger.no')],
      [t('managers.households'), integer(households ?? 0)],
      [t('managers.floor'), decimal((floor ?? 0) / 10_000, 1)],
    ];
    const listed = [...told, ...areas.filter((area) => !told.includes(area))].map(({ properties: area }) => [
      h('span', { class: 'k-with-swatch' }, swatch(theme, area.style, looks.mode), areaLink(area, scope)),
      area.street_name,
      statusText(area),
      h('span', { class: 'num' }, area.contract_until ?? '—'),
      area.households == null ? '—' : integer(area.households),
    ]);
    const about = h('section', { class: 'k-part' }, h('h2', {}, t('managers.about')), facts(rows));
    const list = areas.length > 0 ? dataTable(t('managers.their'), [t('area'), t('street'), t('status'), t('managers.contract'), t('managers.households')], listed, [4]) : empty('info', t('managers.no_areas'), t('managers.no_areas.text'));
    return [
      h('div', { class: 'k-two' }, about, this.stage),
      h('section', { class: 'k-part' }, h('h2', {}, t('managers.their')), list, told.length < areas.length && h('p', { class: 'd-quiet', 'data-part': 'own' }, t('managers.own', { n: integer(told.length) })), whole ? '' : h('p', { class: 'd-quiet' }, t('managers.cut', { n: integer(areas.length) }))),
    ];
  }

  /** The map can only be placed once it stands in the page. */
  private place(): void {
    const { found, stage, context } = this;
    if (!found || !stage.isConnected) return;
    const { manager, areas, theme, shown } = found;
    const labels = areas.map(({ properties }) => properties.label).filter((label): label is LngLat => label !== null);
    this.close();
    fill(stage);
    const map = new LedgerMap(stage, t('managers.map', { name: manager.name }), { register: context.register, shown, theme, mode: context.looks.mode, asOf: parseScope(location.search), pressed: (code) => map.mark(code, null), street: () => undefined });
    map.select(new Set(areas.map(({ properties }) => properties.code)), labels);
    this.map = map;
  }
}
