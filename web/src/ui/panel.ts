/** The left panel (a sheet on phones): street chooser, headline figures, legend, rates. */
import { query } from '../api';
import { counted, integer, outOf, percent } from '../format';
import { t } from '../i18n';
import { ledgerAddress } from '../ledger/view';
import { navigation, type PageLink } from '../nav';
import { isSignedIn } from '../rights';
import { may, session } from '../session';
import { change, onChange, state } from '../state';
import type { Rates, Register, Street, Theme } from '../types';
import type { ThemeName } from '../url';
import { accountRows, whoLine } from './account-menu';
import { dayMark } from './asof';
import { reportRow } from './card-area';
import { byId, fill, h, isDesk, isPhone } from './dom';
import { icon } from './icons';
import { legend } from './legend';
import { ratesSection } from './rates';
import { settings } from './settings';
import { makeSheet } from './sheet';

export interface PanelData {
  register: Register;
  /** Management and committee: what cards tell of. */
  theme: Theme;
  /** What the map is coloured by. */
  painted: Theme;
  rates: Rates | null;
  streets: readonly Street[];
}

export interface PanelEvents {
  moved: () => void;
  /** Says what is wrong on the map. */
  report: () => void;
}

export function panel(data: PanelData, { moved, report }: PanelEvents): { render: () => void } {
  const element = byId('panel');
  const sheet = makeSheet(element, { stops: ['half', 'full'], dismiss: () => change({ panelOpen: false }), moved });
  const body = h('div', { class: 'panel-body', tabindex: '-1' });
  const render = () => {
    const { panelOpen } = state();
    element.hidden = !panelOpen;
    element.setAttribute('aria-label', t('panel.title'));
    if (!panelOpen) return;
    const top = body.scrollTop;
    const focused = document.activeElement instanceof HTMLElement && body.contains(document.activeElement) ? focusKey(document.activeElement) : null;
    fill(
      body,
      streetChooser(data),
      data.register.audience === 'internal' && state().street && streetCardLink(),
      headline(data),
      legend(data.painted, dayMark(data.painted.as_of), data.register.audience === 'internal' ? themeChooser() : null, render),
      ratesSection(data.rates, dayMark(data.rates?.as_of), render),
      changesLink(),
      reportRow(report),
      ...pageLinks(),
      source(data),
      h('div', { class: 'panel-settings' }, ...settings()),
      account(),
    );
    fill(element, sheet.handle, head(), body);
    sheet.relabel();
    body.scrollTop = top;
    if (focused) findFocus(body, focused)?.focus({ preventScroll: true });
  };
  onChange((now, before) => {
    if (now.panelOpen && !before.panelOpen && isPhone()) sheet.moveTo('half');
    if (now.classes !== before.classes || now.lang !== before.lang || now.mode !== before.mode || now.panelOpen !== before.panelOpen || now.street !== before.street || now.theme !== before.theme) render();
    if (now.panelOpen !== before.panelOpen) {
      moved();
      if (now.panelOpen && !isDesk()) body.focus();
    }
  });
  if (isPhone()) sheet.moveTo('half');
  return { render };
}

/** Buttons are made anew on every change; the one that had the focus is found again by its place. */
const focusKey = (element: HTMLElement): number => [...document.querySelectorAll('#panel button, #panel select')].indexOf(element);
const findFocus = (body: HTMLElement, index: number): HTMLElement | undefined => {
  const found = [...document.querySelectorAll<HTMLElement>('#panel button, #panel select')][index];
  return found && body.contains(found) ? found : undefined;
};

function head(): HTMLElement {
  return h(
    'div',
    { class: 'panel-head', 'data-drag': true },
    h('h2', {}, t('panel.title')),
    h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': t('panel.close'), title: t('panel.close'), onclick: () => change({ panelOpen: false }) },
      icon(isDesk() ? 'panelClose' : 'close'),
    ),
  );
}

