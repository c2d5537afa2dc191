import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../i18n/deliveries.en.json';
import zh from '../../i18n/deliveries.zh-CN.json';
import { ApiError } from '../../src/api';
import { senders } from '../../src/deliveries/senders';
import { t } from '../../src/deliveries/texts';
import { isDecided, troubleOf } from '../../src/deliveries/trouble';
import { encodingText, fieldText, formatText, shortDigest, size } from '../../src/deliveries/words';
import { moment, today } from '../../src/format';
import { setLang } from '../../src/i18n';
import { itemText } from '../../src/item';

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const problem = (status: number, type: string, body: Record<string, unknown> = {}, message = '') => new ApiError('problem', status, `urn:onemap:problem:${type}`, message, body);

test('the texts of deliveries have the same keys and holes in both languages, and none is empty', () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, text] of Object.entries(zh)) {
    assert.deepEqual(holes(en[key as keyof typeof en]), holes(text), key);
    assert.ok(text.trim() && en[key as keyof typeof en].trim(), key);
  }
});

test('English counts agree with their number', () => {
  setLang('en');
  assert.equal(t('drop.files', { n: 1, size: '2 KB' }), '1 file, 2 KB');
  assert.equal(t('drop.files', { n: 2, size: '2 KB' }), '2 files, 2 KB');
  setLang('zh-CN');
});

test('sizes, instants and digests are short', () => {
  assert.deepEqual([size(999), size(1500), size(999_600), size(64_000_000)], ['999 B', '2 KB', '1 MB', '64 MB']);
  assert.equal(moment('2026-11-25T18:03:00Z'), '2026-11-26 02:03');
  assert.equal(moment('gestern'), 'gestern');
  assert.equal(today(Date.parse('2026-11-25T18:03:00Z')), '2026-11-26');
  assert.equal(shortDigest('0123456789abcdef0123'), '0123 4567 89ab …');
});

test('rows, fields, formats and encodings go by their names', () => {
  assert.deepEqual([itemText('row 12'), itemText('feature 3'), itemText('表1 row 4')], ['第 12 行', '第 3 个图斑', '表1 row 4']);
  const fields = [{ key: 'foreign_code', label: { 'zh-CN': '送报单位编号', en: "Sender's code" } }];
  assert.deepEqual([fieldText('foreign_code', fields), fieldText('households', fields), fieldText('geometry', fields), fieldText('no_such', fields)], ['送报单位编号', '户数', '边界', '其他信息']);
  assert.deepEqual([formatText('geopackage'), formatText('dwg'), encodingText('gb18030'), encodingText(null)], ['GeoPackage', 'dwg', 'GB18030', '未知']);
});

test('every failure says what happened, what is safe and what to do', () => {
  const kinds: [unknown, string][] = [
    [new ApiError('offline', 0, '', ''), 'offline'],
    [problem(403, 'cross-site'), 'forbidden'],
    [problem(403, 'not-allowed'), 'not_allowed'],
    [problem(401, 'sign-in-needed'), 'sign_in'],
    [problem(413, 'too-large'), 'too_large'],
    [problem(415, 'unsupported'), 'unsupported'],
    [problem(400, 'unreadable'), 'unreadable'],
    [problem(409, 'vanishing'), 'vanishing'],
    [problem(503, 'busy'), 'busy'],
    [problem(500, 'internal'), 'failed'],
    [new TypeError('x is undefined'), 'program'],
  ];
  for (const [error, kind] of kinds) {
    const { what, safe, next } = troubleOf(error);
    assert.deepEqual([what, safe, next], [`trouble.${kind}.what`, `trouble.${kind}.safe`, `trouble.${kind}.next`]);
    assert.ok([what, safe, next].every((key) => t(key).length > 4), kind);
  }
});

test('the server is quoted where it names a place, and nowhere else', () => {
  assert.equal(troubleOf(problem(400, 'unreadable', {}, 'areas.shp: cut short at record 7')).detail, 'areas.shp: cut short at record 7');
  assert.equal(troubleOf(problem(409, 'busy', {}, 'somebody else')).detail, null);
});

test('faults name their member of the form, changed areas their code', () => {
  const faults = [{ place: '/record/document', field: 'document', message: 'is needed' }, { field: 'author', message: 'too long' }, { place: '/x' }];
  assert.deepEqual(troubleOf(problem(422, 'faults', { faults })).faults, [{ field: 'document', message: 'is needed' }, { field: 'author', message: 'too long' }]);
  assert.deepEqual(troubleOf(problem(409, 'changed', { areas: ['A-1', { code: 'A-2', name: '和园' }, 7] })).areas, [{ code: 'A-1', name: null }, { code: 'A-2', name: '和园' }]);
});

test('senders are suggested once, the one of this browser first', () => {
  assert.deepEqual(senders([{ sender: '麦子店街道' }, { sender: '科信局' }, { sender: '麦子店街道' }], '科信局'), ['科信局', '麦子店街道']);
  assert.equal(senders(Array.from({ length: 20 }, (_, i) => ({ sender: `s${i}` })), null).length, 6);
});

test('a delivery whose cases were decided one by one is not published from its own page, and the number is told', () => {
  const error = problem(409, 'decided', { decisions: 3 });
  const { what, params } = troubleOf(error);
  assert.equal(t(what, params), '这份送报已有 3 项差异在核对页面作了决定，不能在这里直接发布。');
  assert.deepEqual([isDecided(error), isDecided(problem(409, 'busy'))], [true, false]);
});
