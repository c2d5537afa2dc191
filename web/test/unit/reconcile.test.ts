import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../i18n/reconcile.en.json';
import zh from '../../i18n/reconcile.zh-CN.json';
import { groundOf, pathOf, zoomed } from '../../src/reconcile/outlines';
import { ApiError } from '../../src/api';
import { filled } from '../../src/i18n';
import { casesMoved, previewMoved, refusalOf } from '../../src/reconcile/errors';
import { choicesOf, commandOf, draftOf, EVERYTHING, findingsOf, grouped, needsRecord, nextOpen, progressOf, sifted, stateOf, sumOf } from '../../src/reconcile/queue';
import type { Case, CaseRow, ClassCount, Verdict } from '../../src/reconcile/types';
import { words } from '../../src/reconcile/words';

const row = (key: string, patch: Partial<CaseRow> = {}): CaseRow => ({
  key, class: 'same', relation: '1:1', state: 'open', status: 'review', probability: 0.9, consequence: 'area', difference_m2: 20, near_identical: false,
  ours: [{ code: `DEMO-${key}`, name: `枣营${key}`, street: '110105001', street_name: '建外街道' }], theirs: [], conflicts: [], owner: null, decision: null, task: null, findings: 0, ...patch,
});
const task = { state: 'open', answer: null, name: null, dated: null, until: null, note: null } as const;
const keys = (cases: readonly CaseRow[]) => cases.map(({ key }) => key);

test('both languages say the same', () => {
  const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  assert.deepEqual(Object.keys(en), Object.keys(zh));
  for (const [key, text] of Object.entries(zh)) assert.deepEqual(holes(en[key as keyof typeof en]), holes(text), key);
});

test('the queue keeps the order of the server and holds what is to be done', () => {
  const cases = [row('a', { state: 'decided' }), row('b', { state: 'decided', task }), row('c'), row('d', { state: 'settled' })];
  assert.deepEqual(keys(sifted(cases, EVERYTHING)), ['b', 'c']);
  assert.deepEqual(keys(sifted(cases, { ...EVERYTHING, state: 'all', text: ' demo-A ' })), ['a']);
  assert.deepEqual(keys(sifted(cases, { ...EVERYTHING, street: '110105002' })), []);
});

test('the next open case comes after the present one, and from the beginning at the end', () => {
  const cases = [row('a'), row('b', { state: 'decided' }), row('c')];
  assert.equal(nextOpen(cases, 'a'), 'c');
  assert.equal(nextOpen(cases, 'c'), 'a');
  assert.equal(nextOpen([cases[1]!], 'b'), null);
});

test('the classes add up to both inputs, and it is said when they do not', () => {
  const count = (name: ClassCount['class'], ours: number, theirs: number): ClassCount => ({ class: name, cases: 1, ours, theirs, open: 1, decided: 2, settled: 0 });
  const classes = [count('same', 5, 5), count('split', 1, 2), count('new', 0, 1)];
  assert.deepEqual([sumOf({ classes, ours: 6, theirs: 8 }, 'ours').holds, sumOf({ classes, ours: 6, theirs: 9 }, 'theirs').holds], [true, false]);
  assert.deepEqual(sumOf({ classes, ours: 6, theirs: 8 }, 'ours').terms.map((term) => term.class), ['same', 'split']);
  assert.deepEqual(progressOf(classes), { done: 6, all: 9 });
});

test('keys decide, but not while somebody types or with a key of the browser', () => {
  const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false, altKey: false });
  assert.equal(commandOf(key('A'), false), 'accept');
  assert.equal(commandOf(key('u'), false), 'undo');
  assert.equal(commandOf(key('a'), true), null);
  assert.equal(commandOf(key('a', true), false), null);
  assert.equal(commandOf(key('x'), false), null);
});

test('outlines are metres around the middle of the case', () => {
  const square = { type: 'Polygon', coordinates: [[[116.4, 39.9], [116.41, 39.9], [116.41, 39.91], [116.4, 39.91], [116.4, 39.9]]] };
  const features = { features: [{ geometry: square, properties: {} }] };
  const none = { features: [] };
  const found = groundOf({ geometry: { ours: features, theirs: none, difference: none, neighbours: none } } as unknown as Case);
  assert.ok(found);
  const numbers = pathOf(features.features[0]!, found.ground).match(/-?[\d.]+/g)!.map(Number);
  // A hundredth of a degree of longitude at 39.9° is 854 m on the sphere that the map is made of.
  assert.ok(Math.abs(numbers[2]! - numbers[0]! - 854) < 2, String(numbers[2]! - numbers[0]!));
  const seen = zoomed({ x: 0, y: 0, width: 100, height: 50 }, 0.5, [1, 1]);
  assert.deepEqual(seen, { x: 50, y: 25, width: 50, height: 25 });
});

