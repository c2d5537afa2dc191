import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayAfter, daysBetween, decimal, distance, integer, percent } from '../../src/format';

test('thousands are separated', () => {
  assert.equal(integer(1637), '1,637');
  assert.equal(integer(12), '12');
  assert.equal(integer(1234567.6), '1,234,568');
  assert.equal(decimal(2.3, 2), '2.3');
  assert.equal(decimal(1200, 2), '1,200');
});

test('a percentage has one decimal, and none without a denominator', () => {
  assert.equal(percent(93.4), '93.4%');
  assert.equal(percent(100), '100.0%');
  assert.equal(percent(null), '—');
});

test('distances change their unit', () => {
  assert.equal(distance(3.456), '3.5 m');
  assert.equal(distance(240.4), '240 m');
  assert.equal(distance(1500), '1.5 km');
  assert.equal(distance(12_300), '12 km');
});

test('days are counted between dates and instants', () => {
  assert.equal(daysBetween('2022-10-27', '2022-12-09'), 43);
  assert.equal(daysBetween('2022-10-27', '2022-10-01T08:00:00Z'), -26);
});

test('the day after goes over the end of a month and of a year', () => {
  assert.equal(dayAfter('2026-02-28'), '2026-03-01');
  assert.equal(dayAfter('2026-12-31T23:00:00Z'), '2027-01-01');
});
