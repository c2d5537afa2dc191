import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EARLIEST, isPast, knowledge, readDay, sameClocks, withDay, dueDay, latestDay } from '../../src/asof';
import { dayBefore, isDay, longDay } from '../../src/format';

const none = { on: null, known: null };
const clocks = { datetime: '2021-06-01', known: 3 };

test('only days of the calendar are days', () => {
  for (const text of ['2021-06-01', '2020-02-29', '1980-01-01']) assert.ok(isDay(text), text);
  for (const text of ['2021-02-29', '2021-13-01', '2021-00-10', '2021-6-1', '20210601', '2021-06-01T00:00:00Z', '', 'today']) assert.ok(!isDay(text), text);
});

test('the day before crosses months and years', () => {
  assert.equal(dayBefore('2021-09-01'), '2021-08-31');
  assert.equal(dayBefore('2021-01-01'), '2020-12-31');
  assert.equal(dayBefore('2020-03-01T10:00:00Z'), '2020-02-29');
});

test('a sentence names the day as its language does', () => {
  assert.equal(longDay('2021-06-01', 'zh-CN'), '2021-06-01');
  assert.equal(longDay('2021-06-01', 'en'), '1 June 2021');
});

test('the map is of the past when a clock is set, unless the answer says it is the present', () => {
  assert.ok(!isPast(none, undefined));
  assert.ok(isPast({ on: '2021-06-01', known: null }, undefined));
  assert.ok(isPast({ on: null, known: '3' }, { ...clocks, present: false }));
  assert.ok(!isPast({ on: '2021-06-01', known: null }, { ...clocks, present: true }));
});

test('what counts as known is told by its own sign', () => {
  assert.deepEqual(knowledge({ on: '2021-06-01', known: null }), { kind: 'all' });
  assert.deepEqual(knowledge({ on: '2021-06-01', known: '2021-06-01' }), { kind: 'then' });
  assert.deepEqual(knowledge({ on: '2021-06-01', known: '3' }), { kind: 'record', value: '3' });
  assert.deepEqual(knowledge({ on: '2021-06-01', known: '2022-01-01' }), { kind: 'time', value: '2022-01-01' });
});

test('"as known then" follows the day, a record stays, the present forgets both', () => {
  assert.deepEqual(withDay({ on: '2021-06-01', known: '2021-06-01' }, '2021-07-01'), { on: '2021-07-01', known: '2021-07-01' });
  assert.deepEqual(withDay({ on: '2021-06-01', known: '3' }, '2021-07-01'), { on: '2021-07-01', known: '3' });
  assert.deepEqual(withDay(none, '2021-07-01'), { on: '2021-07-01', known: null });
  assert.deepEqual(withDay({ on: '2021-06-01', known: '3' }, null), none);
  assert.ok(sameClocks(none, { on: null, known: null }));
});

test('the field takes no day that is half typed or out of reach', () => {
  assert.equal(readDay('2021-06-01', '2022-10-27'), '2021-06-01');
  for (const text of ['0202-06-01', '2023-01-01', '', dayBefore(EARLIEST)]) assert.equal(readDay(text, '2022-10-27'), null, text);
});

test('duties are counted to today, those of a demonstration to the day of its survey', () => {
  const register = { data_date: '2022-10-27', demo: false };
  assert.equal(dueDay(register, '2026-11-28'), '2026-11-28');
  assert.equal(dueDay(register, '2022-01-01'), '2022-10-27');
  assert.equal(dueDay({ ...register, demo: true }, '2026-11-28'), '2022-10-27');
  assert.equal(latestDay('2022-10-27', '2026-11-28'), '2026-11-28');
  assert.equal(latestDay('2030-01-01', '2026-11-28'), '2030-01-01');
});