test('a row that is a point is a ring around it', () => {
  const point = { type: 'Feature', geometry: { type: 'Point', coordinates: [116.4, 39.9] }, properties: {} };
  const one = { geometry: { ours: { features: [] }, theirs: { features: [point] } } } as unknown as Case;
  const found = groundOf(one);
  assert.ok(found);
  assert.match(pathOf(one.geometry.theirs.features[0]!, found.ground), /^M-?0\.00 -?0\.00m-6 0a6 6 /);
});

test('with one field given to ours, all others are taken as they are shown', () => {
  const fields = [{ field: 'company', enters: true }, { field: 'boundary', enters: true }, { field: 'committee', enters: false }];
  assert.deepEqual(choicesOf(fields, { company: 'ours' }), { company: 'ours', boundary: 'theirs' });
});

test('new areas are found by the street of their rows', () => {
  const cases = [row('n', { class: 'new', ours: [], theirs: [{ row: 'a:1', code: null, name: '新里', street: '110105001', street_name: '建外街道' }] })];
  assert.deepEqual(keys(sifted(cases, { ...EVERYTHING, street: '110105001' })), ['n']);
});

test('a key that is held decides nothing more', () => {
  const key = { key: 'a', ctrlKey: false, metaKey: false, altKey: false };
  assert.deepEqual([commandOf(key, false), commandOf({ ...key, repeat: true }, false)], ['accept', null]);
});

const verdict: Verdict = { verdict: 'keep', fields: { company: 'ours' }, reason: 'survey', note: '见图', by: '甲', at: '2026-11-25T18:03:00Z', replayed: false };

test('a case that is opened shows its own reason, and the next one does not take it over', () => {
  assert.deepEqual(draftOf(verdict), { fields: { company: 'ours' }, reason: 'survey', note: '见图' });
  assert.deepEqual(draftOf(null), { fields: {}, reason: 'better_source', note: '' });
  const draft = draftOf(verdict);
  draft.fields.name = 'ours';
  assert.deepEqual(verdict.fields, { company: 'ours' });
});

test('a settled pair with small differences is not called the same', () => {
  const cases = [row('a', { state: 'settled', minor: ['company'] }), row('b', { state: 'settled', minor: [] }), row('c', { state: 'settled' }), row('d', { state: 'open', minor: ['name'] })];
  assert.deepEqual(cases.map(stateOf), ['minor', 'settled', 'settled', 'open']);
  assert.deepEqual(keys(sifted(cases, { ...EVERYTHING, state: 'minor' })), ['a']);
  assert.deepEqual(keys(sifted(cases, { ...EVERYTHING, state: 'settled' })), ['a', 'b', 'c']);
});

test('questions about committees are found while they are open and while they are put off', () => {
  const cases = [row('a', { state: 'decided', task }), row('b', { state: 'decided', task: { ...task, state: 'deferred', until: '2026-12-01' } }), row('c', { state: 'decided', task: { ...task, state: 'answered' } })];
  assert.deepEqual(keys(sifted(cases, { ...EVERYTHING, state: 'tasks' })), ['a']);
  assert.deepEqual(keys(sifted(cases, { ...EVERYTHING, state: 'deferred' })), ['b']);
});

test('only what is in the register is taken back by a record', () => {
  assert.deepEqual([needsRecord({ ...verdict, entered: false }, true), needsRecord({ ...verdict, entered: true }, true)], [false, true]);
  assert.deepEqual([needsRecord(verdict, true), needsRecord(verdict, false)], [true, false]);
});

test('findings of a case are those of all places of its rows that are still open', () => {
  const finding = (item: string, state: 'open' | 'excepted' = 'open') => ({ file: 'a.shp', item, state });
  const findings = [finding('1'), finding('2'), finding('2', 'excepted'), finding('3')];
  const rows = [{ row: 'a.shp:1', code: null, name: null, street: null, street_name: null, places: ['a.shp:1', 'a.shp:2'] }];
  assert.deepEqual(findingsOf(rows, findings), [findings[0], findings[1]]);
  assert.deepEqual(findingsOf([{ ...rows[0]!, places: undefined }], findings), [findings[0]]);
});

