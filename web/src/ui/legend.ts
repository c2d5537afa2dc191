/** The legend: every class with its sample, count and share; each row shows or hides its class. */
import { counted, day, integer, sum } from '../format';
import { pick, t, term } from '../i18n';
import { change, state } from '../state';
import type { Management, Theme, ThemeClass } from '../types';
import { h } from './dom';
import { icon } from './icons';
import { swatch } from './swatch';

let explained = false;

/** `mark` tells the day where it is not the present; `redraw` is asked when only the legend itself changed. */
export function legend(theme: Theme, mark: HTMLElement | null, chooser: HTMLElement | null, redraw: () => void): HTMLElement {
  const { classes } = state();
  const groups: Management[] = ['contracted', 'quasi_property', 'unknown'];
  return h(
    'section',
    { class: 'legend', 'aria-labelledby': 'legend-title' },
    h(
      'div',
      { class: 'section-head' },
      h('h2', { id: 'legend-title' }, t('legend.title'), mark),
      classes.length > 0 &&
        h('button', { type: 'button', class: 'text-button', onclick: () => change({ classes: [] }) }, t('legend.all')),
      h(
        'button',
        {
          type: 'button',
          class: 'icon-button small',
          'aria-pressed': String(explained),
          'aria-label': t('legend.explain'),
          title: t('legend.explain'),
          onclick: () => {
            explained = !explained;
            redraw();
          },
        },
        icon('info'),
      ),
    ),
    chooser,
    theme.areas ? h('p', { class: 'hint' }, t('legend.due_on', { day: day(theme.date) })) : null,
    h('p', { class: 'hint' }, classes.length > 0 ? filteredText(theme) : t('legend.hint')),
    theme.classes.some(({ count }) => count === null) ? h('p', { class: 'hint', 'data-note': 'small' }, t('small_counts')) : null,
    ...(theme.areas ? [h('div', { class: 'legend-group' }, ...theme.classes.map((item) => row(theme, item, false)))] : groups.map((group) => groupOf(theme, group))),
  );
}

function filteredText(theme: Theme): string {
  const shown = theme.classes.filter((item) => state().classes.includes(item.key));
  const [first] = shown;
  const n = first && shown.length === 1 ? counted(first.count, first.count_below) : counted(sum(shown.map((item) => item.count)));
  return t('legend.filtered', { n, total: counted(theme.total, theme.total_below) });
}

function groupOf(theme: Theme, management: Management): HTMLElement | null {
  const classes = theme.classes.filter((item) => item.management === management);
  if (classes.length === 0) return null;
  const count = sum(classes.map((item) => item.count));
  const keys = classes.map((item) => item.key);
  const chosen = state().classes;
  const pressed = chosen.length > 0 && keys.every((key) => chosen.includes(key));
  const only = classes.length === 1;
  return h(
    'div',
    { class: 'legend-group', role: 'group', 'aria-label': term('management', management) },
    !only &&
      h(
        'button',
        { type: 'button', class: 'legend-head', 'aria-pressed': String(pressed), onclick: () => toggle(keys, pressed, theme) },
        h('span', { class: 'legend-name' }, term('management', management)),
        // The rates may well tell the sum that cannot be made of these rows: no star claims that it is held back.
        h('span', { class: 'num' }, count === null ? '' : integer(count)),
      ),
    ...classes.map((item) => row(theme, item, !only)),
  );
}

function row(theme: Theme, item: ThemeClass, short: boolean): HTMLElement {
  const { classes, mode } = state();
  const chosen = classes.includes(item.key);
  const bar = h('span', { class: 'bar-fill' });
  const most = Math.max(1, ...theme.classes.map((other) => other.count ?? 0));
  const least = item.count_below === undefined ? 0 : 2;
  bar.style.width = `${item.count ? Math.max(2, (item.count / most) * 100) : least}%`;
  bar.style.background = item.fill[mode];
  const label = pick(item.label);
  return h(
    'div',
    { class: `legend-row${classes.length > 0 && !chosen ? ' off' : ''}${item.count === 0 ? ' none' : ''}` },
    h(
      'button',
      {
        type: 'button',
        class: 'legend-button',
        'data-class': item.key,
        'aria-pressed': String(chosen),
        'aria-label': t('legend.row', { label, n: counted(item.count, item.count_below) }),
        onclick: () => toggle([item.key], chosen, theme),
      },
      swatch(theme, item.key, mode),
      h('span', { class: 'legend-name' }, short && item.committee ? term('committee', item.committee) : label),
      h('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
      h('span', { class: 'num' }, counted(item.count, item.count_below)),
    ),
    explained && h('p', { class: 'explanation' }, pick(item.explanation)),
  );
}

/** The first click shows one class alone, further clicks add or take away; all or none is every class again. */
function toggle(keys: string[], chosen: boolean, theme: Theme): void {
  const { classes } = state();
  const next = chosen ? classes.filter((key) => !keys.includes(key)) : [...classes.filter((key) => !keys.includes(key)), ...keys];
  const ordered = theme.classes.map((item) => item.key).filter((key) => next.includes(key));
  change({ classes: ordered.length === theme.classes.length ? [] : ordered });
}
