import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, dayAfter, daysBetween, decimal, distance, integer, outOf, percent, sum } from '../../src/format';

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

test('a count that is held back says whether it is small, and no sum gives it away', () => {
  assert.equal(counted(1637), '1,637');
  assert.equal(counted(0), '0');
  assert.equal(counted(null, 5), '<5');
  assert.equal(counted(null), '*');
  assert.equal(outOf({ numerator: null, numerator_below: 5, denominator: 38 }), '<5 / 38');
  assert.equal(sum([1, 2]), 3);
  assert.equal(sum([1, null]), null);
  assert.equal(sum([]), 0);
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
