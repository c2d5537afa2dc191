import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnWidth, LEAD, shownColumns, USUAL } from '../../src/ledger/layout';
import { around } from '../../src/ledger/bounds';
import { counts, select, sum } from '../../src/ledger/select';
import { Table, type ListedColumn, type SentLedger } from '../../src/ledger/table';
import { formatLedger, leftBehind, ledgerAddress, mapAddress, parseLedger, withCondition, type LedgerView } from '../../src/ledger/view';

const text = (zh: string) => ({ 'zh-CN': zh, en: zh });

/** Five areas: names in their order, a street each, households, days and yes or no with gaps. */
const sent: SentLedger = {
  date: '2022-10-27',
  revision: 3,
  count: 5,
  labels: [[116.1, 39.1], [116.2, 39.2], [116.3, 39.3], [116.4, 39.4], [116.5, 39.5]],
  columns: [
    { key: 'code', title: text('编码'), kind: 'text', values: ['A1', 'A2', 'A3', 'A4', 'A5'], data: [0, 1, 2, 3, 4] },
    { key: 'name', title: text('名称'), kind: 'text', values: ['芳园 Ａ区', '静安里', '望京花园'], data: [2, 1, 0, 0, 1] },
    { key: 'address', title: text('坐落'), kind: 'text', values: ['花园路\n1号', '芳草地'], data: [null, 0, 1, null, null] },
    { key: 'street', title: text('街乡'), kind: 'term', values: [{ key: 's1', label: text('建外') }, { key: 's2', label: text('望京') }], data: [0, 1, 0, 1, null] },
    { key: 'households', title: text('户数'), kind: 'number', decimals: 0, data: [500, null, 20, 500, 7] },
    { key: 'until', title: text('到期'), kind: 'date', values: ['2022-01-01', '2023-06-30'], data: [1, 0, null, 1, 0] },
    { key: 'party', title: text('党组织'), kind: 'boolean', data: [1, 0, null, 1, 0] },
  ],
};

const table = new Table(sent);
const nothing: LedgerView = { q: '', conditions: new Map(), sort: null, area: null, on: null, known: null, lang: null };
const view = (conditions: Record<string, string>, more: Partial<LedgerView> = {}): LedgerView => ({ ...nothing, conditions: new Map(Object.entries(conditions)), ...more });
const codes = (asked: LedgerView) => Array.from(select(table, asked), (row) => table.code(row)).join(' ');

test('without a question every area is shown in order of code', () => {
  assert.equal(codes(nothing), 'A1 A2 A3 A4 A5');
});

test('rows sort by number, by place and by day; what has no value stays last in both directions', () => {
  assert.equal(codes(view({}, { sort: { key: 'households', descending: false } })), 'A5 A3 A1 A4 A2');
  assert.equal(codes(view({}, { sort: { key: 'households', descending: true } })), 'A1 A4 A3 A5 A2');
  assert.equal(codes(view({}, { sort: { key: 'street', descending: true } })), 'A2 A4 A1 A3 A5');
  assert.equal(codes(view({}, { sort: { key: 'until', descending: false } })), 'A2 A5 A1 A4 A3');
  assert.equal(codes(view({}, { sort: { key: 'nothing', descending: true } })), 'A1 A2 A3 A4 A5');
});

test('conditions hold by kind of column', () => {
  assert.equal(codes(view({ street: 's1' })), 'A1 A3');
  assert.equal(codes(view({ street: 's1,-' })), 'A1 A3 A5');
  assert.equal(codes(view({ street: '*' })), 'A1 A2 A3 A4');
  assert.equal(codes(view({ households: '20..500' })), 'A1 A3 A4');
  assert.equal(codes(view({ households: '..20' })), 'A3 A5');
  assert.equal(codes(view({ households: '-' })), 'A2');
  assert.equal(codes(view({ until: '2023-01-01..' })), 'A1 A4');
  assert.equal(codes(view({ until: '..2022-12-31' })), 'A2 A5');
  assert.equal(codes(view({ until: '-' })), 'A3');
  assert.equal(codes(view({ party: 'yes' })), 'A1 A4');
  assert.equal(codes(view({ party: 'no', households: '*' })), 'A5');
  assert.equal(codes(view({ name: '花园' })), 'A1');
  assert.equal(codes(view({ unheard_of: 'x' })), 'A1 A2 A3 A4 A5');
});

test('the search finds every word in any of its columns, whatever the width and case of letters', () => {
  assert.equal(codes(view({}, { q: '花园' })), 'A1 A2');
  assert.equal(codes(view({}, { q: '花园 静安' })), 'A2');
  assert.equal(codes(view({}, { q: 'a区' })), 'A3 A4');
  assert.equal(codes(view({}, { q: '芳' })), 'A3 A4');
  assert.equal(codes(view({}, { q: '没有的' })), '');
  // A part never runs from one text into the next.
  assert.equal(codes(view({}, { q: '静安里望' })), '');
});

test('the values of a column are counted with every other condition as it is', () => {
  const street = table.columns.get('street') as ListedColumn;
  assert.deepEqual([...counts(table, street, view({ street: 's1', households: '*' }))], [2, 1, 1]);
});

test('sums tell of how many rows they are', () => {
  assert.deepEqual(sum(table, 'households', select(table, nothing)), { total: 1027, known: 4 });
  assert.equal(sum(table, 'name', select(table, nothing)), null);
});

