import assert from 'node:assert/strict';
import { test } from 'node:test';
import { around, CORNERS_MOST, length, obstacle, personal, placeOf, pressed, turned, type Draft } from '../../src/reporting';
import { formatView, parseView } from '../../src/url';

const empty: Draft = { kind: 'point', points: [], reason: 'boundary_wrong', text: '' };
const A = [116.4712345678, 39.9501] as const;
const B = [116.48, 39.96] as const;

test('a pin moves to where the map is pressed, a line goes on there', () => {
  const pin = pressed(pressed(empty, A), B);
  assert.deepEqual(placeOf(pin), { type: 'Point', coordinates: [116.48, 39.96] });
  const line = pressed(pressed(turned(empty, 'line'), A), B);
  assert.deepEqual(placeOf(line), { type: 'LineString', coordinates: [[116.471235, 39.9501], [116.48, 39.96]] });
  assert.equal(placeOf(turned(line, 'point'))?.type, 'Point');
  assert.equal(turned(pin, 'line').points.length, 1);
  let long = turned(empty, 'line');
  for (let i = 0; i < CORNERS_MOST + 5; i++) long = pressed(long, A);
  assert.equal(long.points.length, CORNERS_MOST);
});

test('a report is held back until it has a place, and a line two ends', () => {
  assert.equal(obstacle(empty), 'place');
  assert.equal(obstacle(pressed(turned(empty, 'line'), A)), 'line');
  const pin = pressed(empty, A);
  assert.equal(obstacle(pin), null);
  assert.equal(obstacle({ ...pin, text: '字'.repeat(200) }), null);
  assert.equal(obstacle({ ...pin, text: '字'.repeat(201) }), 'long');
  assert.equal(obstacle({ ...pin, reason: 'other' }), 'words');
  assert.equal(obstacle({ ...pin, text: '请打 13800001111' }), 'personal');
  assert.equal(length('😀字'), 2);
});

test('phone numbers, identity numbers and addresses for mail are found however they are written', () => {
  for (const text of ['13800001111', '电话：138-0000-1111。', '１３８００００１１１１', '138 0000 1111', '+8613800001111', '010-85991234', '(010) 8599 1234']) assert.equal(personal(text), 'phone', text);
  for (const text of ['110105199003078888', '11010519900307888X', '证件 110105 19900307 888x']) assert.equal(personal(text), 'identity', text);
  assert.equal(personal('写信到 a.b@example.cn'), 'email');
});

test('what tells of no person is let through', () => {
  for (const text of ['', '北侧以围墙为界，宽约 12.5 米', '建于 1998 年，共 1,637 户', '3号楼至12号楼', 'CY-JS-0042 与 CY-JS-0043 之间', '116.4712,39.9501', '2026-11-20 的图', '邮编 100020', '2021〕123 号文']) assert.equal(personal(text), null, text);
});

test('a place has a box around it', () => {
  assert.deepEqual(around({ type: 'Point', coordinates: [1, 2] }), [1, 2, 1, 2]);
  assert.deepEqual(around({ type: 'LineString', coordinates: [[1, 5], [3, 2]] }), [1, 2, 3, 5]);
});

test('a report has an address of its own on the map', () => {
  const view = parseView(new URL('https://one.map/?report=R-2026-000123'));
  assert.deepEqual(view.focus, { kind: 'report', number: 'R-2026-000123' });
  assert.equal(formatView(view), '/?report=R-2026-000123');
  assert.equal(parseView(new URL('https://one.map/?report=../x')).focus, null);
});
