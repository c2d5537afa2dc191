/** The left panel (a sheet on phones): street chooser, headline figures, legend, rates. */
import { integer, percent } from '../format';
import { t } from '../i18n';
import { change, onChange, state } from '../state';
import type { Rates, Register, Street, Theme } from '../types';
import { dayMark } from './asof';
import { byId, fill, h, isDesk, isPhone } from './dom';
import { icon } from './icons';
import { legend } from './legend';
import { ratesSection } from './rates';
import { settings } from './settings';
import { makeSheet } from './sheet';

export interface PanelData {
  register: Register;
  theme: Theme;
  rates: Rates | null;
  streets: readonly Street[];
}

export function panel(data: PanelData, moved: () => void): { render: () => void } {
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
      headline(data),
      legend(data.theme, dayMark(data.theme.as_of), render),
      ratesSection(data.rates, dayMark(data.rates?.as_of), render),
      changesLink(),
      data.register.audience === 'internal' && deliveriesLink(),
      source(data),
      h('div', { class: 'panel-settings' }, ...settings()),
    );
    fill(element, sheet.handle, head(), body);
    sheet.relabel();
    body.scrollTop = top;
    if (focused) findFocus(body, focused)?.focus({ preventScroll: true });
  };
  onChange((now, before) => {
    if (now.panelOpen && !before.panelOpen && isPhone()) sheet.moveTo('half');
    if (now.classes !== before.classes || now.lang !== before.lang || now.mode !== before.mode || now.panelOpen !== before.panelOpen || now.street !== before.street) render();
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
    ...streets.map((street) => h('option', { value: street.code }, t('street.option', { name: street.name, n: integer(street.areas) }))),
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

function headline({ register, theme, rates }: PanelData): HTMLElement {
  const rate = (id: string) => rates?.rates.find((item) => item.id === id);
  const figure = (label: string, value: string, below: string) =>
    h('div', { class: 'figure' }, h('dt', {}, label), h('dd', { class: 'num' }, h('b', {}, value), h('small', {}, below)));
  const share = (label: string, id: string) => {
    const found = rate(id);
    return figure(label, found ? percent(found.percent) : '…', found ? `${integer(found.numerator)} / ${integer(found.denominator)}` : '');
  };
  return h(
    'dl',
    { class: 'headline' },
    figure(t('headline.areas'), integer(theme.total), theme.street ? t('headline.of', { n: integer(register.areas) }) : t('headline.streets', { n: register.streets })),
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

const deliveriesLink = (): HTMLElement => h('a', { class: 'row-button', href: '/deliveries' }, icon('inbox'), h('span', {}, t('deliveries.open')), icon('chevron'));

const source = ({ theme }: PanelData): HTMLElement => h('p', { class: 'panel-source' }, t('panel.source', { source: theme.source, date: theme.date }));