test('what is in the way of a case is told in one line', () => {
  const what = (text: string) => ({ 'zh-CN': text, en: text });
  assert.deepEqual(grouped([{ case: 'a', name: '甲', what: what('一') }, { case: 'b', name: '乙', what: what('二') }, { case: 'a', name: '甲', what: what('三') }]), [
    { case: 'a', name: '甲', why: ['一', '三'] },
    { case: 'b', name: '乙', why: ['二'] },
  ]);
});

const problem = (type: string, body: Record<string, unknown> = {}) => new ApiError('problem', 409, `urn:onemap:problem:${type}`, '', body);

test('every refusal of a reconciliation has words, and all their holes are filled', () => {
  const told: Record<string, Record<string, unknown>> = {
    'not-checked': {}, 'not-reconciled': {}, 'no-such-case': {}, 'not-decided': { case: 'a' }, count: { expected: 3, found: 2 }, 'not-in-bulk': { case: 'a', name: '甲' },
    'not-enterable': { case: 'a', lacks: 'whole' }, changed: {}, 'decided-meanwhile': { case: 'a', by: '乙', at: '2026-11-25T18:03:00Z' }, undecided: { open: 2 }, 'committee-tasks': { open: 1 },
    'cases-refused': { cases: [{ case: 'a', name: '甲', why: ['x'] }] }, 'not-publishable': { must_fix: 4 }, vanishing: { vanishing: 9, areas: 80 }, 'preview-outdated': {}, 'nothing-entered': {}, 'only-whole': {},
    'changed-since': { areas: ['DEMO-1'] }, faults: { faults: [{ place: '/record/dated', message: 'x' }] },
  };
  for (const [type, body] of Object.entries(told)) {
    const refusal = refusalOf(problem(type, body));
    assert.ok(refusal, type);
    for (const part of ['what', 'next'] as const) {
      const key = `trouble.${refusal.kind}.${part}`;
      assert.ok(key in zh, key);
      assert.doesNotMatch(filled(zh[key as keyof typeof zh], { ...refusal.params, name: '甲' }), /\{\w+\}/, key);
    }
  }
});

test('a refusal names the cases, the areas and the places', () => {
  assert.deepEqual(refusalOf(problem('cases-refused', { cases: [{ case: 'a', name: '甲', why: ['x', 1] }, {}] }))?.cases, [{ key: 'a', name: '甲', why: ['x'] }]);
  assert.deepEqual(refusalOf(problem('not-in-bulk', { case: 'a', name: '甲' }))?.cases, [{ key: 'a', name: '甲', why: [] }]);
  assert.deepEqual(refusalOf(problem('changed-since', { areas: ['DEMO-1'] }))?.areas, [{ code: 'DEMO-1', name: null }]);
  assert.deepEqual(refusalOf(problem('faults', { faults: [{ place: '/record/dated', message: 'x' }] }))?.faults, [{ field: 'dated', message: 'x' }]);
  assert.equal(refusalOf(problem('not-enterable', { case: 'a', lacks: 'whole' }))?.detail, 'whole');
});

test('failures of any request are none of this page, and some ask for the cases or the preview anew', () => {
  assert.deepEqual([refusalOf(problem('busy')), refusalOf(new ApiError('offline', 0, '', '')), refusalOf(new Error('x'))], [null, null, null]);
  assert.deepEqual([casesMoved(problem('decided-meanwhile')), casesMoved(problem('faults')), casesMoved(new Error('x'))], [true, false, false]);
  assert.deepEqual([previewMoved(problem('preview-outdated')), previewMoved(problem('busy'))], [true, false]);
});

test('every field that the server tells of has a word, and values are told in words', () => {
  const fields = ['boundary', 'name', 'other_names', 'street', 'community', 'mgmt_type', 'quasi_kind', 'committee', 'company', 'address', 'floor_area_m2', 'households', 'building_count', 'built_year', 'fee_yuan_per_m2_month', 'contract_from', 'contract_until', 'contract_kind', 'contract_filed_on', 'delimitation_document', 'foreign_codes'];
  for (const field of fields) assert.ok(`field.${field}` in zh, field);
  assert.deepEqual([words('mgmt_type', 'quasi_property'), words('mgmt_type', 'street_fallback'), words('contract_kind', 'ordinary'), words('name', '枣营'), words('households', null)], ['准物业', '街乡兜底', '普通物业服务合同', '枣营', '—']);
});