function streetChooser({ register, streets }: PanelData): HTMLElement {
  const chosen = state().street;
  const select = h(
    'select',
    { id: 'street', onchange: () => change({ street: select.value || null, focus: null }) },
    h('option', { value: '' }, t('street.all', { district: register.district.name, n: register.streets })),
    ...streets.map((street) => h('option', { value: street.code }, t('street.option', { name: street.name, n: counted(street.areas, street.areas_below) }))),
  );
  // The list comes after the map; until then the chosen street is the only one.
  if (chosen && !streets.some((street) => street.code === chosen)) select.append(h('option', { value: chosen }, '…'));
  select.value = chosen ?? '';
  return h(
    'div',
    { class: 'street-chooser' },
    h('label', { for: 'street' }, t('street.label')),
    h('div', { class: 'select' }, icon('street'), select, icon('chevron')),
  );
}

/** The card of the chosen street, after it was closed or another one took its place. */
const streetCardLink = (): HTMLElement =>
  h('button', { type: 'button', class: 'row-button', 'data-action': 'street-card', onclick: () => change({ focus: null, streetCard: true, panelOpen: state().panelOpen && !isPhone() }) }, icon('street'), h('span', {}, t('street.card')), icon('chevron'));

function headline({ register, theme, rates }: PanelData): HTMLElement {
  const rate = (id: string) => rates?.rates.find((item) => item.id === id);
  const figure = (label: string, value: string, below: string) =>
    h('div', { class: 'figure' }, h('dt', {}, label), h('dd', { class: 'num' }, h('b', {}, value), h('small', {}, below)));
  const share = (label: string, id: string) => {
    const found = rate(id);
    return figure(label, found ? percent(found.percent) : '…', found ? outOf(found) : '');
  };
  return h(
    'dl',
    { class: 'headline' },
    figure(t('headline.areas'), counted(theme.total, theme.total_below), theme.street ? t('headline.of', { n: integer(register.areas) }) : t('headline.streets', { n: register.streets })),
    share(t('headline.contracted'), 'contracted_share'),
    share(t('headline.committee'), 'committee_coverage'),
  );
}

const changesLink = (): HTMLElement =>
  h(
    'button',
    { type: 'button', class: 'row-button', onclick: () => change({ focus: { kind: 'changes', since: state().on }, panelOpen: state().panelOpen && !isPhone() }) },
    icon('history'),
    h('span', {}, t('changes.open')),
    icon('chevron'),
  );

/** The other pages, each with the street and the day of the map; the ledger with its classes too. */
function pageLinks(): HTMLElement[] {
  const { on, known, street, classes } = state();
  const passed = query({ street, on, known });
  const address = ({ name, path, dated }: PageLink) => {
    if (name === 'ledger') return ledgerAddress({ on, known, street, classes });
    return dated ? path + passed : path;
  };
  return navigation(may)
    .filter(({ name }) => name !== 'map')
    .map((page) => h('a', { class: 'row-button', href: address(page), 'data-page': page.name }, icon(page.sign), h('span', {}, t(`nav.${page.name}`)), icon('chevron')));
}

/** Where the top bar has no room for it: who is signed in, and the way in and out. */
function account(): HTMLElement | null {
  const now = session();
  return now && h('div', { class: 'panel-account' }, isSignedIn(now) && whoLine(now), ...accountRows());
}

/** What the map is coloured by. */
function themeChooser(): HTMLElement {
  const one = (theme: ThemeName | null, text: string) =>
    h('button', { type: 'button', 'data-theme': theme ?? 'usual', 'aria-pressed': String(state().theme === theme), onclick: () => state().theme !== theme && change({ theme, classes: [] }) }, text);
  return h('div', { class: 'theme-chooser', role: 'group', 'aria-label': t('theme.label') }, one(null, t('theme.usual')), one('due', t('theme.due')));
}

const source = ({ theme }: PanelData): HTMLElement => h('p', { class: 'panel-source' }, t('panel.source', { source: theme.source, date: theme.date }));