test('select agrees with a plain filter and sort for made-up ledgers', () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) % below;
  for (let round = 0; round < 40; round++) {
    const count = random(60);
    const number = Array.from({ length: count }, () => (random(5) === 0 ? null : random(9) - 4));
    const place = Array.from({ length: count }, () => (random(4) === 0 ? null : random(3)));
    const code = Array.from({ length: count }, (_, at) => at);
    const made = new Table({
      ...sent,
      count,
      labels: [],
      columns: [
        { key: 'code', title: text('编码'), kind: 'text', values: code.map((at) => `C${String(at).padStart(3, '0')}`), data: code },
        { key: 'n', title: text('数'), kind: 'number', decimals: 0, data: number },
        { key: 'p', title: text('词'), kind: 'text', values: ['a', 'b', 'ab'], data: place },
      ],
    });
    const descending = random(2) === 1;
    const low = random(9) - 4;
    const found = Array.from(select(made, view({ n: `${low}..`, p: 'b' }, { sort: { key: 'n', descending } })));
    const plain = code.filter((row) => (number[row] ?? -9) >= low && number[row] !== null && (place[row] ?? 0) > 0);
    plain.sort((a, b) => ((number[a] ?? 0) - (number[b] ?? 0)) * (descending ? -1 : 1) || a - b);
    assert.deepEqual(found, plain, `round ${round}`);
  }
});

test('a view is an address and comes back from it', () => {
  const asked = view({ street: '110105001', style: 'contracted-owners,quasi', households: '500..', name: '花园', until: '-' }, { q: '望京 花园', sort: { key: 'households', descending: true }, area: 'A1', on: '2021-06-01', known: '3' });
  const address = formatLedger(asked);
  assert.ok(address.includes('show=contracted-owners,quasi') && address.includes('sort=-households') && !address.includes('style='));
  assert.deepEqual(parseLedger(address.slice(address.indexOf('?'))), asked);
  assert.equal(formatLedger(nothing), '/ledger');
  assert.deepEqual(parseLedger('?on=2021-13-01&sort=Bad Key&DROP=1&street='), nothing);
});

test('map and ledger lead to each other with the same day, street and classes', () => {
  const asked = parseLedger('?street=110105001&show=quasi&on=2021-06-01&households=5..');
  assert.equal(mapAddress(asked), '/s/110105001?on=2021-06-01&show=quasi');
  assert.equal(mapAddress(parseLedger('?street=1,2')), '/');
  assert.equal(ledgerAddress({ on: '2021-06-01', known: null, street: '110105001', classes: ['quasi'] }), '/ledger?on=2021-06-01&street=110105001&show=quasi');
  assert.equal(ledgerAddress({ on: null, known: null, street: null, classes: [] }, 'A1'), '/ledger?area=A1');
  assert.equal(formatLedger(withCondition(asked, 'street', null)), '/ledger?on=2021-06-01&show=quasi&households=5..');
});

test('the name leads, unknown columns are left out, and nothing chosen is the usual choice', () => {
  assert.deepEqual(shownColumns(table.columns, ['households', 'gone', 'street']).map(({ key }) => key), [LEAD, 'households', 'street']);
  assert.deepEqual(shownColumns(table.columns, []).map(({ key }) => key), [LEAD, ...USUAL.filter((key) => key !== LEAD && table.columns.has(key))]);
  const households = table.columns.get('households');
  assert.ok(households && columnWidth(households, 'zh-CN', false) >= 104);
});

test('the box around points leaves room around a single one', () => {
  assert.equal(around([]), null);
  const box = around([[116.4, 39.9]]);
  assert.ok(box && box[0] < 116.4 && box[2] > 116.4 && box[1] < 39.9 && box[3] > 39.9);
});

test('the map is given what it can show, and what it cannot is named', () => {
  const asked = view({ street: 's1', due: 'overdue,within_30', households: '100..' }, { q: '花园' });
  assert.equal(mapAddress(asked), '/s/s1?theme=due&show=due-overdue,due-30');
  assert.deepEqual(leftBehind(asked), ['q', 'households']);
  assert.equal(mapAddress(view({ due: '-' })), '/?theme=due&show=due-none');
  assert.equal(mapAddress(view({ due: '*' })), '/?theme=due&show=due-overdue,due-30,due-90,due-180');
  // Two themes cannot be shown at a time.
  const both = view({ style: 'unknown', due: 'overdue' });
  assert.equal(mapAddress(both), '/?show=unknown');
  assert.deepEqual(leftBehind(both), ['due']);
  assert.deepEqual(leftBehind(view({ street: 's1,s2', style: 'unknown,-' })), ['street', 'style']);
  assert.deepEqual(leftBehind(view({ street: 's1', style: 'unknown' })), []);
});

test('classes of the theme of due items become a condition of the ledger, and come back', () => {
  const address = ledgerAddress({ on: null, known: null, street: 's1', classes: ['due-overdue', 'due-90', 'due-none'] });
  assert.equal(address, '/ledger?street=s1&due=overdue,within_90,-');
  assert.equal(mapAddress(parseLedger(address.slice('/ledger'.length))), '/s/s1?theme=due&show=due-overdue,due-90,due-none');
});
