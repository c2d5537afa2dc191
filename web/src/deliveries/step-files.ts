/** Step 1: what was handed in. */
import { integer } from '../format';
import { h } from '../ui/dom';
import { icon } from './icons';
import type { Decisions } from './mapping';
import { dropDown, tick } from './parts';
import { deliveredFile } from './questions';
import { t } from './texts';
import type { Delivery, Layer } from './types';
import { encodingText, formatText, shortDigest, size } from './words';

const ENCODINGS = ['gb18030', 'utf-8', 'big5', 'utf-16le'];

export function filesSummary({ files, layers }: Delivery, { layers: chosen }: Decisions): string {
  const [first] = layers;
  const rows = layers.filter(({ name }) => chosen.includes(name)).reduce((sum, layer) => sum + layer.records, 0);
  const name = files.length === 1 ? files[0]?.name : t('list.files', { name: files[0]?.name ?? '', n: files.length - 1 });
  return [name, first && t('files.summary', { format: formatText(first.format), n: integer(rows) }), first?.encoding && encodingText(first.encoding)].filter(Boolean).join(' · ');
}

export function filesBody(delivery: Delivery, decisions: Decisions, locked: boolean, decide: (patch: Partial<Decisions>) => void): HTMLElement {
  const { id, files, layers, note } = delivery;
  return h(
    'div',
    { class: 'd-step-body' },
    note && h('p', { class: 'd-quiet' }, `${t('files.note')}：${note}`),
    layers.length > 0 ? h('div', { class: 'd-cards' }, ...layers.map((layer) => layerCard(layer, decisions, locked || layers.length < 2, decide))) : h('div', { class: 'd-empty' }, icon('file'), h('b', {}, t('files.empty')), h('p', {}, t('files.empty.text'))),
    h('div', { class: 'd-two' }, fileList(id, files), layers.length > 0 && encoding(layers, decisions, locked, decide)),
  );
}

function layerCard(layer: Layer, { layers }: Decisions, alone: boolean, decide: (patch: Partial<Decisions>) => void): HTMLElement {
  const on = layers.includes(layer.name);
  const fact = (label: string, ...value: (Node | string | null)[]) => h('div', {}, h('dt', {}, label), h('dd', { class: 'num' }, ...value));
  return h(
    'div',
    { class: on ? 'd-layer' : 'd-layer off' },
    h('div', { class: 'd-layer-head' }, icon('layers'), h('b', {}, layer.name), layer.file !== layer.name && h('small', {}, layer.file)),
    h(
      'dl',
      {},
      fact(t('files.format'), formatText(layer.format)),
      fact(t('files.rows'), integer(layer.records), h('small', {}, t('files.geometry', { n: integer(layer.with_geometry) }))),
      fact(t('files.encoding'), encodingText(layer.encoding)),
      fact(t('files.crs'), layer.crs ?? t('files.crs.none')),
    ),
    !alone && tick(on, (checked) => decide({ layers: checked ? [...layers, layer.name] : layers.filter((name) => name !== layer.name) }), t('files.take')),
  );
}

const fileList = (id: number, files: Delivery['files']): HTMLElement =>
  h(
    'ul',
    { class: 'd-file-list' },
    ...files.map(({ name, bytes, digest }, index) =>
      h(
        'li',
        {},
        icon('file'),
        h('span', { class: 'd-file-name' }, h('b', {}, name), h('small', { class: 'num' }, size(bytes), ' · ', h('span', { title: `${t('files.digest')} ${digest}` }, shortDigest(digest)))),
        h('a', { class: 'icon-button small', href: deliveredFile(id, index + 1), download: name, 'aria-label': t('files.download', { name }), title: t('files.download', { name }) }, icon('download')),
      ),
    ),
  );

function encoding(layers: readonly Layer[], decisions: Decisions, locked: boolean, decide: (patch: Partial<Decisions>) => void): HTMLElement {
  const found = layers.find((layer) => layer.encoding !== null)?.encoding ?? null;
  const choices = [{ value: '', text: t('files.encoding.auto', { name: encodingText(found) }) }, ...ENCODINGS.map((value) => ({ value, text: t('files.encoding.fixed', { name: encodingText(value) }) }))];
  return h(
    'div',
    { class: 'd-field' },
    h('label', { for: 'encoding' }, t('files.encoding')),
    dropDown({ label: t('files.encoding'), value: decisions.encoding ?? '', choices, id: 'encoding', disabled: locked }, (value) => decide({ encoding: value || null })),
    h('small', {}, t('files.encoding.hint')),
  );
}
