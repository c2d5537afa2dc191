import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../i18n/en.json';
import zh from '../../i18n/zh-CN.json';
import { setLang, t, term } from '../../src/i18n';

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

test('both languages have the same keys with the same holes', () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, text] of Object.entries(zh)) assert.deepEqual(holes(en[key as keyof typeof en]), holes(text), key);
});

test('no text is empty', () => {
  for (const table of [zh, en]) for (const [key, text] of Object.entries(table)) assert.ok(text.trim(), key);
});

test('holes are filled and English counts agree with their number', () => {
  setLang('en');
  assert.equal(t('area.count', { n: 1 }), '1 area');
  assert.equal(t('area.count', { n: 12 }), '12 areas');
  setLang('zh-CN');
  assert.equal(t('area.count', { n: 12 }), '12 个区域');
});

test('a value that the page does not know shows as it is', () => {
  assert.equal(term('quasi', 'owning_unit'), '产权单位自管');
  assert.equal(term('quasi', 'something_new'), 'something_new');
});
