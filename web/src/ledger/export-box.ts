/** The box from which a selection goes out: as a file or on paper. */
import { openBox } from '../desk/box';
import { icon } from '../desk/icons';
import { failure, save } from '../desk/parts';
import { t } from '../desk/texts';
import { fill, h } from '../ui/dom';
import type { Paper } from './print';

const FORMATS = ['xlsx', 'csv', 'geojson'] as const;
export type Format = (typeof FORMATS)[number];

export interface Outgoing {
  rows: number;
  /** How many they are said to be; null where it is not said. */
  told: string | null;
  /** The file of a format, with the columns shown or with all. */
  file: (format: Format, all: boolean) => Promise<{ file: Blob; name: string }>;
  print: (paper: Paper) => void;
}

export function openExport({ rows, told, file, print }: Outgoing, anchor: HTMLElement): void {
  const { body, close } = openBox(t('ledger.export'), anchor);
  let all = false;
  const trouble = h('div', {});
  const fetchFile = async (format: Format, button: HTMLButtonElement) => {
    button.disabled = true;
    trouble.replaceChildren();
    try {
      const { file: made, name } = await file(format, all);
      save(made, name);
      close();
    } catch (error) {
      fill(trouble, failure(error, () => void fetchFile(format, button)));
    } finally {
      button.disabled = false;
    }
  };
  const radio = (value: boolean, text: string) => h('label', { class: 'k-radio' }, h('input', { type: 'radio', name: 'columns', checked: value === all, onchange: () => (all = value) }), h('span', {}, text));
  const format = (name: Format) => {
    const button: HTMLButtonElement = h('button', { type: 'button', class: 'k-choice', 'data-format': name, disabled: rows === 0, onclick: () => void fetchFile(name, button) }, icon('download'), h('span', {}, h('b', {}, t(`ledger.export.${name}`)), h('small', {}, t(`ledger.export.${name}.text`))));
    return button;
  };
  const paper = (name: Paper) => h('button', { type: 'button', class: 'button', disabled: rows === 0, onclick: () => [close(), print(name)] }, icon('printer'), t(`ledger.print.${name}`));
  fill(
    body,
    h('p', { class: 'd-quiet' }, told === null ? t('ledger.export.text.listed') : t('ledger.export.text', { n: told })),
    h('fieldset', { class: 'l-fields' }, h('legend', { class: 'sr-only' }, t('ledger.columns')), radio(false, t('ledger.export.shown')), radio(true, t('ledger.export.all'))),
    h('div', { class: 'k-choices' }, ...FORMATS.map(format)),
    trouble,
    h('div', { class: 'k-box-foot' }, paper('a4'), paper('a3')),
  );
}
