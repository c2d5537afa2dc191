import assert from 'node:assert/strict';
import { test } from 'node:test';
import { navigation, pageOf } from '../../src/nav';
import { mapLabel, nextPage, rightsOf, signInPath } from '../../src/rights';

const at = (text: string) => new URL(text, 'https://one.map');

test('signing in leads on to a path of this site and nowhere else', () => {
  for (const path of ['/ledger?street=110105001&on=2021-06-01', '/a/CY-JS-0042', '/?show=unknown#12/39.9/116.4', '/r/R-2026-000123']) assert.equal(nextPage(path), path);
  const foreign = ['https://evil.example/', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', 'javascript:alert(1)', ' /x', '/.//evil.example', '/a/..//evil.example', 'evil', '', null, '/\n/evil.example', 'http:/evil'];
  for (const path of foreign) assert.equal(nextPage(path), '/', String(path));
});

test('the page for signing in is no place to return to', () => {
  assert.equal(nextPage('/sign-in?next=%2Fsign-in'), '/');
  assert.equal(signInPath(at('/')), '/sign-in');
  assert.equal(signInPath(at('/due?state=overdue'), 'ended'), '/sign-in?next=%2Fdue%3Fstate%3Doverdue&why=ended');
});

test('an address that is packed into the way to sign in comes out as it was', () => {
  const path = '/?manager=91000000MA0000157X&q=a%26b#15.25/39.9/116.4';
  assert.equal(nextPage(new URLSearchParams(at(signInPath(at(path))).search).get('next')), path);
});

test('what is offered follows the session, and without one the audience', () => {
  assert.deepEqual([...rightsOf(null, 'internal')].sort(), ['deliver', 'edit', 'grant_exception', 'read_desk']);
  assert.equal(rightsOf(null, 'public').size, 0);
  assert.equal(rightsOf(null, undefined).size, 0);
  // A session decides alone, whatever the audience.
  assert.deepEqual([...rightsOf({ actions: ['send_report'] }, 'internal')], ['send_report']);
});

test('the way from page to page holds the pages that somebody may open', () => {
  const names = (...actions: string[]) => navigation((action) => actions.includes(action)).map(({ name }) => name);
  assert.deepEqual(names(), ['map', 'ledger', 'rates']);
  assert.deepEqual(names('read_desk', 'deliver'), ['map', 'ledger', 'rates', 'due', 'completeness', 'managers', 'deliveries']);
  assert.deepEqual(names('read_audit', 'manage_accounts', 'answer_report').slice(3), ['reports', 'audit', 'accounts']);
});

test('a path belongs to the page whose name it begins with', () => {
  assert.equal(pageOf('/managers/91000000MA')?.name, 'managers');
  assert.equal(pageOf('/accounts')?.name, 'accounts');
  assert.equal(pageOf('/account'), null);
  assert.equal(pageOf('/dues'), null);
});

test('the map is labelled by its approval number, else by what it is for', () => {
  assert.deepEqual(mapLabel({ map_approval_number: '京S(2026)001号', demo: true, map: { label: '审图号 京S(2026)001号' } }), { kind: 'approval', text: '京S(2026)001号' });
  assert.equal(mapLabel({ map_approval_number: null, demo: false, map: { label: '内部使用' } }).kind, 'internal');
  assert.equal(mapLabel({ map_approval_number: null, demo: true, map: { label: '内部使用' } }).kind, 'internal');
  assert.equal(mapLabel({ map_approval_number: null, demo: true }).kind, 'demo');
  assert.equal(mapLabel({ map_approval_number: null, demo: false }).kind, 'internal');
  assert.deepEqual(mapLabel({ map_approval_number: null, demo: false, map: { label: '审图号 待定' } }), { kind: 'told', text: '审图号 待定' });
});
