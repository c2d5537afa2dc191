import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../i18n/desk.en.json';
import zh from '../../i18n/desk.zh-CN.json';
import deliveriesEn from '../../i18n/deliveries.en.json';
import deliveriesZh from '../../i18n/deliveries.zh-CN.json';
import { parseScope, passedOn, withWords } from '../../src/desk/address';
import { holds, printedTexts } from '../../src/desk/printed';
import { scale } from '../../src/desk/scale';
import { setLang } from '../../src/i18n';
import type { Printed } from '../../src/types';

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

test('a printed figure is held against the counts of its day and against its own', () => {
  const candidates = { numerators: [1529, 1529] as [number, number], with_denominator: 1637, denominators: [1645, 1646] as [number, number], with_numerator: 1537 };
  const printed: Printed = {
    percent: 93.4, numerator: 1537, denominator: 1637, source: '报告 2022-10-27', date: '2022-10-27', computed: { numerator: 1529, denominator: 1637, percent: 93.4 },
    difference_points: 0, follows: true, same_counts: false, candidates: null, own: { percent: 93.9, follows: false, candidates },
  };
  assert.deepEqual(printedTexts(printed), [
    '印发数 93.4% (1,537 / 1,637)，报告 2022-10-27',
    '与登记册当日的 1,529 / 1,637（93.4%）相符。',
    '所附的 1,537 / 1,637 得 93.9%，与印发的 93.4% 不符。',
    '分母为 1,637 时，分子为 1,529 才得到这个百分数。',
    '分子为 1,537 时，分母为 1,645–1,646 才得到这个百分数。',
  ]);
  assert.equal(holds(printed), false);
  setLang('en');
  assert.match(printedTexts(printed).join(' '), /Agrees with the register of that day: 1,529 \/ 1,637 \(93\.4%\)\. The 1,537 \/ 1,637 printed with it give 93\.9%, not the printed 93\.4%\./);
  setLang('zh-CN');
  const alone: Printed = { ...printed, numerator: null, denominator: null, own: null, same_counts: true };
  assert.equal(holds(alone), true);
  assert.equal(printedTexts(alone).length, 2);
  const off: Printed = { ...alone, computed: { numerator: 1537, denominator: 1637, percent: 93.9 }, difference_points: -0.5, follows: false, candidates };
  assert.equal(holds(off), false);
  assert.ok(printedTexts(off).includes('与登记册当日的 1,537 / 1,637（93.9%）相差 0.5 个百分点。'));
  assert.ok(printedTexts({ ...printed, own: { percent: 93.4, follows: true, candidates: null } }).includes('所附的整数 1,537 / 1,637 与登记册当日的不同。'));
});
