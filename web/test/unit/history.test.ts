import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fate, kindOf, origin, steps } from '../../src/history';
import type { RecordInfo } from '../../src/types';
import type { Version } from '../../src/types-history';

const record = (id: number, kind = 'survey_round'): RecordInfo => ({ id, kind, document: null, authority: null, dated: null, recorded_at: '2022-11-01T00:00:00Z' });
const version = (patch: Partial<Version>): Version => ({
  part: 'area', code: 'A', valid_from: '2020-10-31', valid_until: null, recorded_from: 1, recorded_until: null, changed: [], facts: { name: '和园' }, record: record(1), ...patch,
});

test('what one record said for one day is one step', () => {
  const found = steps([version({}), version({ part: 'manager', code: 'M' }), version({ part: 'committee', code: 'C' })]);
  assert.equal(found.length, 1);
  assert.deepEqual(found[0]?.parts.map(({ part, first }) => [part, first]), [['area', true], ['manager', true], ['committee', true]]);
});

test('a fact that changed tells its old and its new value, derived ones are left out', () => {
  const [newest] = steps([
    version({ valid_from: '2022-10-27', recorded_from: 2, record: record(2), changed: ['households', 'style'], facts: { name: '和园', households: 320 } }),
    version({ valid_until: '2022-10-27', facts: { name: '和园', households: 300 } }),
  ]);
  assert.deepEqual(newest?.parts[0]?.fields, [{ name: 'households', before: 300, after: 320 }]);
});

test('a version whose end became known later is told once, by the record that first said so', () => {
  const found = steps([
    version({ valid_until: '2022-03-01', recorded_from: 3, record: record(3, 'merge') }),
    version({ recorded_from: 1, recorded_until: 3 }),
  ]);
  assert.equal(found.length, 1);
  assert.equal(found[0]?.until, '2022-03-01');
  assert.equal(found[0]?.record.id, 1);
  assert.equal(found[0]?.corrected, null);
});

test('a version that was corrected stays, and says by which record', () => {
  const found = steps([version({ recorded_from: 2, record: record(2, 'correction'), facts: { name: '和园一区' } }), version({ recorded_until: 2 })]);
  assert.deepEqual(found.map(({ corrected }) => corrected), [null, 2]);
});

test('how an area came to be follows from its record, else from how many it came from', () => {
  const relative = (code: string) => ({ code, name: code, from: '2021-09-01', record: 2 });
  assert.equal(origin([relative('A')], 'split'), 'split');
  assert.equal(origin([relative('A'), relative('B')], undefined), 'merge');
  assert.equal(origin([relative('A')], 'correction'), 'one');
  assert.equal(fate([relative('A'), relative('B')]), 'split');
  assert.equal(fate([relative('A')]), 'one');
  assert.equal(kindOf([relative('A')], [version({ record: record(2, 'split') })]), 'split');
  assert.equal(kindOf([], [version({})]), undefined);
});

test('a step names each row of a delivery that it came from once, also when its end became known later', () => {
  const source = { delivery: 3, file: 'areas.shp', item: 'feature 12', sender: '科信局' };
  const found = steps([
    version({ valid_until: '2022-03-01', recorded_from: 3, record: record(3, 'merge'), source: null }),
    version({ recorded_from: 1, recorded_until: 3, source }),
    version({ part: 'manager', recorded_from: 1, source: { ...source } }),
  ]);
  assert.deepEqual(found.map(({ sources }) => sources), [[source]]);
});
