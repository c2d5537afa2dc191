/** The box in which a condition on a column is set; every change shows at once. */
import { openBox } from '../desk/box';
import { t } from '../desk/texts';
import { integer, isDay } from '../format';
import { pick } from '../i18n';
import { seesSmallCounts } from '../session';
import { fill, h } from '../ui/dom';
import { tick } from '../deliveries/parts';
import { bounds, counts } from './select';
import type { Column, ListedColumn, Table } from './table';
import { ANY, NONE, type LedgerView } from './view';
import { placeText } from './words';

/** Different values beyond this many are not offered one by one. */
const OFFERED = 80;
/** Typing rests this long before the table follows. */
const REST_MS = 120;

export interface Asked {
  table: Table;
  column: Column;
  view: () => LedgerView;
  anchor: HTMLElement;
  /** Takes the condition, null for none. */
  set: (condition: string | null) => void;
}

export function openCondition({ table, column, view, anchor, set }: Asked): void {
  const { body } = openBox(pick(column.title), anchor);
  const now = () => view().conditions.get(column.key) ?? null;
  const draw = () => {
    const clear = h(
      'button',
      {
        type: 'button',
        class: 'button',
        disabled: now() === null,
        onclick: () => {
          set(null);
          draw();
        },
      },
      t('ledger.clear'),
    );
    const taken = (condition: string | null) => {
      set(condition);
      clear.disabled = condition === null;
    };
    const listed = column.kind === 'term' || column.kind === 'boolean';
    fill(body, ...(listed ? offered(table, column, view(), taken) : [...typed(column, now(), taken), presence(now(), (condition) => [taken(condition), draw()])]), h('div', { class: 'k-box-foot' }, clear));
  };
  draw();
}

/** Coded values to tick, with how many rows each would give for those who may know small counts. */
function offered(table: Table, column: ListedColumn, view: LedgerView, set: (condition: string | null) => void): HTMLElement[] {
  const found = counts(table, column, view);
  const held = view.conditions.get(column.key);
  const chosen = new Set(held === ANY ? column.keys : (held?.split(',') ?? []));
  const line = (key: string, text: string, count: number) =>
    tick(
      chosen.has(key),
      (checked) => {
        if (checked) chosen.add(key);
        else chosen.delete(key);
        set(chosen.size > 0 ? [...chosen].join(',') : null);
      },
      h('span', {}, text),
      seesSmallCounts() ? h('small', { class: 'num' }, integer(count)) : '',
    );
  const lines = column.keys.flatMap((key, place) => {
    const count = found[place] ?? 0;
    return count > 0 || chosen.has(key) ? [line(key, placeText(column, place), count)] : [];
  });
  const without = found[column.keys.length] ?? 0;
  if (without > 0 || chosen.has(NONE)) lines.push(line(NONE, t('ledger.none'), without));
  return [h('div', { class: 'k-ticks' }, ...lines.slice(0, OFFERED))];
}

/** A text to look for, or two ends of days or numbers. */
function typed(column: Column, held: string | null, set: (condition: string | null) => void): HTMLElement[] {
  const said = held === NONE || held === ANY ? null : held;
  let rest: ReturnType<typeof setTimeout> | undefined;
  const later = (condition: string | null) => {
    clearTimeout(rest);
    rest = setTimeout(() => set(condition), REST_MS);
  };
  if (column.kind === 'text') {
    const input = h('input', { type: 'search', value: said ?? '', 'aria-label': t('ledger.contains'), placeholder: t('ledger.contains'), autofocus: true, oninput: () => later(input.value.trim() || null) });
    return [h('div', { class: 'd-field' }, input)];
  }
  const [first = '', second = ''] = said === null ? [] : bounds(said);
  const type = column.kind === 'date' ? 'date' : 'number';
  const end = (label: string, value: string) => {
    const input = h('input', { type, step: 'any', class: 'num', value, onchange: () => taken(), ...(type === 'number' && { oninput: () => taken() }) });
    return { input, element: h('label', { class: 'd-field' }, h('span', { class: 'd-quiet' }, label), input) };
  };
  const [from, until] = [end(t('ledger.from'), first), end(t('ledger.until'), second)];
  const taken = () => {
    const [low, high] = [from.input.value, until.input.value].map((text) => (type === 'date' && !isDay(text) ? '' : text));
    later(low || high ? `${low}..${high}` : null);
  };
  return [h('div', { class: 'l-ends' }, from.element, until.element)];
}

/** "has a value" and "has none" as two buttons. */
function presence(held: string | null, set: (condition: string | null) => void): HTMLElement {
  const one = (condition: string, text: string) => h('button', { type: 'button', class: 'l-toggle', 'aria-pressed': String(held === condition), onclick: () => set(held === condition ? null : condition) }, text);
  return h('div', { class: 'l-toggles' }, one(ANY, t('ledger.any')), one(NONE, t('ledger.none')));
}
