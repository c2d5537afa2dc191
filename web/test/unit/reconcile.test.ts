import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../i18n/reconcile.en.json';
import zh from '../../i18n/reconcile.zh-CN.json';
import { groundOf, pathOf, zoomed } from '../../src/reconcile/outlines';
import { choicesOf, commandOf, EVERYTHING, nextOpen, progressOf, sifted, sumOf } from '../../src/reconcile/queue';
import type { Case, CaseRow, ClassCount } from '../../src/reconcile/types';

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
