import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flags, kindOf, NO_FILTER, obstacles, sift, sorted, stageOf, tally, type Words } from '../../src/deliveries/sift';
import type { Finding, Report } from '../../src/deliveries/types';
import { rowForKey, rowsInView, scrollFor } from '../../src/deliveries/window';

const text = (zh: string) => ({ 'zh-CN': zh, en: `en ${zh}` });
const finding = (number: number, more: Partial<Finding> = {}): Finding => ({
  number, issue: 'overlap', severity: 'must_fix', side: 'bureau', state: 'open', file: 'a.shp', item: `feature ${number}`, row: number, subject: `C-${number}`, name: `第${number}区`, street: '110105012',
  field: 'geometry', column: null, value: null, title: text('重叠'), wrong: text('与邻区重叠'), fix: text('改界'), at: null, shape: null, other: null, fingerprint: 'f', ...more,
});
const words: Words = { lang: 'zh-CN', street: (code) => (code === '110105012' ? '麦子店街道' : (code ?? '')) };
const all = [
  finding(1, { severity: 'fix_later', issue: 'name', title: text('名称重复'), side: 'street' }),
  finding(2),
  finding(10, { state: 'excepted' }),
  finding(3, { street: '110105001', name: null, state: 'repaired' }),
  finding(11, { row: null, severity: 'fix_later' }),
];
const numbers = (found: readonly Finding[]) => found.map(({ number }) => number);

test('only an open finding counts by its severity', () => {
  assert.deepEqual(all.map(kindOf), ['fix_later', 'must_fix', 'excepted', 'repaired', 'fix_later']);
});

test('filters narrow together', () => {
  assert.deepEqual(numbers(sift(all, { ...NO_FILTER, kind: 'fix_later' }, words)), [1, 11]);
  assert.deepEqual(numbers(sift(all, { ...NO_FILTER, side: 'bureau', street: '110105012' }, words)), [2, 10, 11]);
  assert.deepEqual(numbers(sift(all, { ...NO_FILTER, text: ' 第10 ' }, words)), [10]);
  assert.deepEqual(numbers(sift(all, { ...NO_FILTER, text: '麦子店' }, words)), [1, 2, 10, 11]);
  assert.deepEqual(numbers(sift(all, { ...NO_FILTER, text: 'c-3' }, words)), [3]);
});

test('a count of one part of the filter follows the other parts', () => {
  assert.deepEqual([...tally(all, 'issue', NO_FILTER, words)], [['name', 1], ['overlap', 4]]);
  assert.deepEqual([...tally(all, 'issue', { ...NO_FILTER, kind: 'fix_later', issue: 'name' }, words)], [['name', 1], ['overlap', 1]]);
  assert.deepEqual([...tally(all, 'street', { ...NO_FILTER, street: '110105001' }, words)], [['110105012', 4], ['110105001', 1]]);
});

test('the worst come first, rows are ordered as numbers, and equal ones keep their order', () => {
  assert.deepEqual(numbers(sorted(all, { key: 'kind', descending: false }, words)), [2, 1, 11, 10, 3]);
  assert.deepEqual(numbers(sorted(all, { key: 'row', descending: false }, words)), [1, 2, 3, 10, 11]);
  assert.deepEqual(numbers(sorted(all, { key: 'row', descending: true }, words)), [11, 10, 3, 2, 1]);
  assert.deepEqual(numbers(sorted(all, { key: 'issue', descending: false }, words)).at(0), 2 - 1);
});

test('a row is flagged by its worst open finding', () => {
  const found = flags([...all, finding(12, { row: 1 })]);
  assert.deepEqual([found.get(1), found.get(2), found.get(10), found.get(3)], ['must_fix', 'must_fix', undefined, undefined]);
});

const counts = { must_fix: 0, fix_later: 0, excepted: 0, repaired: 0 };
const report = (more: Partial<Report> = {}): Report => ({
  delivery: 1, revision: 7, effective: '2023-06-01', rows: 10, publishable: true, counts, changes: { added: 0, changed: 1, unchanged: 9, vanished: 0, unusable: 0 }, vanishing: { share: 0, needs_confirmation: false, areas: [] }, issues: [], rates: { before: [], after: [] }, skipped: [], ...more,
});
const fine = { stale: false, position: 'declared', confirmed: null };

test('what keeps a delivery from being published is named', () => {
  assert.deepEqual(obstacles(report(), fine), []);
  assert.deepEqual(obstacles(report({ publishable: false, counts: { ...counts, must_fix: 3 } }), { ...fine, stale: true }), ['changed_settings', 'must_fix']);
  assert.deepEqual(obstacles(report({ publishable: false }), { ...fine, position: 'suspect' }), ['position']);
  assert.deepEqual(obstacles(report({ publishable: false }), fine), ['other']);
});

test('areas that vanish are confirmed by their exact number', () => {
  const vanishing = report({ changes: { added: 0, changed: 0, unchanged: 8, vanished: 2, unusable: 0 }, vanishing: { share: 0.2, needs_confirmation: true, areas: [] } });
  assert.deepEqual(obstacles(vanishing, fine), ['vanishing']);
  assert.deepEqual(obstacles(vanishing, { ...fine, confirmed: 3 }), ['vanishing']);
  assert.deepEqual(obstacles(vanishing, { ...fine, confirmed: 2 }), []);
});

test('the list tells how far a delivery has come', () => {
  const summary = { rows: 1, revision: 7, ...counts, added: 0, changed: 0, unchanged: 1, vanished: 0, unusable: 0 };
  const stage = (state: 'received' | 'published' | 'undone', of: typeof summary | null, running = false) => stageOf({ state, summary: of, progress: running ? { step: 'read', done: 0, total: 0 } : null });
  assert.deepEqual([stage('received', null), stage('received', null, true), stage('received', summary), stage('received', { ...summary, must_fix: 1 })], ['unchecked', 'checking', 'ready', 'blocked']);
  assert.deepEqual([stage('published', summary), stage('undone', summary)], ['published', 'undone']);
});

test('of a long list only the rows in view are made, and never none of a list that has some', () => {
  assert.deepEqual(rowsInView(5000, 56, 56 * 1000, 560), { first: 992, last: 1018 });
  assert.deepEqual(rowsInView(5000, 56, -4000, 0), { first: 0, last: 8 });
  assert.deepEqual(rowsInView(3, 56, 0, 560), { first: 0, last: 3 });
  assert.deepEqual(rowsInView(0, 56, 0, 560), { first: 0, last: 0 });
});

test('keys move within the list', () => {
  assert.equal(rowForKey('ArrowDown', -1, 10, 5), 0);
  assert.equal(rowForKey('ArrowUp', -1, 10, 5), 9);
  assert.equal(rowForKey('ArrowUp', 0, 10, 5), 0);
  assert.equal(rowForKey('PageDown', 7, 10, 5), 9);
  assert.deepEqual([rowForKey('Home', 7, 10, 5), rowForKey('End', 7, 10, 5)], [0, 9]);
  assert.deepEqual([rowForKey('a', 7, 10, 5), rowForKey('ArrowDown', 0, 0, 5)], [null, null]);
});

test('a list is scrolled no further than the row needs', () => {
  assert.equal(scrollFor(0, 56, 36, 100, 600), 0);
  assert.equal(scrollFor(4, 56, 36, 100, 600), 100);
  assert.equal(scrollFor(20, 56, 36, 100, 600), 20 * 56 + 56 + 36 - 600);
});
