import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../i18n/access.en.json';
import zh from '../../i18n/access.zh-CN.json';
import { changesOf, differing, NAME } from '../../src/access/account-change';
import { actionText, fieldText, objectOf, valueText } from '../../src/access/audit-words';
import { brokenRules, isFit, keeps, shownRules } from '../../src/access/password';
import type { Account } from '../../src/access/types';
import { difference } from '../../src/difference';
import { setLang } from '../../src/i18n';

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const officer: Account = { name: 'officer', display_name: '专岗', role: 'officer', streets: ['110105902', '110105901'], disabled: false, locked_until: null, last_sign_in: null };

test('the texts of accounts, reports and the log are there in both languages, with the same holes', () => {
  assert.deepEqual(Object.keys(en), Object.keys(zh));
  for (const [key, text] of Object.entries(zh)) {
    const other = en[key as keyof typeof en];
    assert.ok(text.trim() && other.trim(), key);
    assert.deepEqual(holes(other), holes(text), key);
  }
});

test('a password is measured in characters and may not hold the name of its account', () => {
  assert.equal(keeps('short', '十五个字的一句话也可以作密码', ''), false);
  assert.equal(keeps('short', '十五个字的一句话也可以作密码用', ''), true);
  assert.equal(keeps('short', '😀'.repeat(14), ''), false);
  assert.equal(keeps('name', 'my CLERK likes tea a lot', 'clerk'), false);
  assert.equal(keeps('guessable', 'a'.repeat(20), 'clerk'), null);
  assert.ok(isFit('four plain words make one', 'clerk'));
  assert.ok(!isFit('a'.repeat(257), 'clerk'));
  assert.deepEqual(shownRules('short'), ['short', 'name', 'guessable']);
  assert.ok(shownRules('a'.repeat(257)).includes('long'));
});

test('only rules that are known are taken from a refusal', () => {
  assert.deepEqual(brokenRules({ reasons: ['guessable', 'short', 'haunted', 7] }), ['short', 'guessable']);
  assert.deepEqual(brokenRules({}), []);
});

test('a change of an account holds what differs and nothing else', () => {
  const { display_name, role, streets, disabled } = officer;
  assert.deepEqual(changesOf(officer, { display_name, role, streets: [...streets].reverse(), disabled }), {});
  assert.deepEqual(changesOf(officer, { display_name: '新专岗', role, streets: ['110105901'], disabled: true, password: 'x' }), { display_name: '新专岗', streets: ['110105901'], disabled: true, password: 'x' });
  assert.deepEqual(differing(officer, { ...officer, role: 'clerk', streets: [], last_sign_in: '2026-11-27T09:30:00Z' }), [{ field: 'role', from: 'officer', to: 'clerk' }, { field: 'streets', from: streets, to: [] }]);
});

test('an account is named in small letters, digits and three signs', () => {
  for (const name of ['ab', 'officer.two', 'a-b_c.9']) assert.match(name, NAME);
  for (const name of ['a', 'Officer', '街乡', 'a b', 'a/b', '', 'x'.repeat(65)]) assert.doesNotMatch(name, NAME);
});

test('before and after are told field by field, and only where they differ', () => {
  assert.deepEqual(difference({ households: 321, name: '和园' }, { households: 336, name: '和园', area: null }), [{ field: 'households', before: '321', after: '336' }]);
  assert.deepEqual(difference(null, { streets: ['1', '2'], disabled: false }), [{ field: 'streets', before: null, after: '1, 2' }, { field: 'disabled', before: null, after: 'false' }]);
  assert.deepEqual(difference({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }), [{ field: 'a.c', before: '2', after: '3' }]);
  assert.deepEqual(difference(null, null), []);
  // The log keeps texts of JSON; what is none is told as it is.
  assert.deepEqual(difference('{"state":"received"}', '{"state":"done"}'), [{ field: 'state', before: 'received', after: 'done' }]);
  assert.deepEqual(difference('{broken', 'whole'), [{ field: '', before: '{broken', after: 'whole' }]);
  assert.ok((difference(null, { text: 'x'.repeat(1000) })[0]?.after?.length ?? 0) < 210);
});

test('what the log names is put into words, and stays as it is where there are none', () => {
  setLang('zh-CN');
  assert.equal(actionText('delivery.publish'), '发布送报');
  assert.equal(actionText('something.new'), 'something.new');
  assert.deepEqual(objectOf('area/CY-JS-0042'), { kind: '区域', name: 'CY-JS-0042', href: '/a/CY-JS-0042' });
  assert.equal(objectOf('report:R-2026-000123').href, '/r/R-2026-000123');
  assert.deepEqual(objectOf('account/officer'), { kind: '账号', name: 'officer', href: null });
  assert.deepEqual(objectOf('a loose text'), { kind: '', name: 'a loose text', href: null });
  assert.equal(fieldText('households'), '户数');
  assert.equal(fieldText('streets'), '街乡');
  assert.equal(fieldText('unheard_of'), 'unheard_of');
  assert.equal(valueText('role', 'clerk'), '数据员');
  assert.equal(valueText('state', 'done'), '已办结');
  assert.equal(valueText('disabled', 'true'), '是');
  assert.equal(valueText('name', '<b>'), '<b>');
});
