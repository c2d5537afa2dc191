import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certainty, clashes, decisionsOf, differs, missingParts, settingsOf, taken, withField } from '../../src/deliveries/mapping';
import type { Column, Layer } from '../../src/deliveries/types';

const column = (name: string, field: string | null, more: Partial<Column> = {}): Column => ({ name, samples: [], filled: 3, field, confidence: field ? 'header' : 'none', ...more });
const refused = { 'zh-CN': '不收', en: 'refused' };
const layer = (name: string, ...columns: Column[]): Layer => ({ file: `${name}.shp`, name, format: 'shapefile', encoding: 'gb18030', crs: null, records: 3, with_geometry: 3, columns });
const layers = [layer('areas', column('XQMC', 'name'), column('BH', 'foreign_code'), column('SJ', 'manager_phone', { refused }), column('BZ', null)), layer('old', column('NAME', 'name'))];

test('without settings the proposal of the server counts, but never a refused column', () => {
  const decisions = decisionsOf({ layers, settings: null });
  assert.deepEqual(decisions.columns.areas, { XQMC: 'name', BH: 'foreign_code', SJ: null, BZ: null });
  assert.deepEqual([decisions.scope, decisions.position, decisions.effective, decisions.remember], ['listed', null, '', true]);
  assert.deepEqual(decisions.layers, ['areas', 'old']);
});

test('settings of the last check win over the proposal, also where they leave a column out', () => {
  const settings = { columns: { areas: { BH: 'code', XQMC: null } }, scope: 'streets' as const, position: 'GCJ-02', effective: '2023-06-01', left_out: ['old'] };
  const decisions = decisionsOf({ layers, settings });
  assert.deepEqual(decisions.columns.areas, { XQMC: null, BH: 'code', SJ: null, BZ: null });
  assert.deepEqual([decisions.scope, decisions.position, decisions.effective, decisions.layers], ['streets', 'GCJ-02', '2023-06-01', ['areas']]);
});

test('only chosen layers are sent, and no empty day', () => {
  const decisions = { ...decisionsOf({ layers, settings: null }), layers: ['areas'] };
  const sent = settingsOf(decisions);
  assert.deepEqual(Object.keys(sent.columns ?? {}), ['areas']);
  assert.ok(!('effective' in sent));
  assert.equal(settingsOf({ ...decisions, effective: '2023-06-01' }).effective, '2023-06-01');
});

test('two columns that mean the same clash, two that are left out do not', () => {
  const decisions = decisionsOf({ layers, settings: null });
  assert.equal(clashes(decisions, 'areas').size, 0);
  const clashing = withField(decisions, 'areas', 'BZ', 'name');
  assert.deepEqual([...clashes(clashing, 'areas')], [['name', ['XQMC', 'BZ']]]);
  assert.equal(clashes(withField(withField(decisions, 'areas', 'BZ', 'serial'), 'areas', 'BH', 'serial'), 'areas').size, 0);
  assert.equal(decisions.columns.areas?.BZ, null, 'the decisions before stay as they were');
});

test('columns are counted over the chosen layers', () => {
  const decisions = decisionsOf({ layers, settings: null });
  assert.deepEqual(taken(decisions, layers), { taken: 3, total: 5, refused: 1 });
  assert.deepEqual(taken({ ...decisions, layers: ['old'] }, layers), { taken: 1, total: 1, refused: 0 });
});

test('how sure a meaning is follows from who chose it', () => {
  assert.equal(certainty(column('XQMC', 'name'), 'name'), 'header');
  assert.equal(certainty(column('XQMC', 'name'), 'address'), 'chosen');
  assert.equal(certainty(column('XQMC', 'name'), null), 'left_out');
  assert.equal(certainty(column('BZ', null), null), 'none');
  assert.equal(certainty(column('BZ', null, { filled: 0 }), null), 'left_out');
  assert.equal(certainty(column('SJ', null, { refused }), null), 'refused');
});

test('a check is stale when a decision that counts for it was changed', () => {
  const decisions = decisionsOf({ layers, settings: null });
  assert.ok(!differs(decisions, { ...decisions, remember: false }));
  assert.ok(!differs(decisions, { ...decisions, layers: [...decisions.layers].reverse() }));
  assert.ok(differs(decisions, withField(decisions, 'areas', 'BZ', 'address')));
  assert.ok(differs(decisions, { ...decisions, position: 'GCJ-02' }));
});

test('parts of a Shapefile that are missing are named, whatever their case', () => {
  assert.deepEqual(missingParts(['a.shp', 'A.DBF', 'a.shx']), [{ shape: 'a.shp', parts: ['.prj'] }]);
  assert.deepEqual(missingParts(['a.shp', 'a.dbf', 'a.shx', 'a.prj']), []);
  assert.deepEqual(missingParts(['a.zip', 'b.geojson']), []);
});
