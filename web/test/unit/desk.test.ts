import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../i18n/desk.en.json';
import zh from '../../i18n/desk.zh-CN.json';
import deliveriesEn from '../../i18n/deliveries.en.json';
import deliveriesZh from '../../i18n/deliveries.zh-CN.json';
import { parseScope, passedOn, withWords } from '../../src/desk/address';
import { scale } from '../../src/desk/scale';

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

test('the texts of every page are there in both languages, with the same holes', () => {
  for (const [own, other] of [[zh, en], [deliveriesZh, deliveriesEn]] as const) {
    assert.deepEqual(Object.keys(other).sort(), Object.keys(own).sort());
    const english = other as Record<string, string>;
    for (const [key, text] of Object.entries(own)) {
      assert.ok(text.trim() && english[key]?.trim(), key);
      assert.deepEqual(holes(english[key] ?? ''), holes(text), key);
    }
  }
});

test('pages pass street and day on, and nothing else', () => {
  assert.deepEqual(parseScope('?street=110105001&on=2021-06-01&known=3&duty=transition'), { street: '110105001', on: '2021-06-01', known: '3' });
  assert.deepEqual(parseScope('?street=<b>&on=2021-02-30'), { street: null, on: null, known: null });
  assert.equal(passedOn('?duty=x&street=110105001&on=2021-06-01'), '?street=110105001&on=2021-06-01');
  assert.equal(passedOn('?duty=x'), '');
  assert.equal(withWords('?street=1&duty=x', { duty: null, state: 'overdue' }), '?street=1&state=overdue');
  assert.equal(withWords('?duty=x', { duty: null }), '');
});

test('a scale has round steps and holds every value', () => {
  assert.deepEqual(scale([93.4, 88.1]), { from: 88, to: 94, step: 2 });
  assert.deepEqual(scale([0, 7], 0), { from: 0, to: 8, step: 2 });
  for (const values of [[1], [0], [99.9, 100], [-3, 12]]) {
    const { from, to, step } = scale(values);
    assert.ok(from <= Math.min(...values) && to >= Math.max(...values) && step > 0 && to > from, values.join());
  }
  assert.deepEqual(scale([0, 0], 0, true), { from: 0, to: 1, step: 1 });
  assert.deepEqual(scale([93.4, 93.4]), { from: 93, to: 93.5, step: 0.5 });
  assert.deepEqual(scale([]), { from: 0, to: 1, step: 1 });
});
