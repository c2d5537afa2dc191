/** The cards of a place (what is here, next to it, nearest to it) and of a manager. */
import { query } from '../api';
import { degrees, distance, integer } from '../format';
import { t, term, type Key } from '../i18n';
import { change, state } from '../state';
import type { AreaSummary, Inside, Located, Manager, Near, Theme } from '../types';
import { signInLink } from './account-menu';
import { button, notice, type Content } from './card';
import { phone, reportRow } from './card-area';
import { h } from './dom';
import { facts, section, type Fact } from './facts';
import { icon } from './icons';
import { swatch } from './swatch';

/** Areas this near to a place are listed as being there. */
const TOUCH_M = 5;

export interface PlaceContext {
  theme: Theme;
  district: string;
  accuracyM: number | null;
  copyLink: () => void;
  zoomTo: () => void;
  /** Says what is wrong here; null outside of the district. */
  report: (() => void) | null;
}

export function placeContent(found: Located, context: PlaceContext): Content {
  const { areas, neighbours, nearest, street } = found;
  const [first] = areas;
  // Whoever points at a border means both sides of it; a position of known accuracy names the one that holds it.
  const touching = first && context.accuracyM === null ? neighbours.filter((area) => area.distance_m <= TOUCH_M) : [];
  const here = [...areas, ...touching];
  const beyond = neighbours.filter((area) => !touching.includes(area));
  const list = (items: readonly (Inside | Near)[]) => areaList(context.theme, items);
  let title = t('place.outside');
  if (here.length > 1) title = t('place.several', { n: here.length });
  else if (first) title = context.accuracyM === null ? first.name : t('place.you_are_in', { name: first.name });
  else if (!found.in_district) title = t('place.out_of_district', { district: context.district });
  const where = street ? (street.schematic ? t('place.street_schematic', { name: street.name }) : street.name) : t('place.no_street');
  return {
    title,
    lines: [h('p', { class: 'card-by' }, icon('street'), h('span', {}, where))],
    body: [
      areas.length === 0
        ? h('p', { class: 'explanation' }, t(outsideText(found), { district: context.district }))
        : null,
      here.length > 1 ? h('p', { class: 'explanation' }, t('place.several.text')) : null,
      context.accuracyM !== null ? h('p', { class: 'explanation' }, t('place.accuracy', { n: integer(context.accuracyM) })) : null,
      here.length > 0 ? section(t('place.here'), list(here)) : null,
      beyond.length > 0 ? section(t('place.neighbours', { n: integer(found.radius_m) }), list(beyond)) : null,
      nearest.length > 0 ? section(t('place.nearest'), list(nearest)) : null,
      section(t('place.coordinates'), facts(coordinates(found))),
      h('div', { class: 'actions' }, button('scan', t('card.zoom'), context.zoomTo), button('copy', t('card.copy'), context.copyLink)),
      reportRow(context.report),
    ],
  };
}

/** Why no area is here; the nearest ones are missing where they are too far to be of use. */
function outsideText({ in_district, nearest }: Located): Key {
  if (in_district) return 'place.outside.text';
  return nearest.length > 0 ? 'place.out_of_district.text' : 'place.far.text';
}

const coordinates = ({ point, grid }: Located): Fact[] => [
  [t('place.lnglat'), h('span', { class: 'num' }, `${degrees(point[0])}, ${degrees(point[1])}`)],
  ...(grid ? [[grid.crs, h('span', { class: 'num' }, `E ${grid.easting_m.toFixed(1)}  N ${grid.northing_m.toFixed(1)}`)] satisfies Fact] : []),
];

/** Areas to choose from, each with its sample and how far it is. */
export function areaList(theme: Theme, items: readonly (AreaSummary | Inside | Near)[]): HTMLElement {
  return h(
    'ul',
    { class: 'area-list' },
    ...items.map((item) =>
      h(
        'li',
        {},
        h(
          'button',
          { type: 'button', onclick: () => change({ focus: { kind: 'area', code: item.code } }) },
          swatch(theme, item.style, state().mode),
          h('span', { class: 'option-text' }, h('b', {}, item.name), h('small', {}, below(item))),
          icon('chevron'),
        ),
      ),
    ),
  );
}

function below(item: AreaSummary | Inside | Near): string {
  const kind = item.management === 'unknown' ? term('management', 'unknown') : `${term('management', item.management)} · ${term('committee', item.committee)}`;
  if ('direction' in item) return `${term('direction', item.direction)} ${distance(item.distance_m)} · ${kind}`;
  if ('distance_to_border_m' in item) return `${t('place.to_border', { distance: distance(item.distance_to_border_m) })} · ${kind}`;
  return `${item.street_name} · ${kind}`;
}

export interface ManagerContext {
  theme: Theme;
  areas: readonly AreaSummary[];
  back: (() => void) | undefined;
  /** Null when no area of the manager has a place. */
  zoomTo: (() => void) | null;
  copyLink: () => void;
}

export function managerContent(manager: Manager, { theme, areas, back, zoomTo, copyLink }: ManagerContext): Content {
  const rows: Fact[] = [
    [t('area.phone'), manager.phone && phone(manager.phone)],
    [t('manager.uscc'), manager.uscc],
    [t('committee.party'), manager.party_organisation == null ? manager.party_organisation : t(manager.party_organisation ? 'yes' : 'no')],
  ];
  const more = manager.areas - areas.length;
  return {
    title: manager.name,
    back,
    lines: [h('p', { class: 'card-by' }, icon('building'), h('span', {}, `${term('manager', manager.kind)} · ${t('manager.areas', { n: integer(manager.areas) })}`))],
    body: [
      facts(rows),
      h('div', { class: 'actions' }, zoomTo && button('scan', t('card.zoom_all'), zoomTo), button('copy', t('card.copy'), copyLink), managerPage(manager)),
      areas.length > 0 ? section(t('manager.list'), areaList(theme, areas)) : null,
      more > 0 && areas.length > 0 ? h('p', { class: 'missing' }, t('manager.more', { n: integer(more) })) : null,
    ],
  };
}

/** The page of a manager, for those whom the register tells more of managers than their names. */
function managerPage({ uscc, party_organisation }: Manager): HTMLElement | null {
  if (party_organisation === undefined) return null;
  const { on, known } = state();
  return h('a', { class: 'button', href: `/managers/${encodeURIComponent(uscc)}${query({ on, known })}` }, icon('building'), t('manager.page'));
}

/** The card when nothing could be shown. */
export function failureContent(kind: 'offline' | 'missing' | 'sign_in' | 'forbidden' | 'failed' | 'program', subject: string, retry: () => void, other: HTMLElement | null = null): Content {
  const again = kind === 'missing' ? other : kind === 'sign_in' ? signInLink('button') : kind === 'forbidden' ? null : button('refresh', t('error.retry'), retry);
  const sign = kind === 'offline' ? 'offline' : kind === 'missing' ? 'search' : kind === 'sign_in' || kind === 'forbidden' ? 'lock' : 'warning';
  return { title: t(`error.${kind}.title`), lines: [], body: [notice(sign, subject, t(`error.${kind}.text`), again)] };
}
