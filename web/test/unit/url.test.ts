import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatView, parseView, sameSubject, type View } from '../../src/url';

const empty: View = { focus: null, street: null, theme: null, classes: [], position: null, askedLang: null, on: null, known: null };
const read = (address: string) => {
  const { pathname, search, hash } = new URL(address, 'http://localhost');
  return parseView({ pathname, search, hash });
};

test('every view is read back from its own address', () => {
  const views: View[] = [
    empty,
    { ...empty, focus: { kind: 'area', code: 'DEMO-JS-0042' } },
    { ...empty, street: '110105017' },
    { ...empty, street: '110105017', focus: { kind: 'area', code: 'DEMO-JS-0042' }, classes: ['contracted-none', 'unknown'] },
    { ...empty, focus: { kind: 'point', lngLat: [116.4712, 39.9501], accuracyM: null } },
    { ...empty, focus: { kind: 'point', lngLat: [116.4712, 39.9501], accuracyM: 25 } },
    { ...empty, street: '110105017', askedLang: 'en' },
    { ...empty, on: '2021-06-01' },
    { ...empty, on: '2021-06-01', known: '2021-06-01', focus: { kind: 'area', code: 'DEMO-JS-0042' } },
    { ...empty, known: '3', street: '110105017' },
    { ...empty, theme: 'due', street: '110105017', classes: ['due-overdue'] },
    { ...empty, known: '2021-06-01T08:00:00+08:00' },
    { ...empty, focus: { kind: 'changes', since: null } },
    { ...empty, focus: { kind: 'changes', since: '3' }, on: '2021-06-01' },
    { ...empty, focus: { kind: 'changes', since: '2021-06-01' }, street: '110105017' },
    { ...empty, focus: { kind: 'manager', uscc: '91000000MA00000157' }, position: { zoom: 15.25, lngLat: [116.47, 39.95] } },
  ];
  for (const view of views) assert.deepEqual(read(formatView(view)), view);
});

test('deep links have the short paths', () => {
  assert.equal(formatView({ ...empty, focus: { kind: 'area', code: 'DEMO-JS-0042' } }), '/a/DEMO-JS-0042');
  assert.equal(formatView({ ...empty, street: '110105017' }), '/s/110105017');
  assert.equal(formatView({ ...empty, focus: { kind: 'point', lngLat: [116.4712, 39.9501], accuracyM: null } }), '/at/116.4712,39.9501');
  assert.equal(formatView({ ...empty, position: { zoom: 11, lngLat: [116.5, 39.95] } }), '/#11/39.95000/116.50000');
  assert.equal(formatView({ ...empty, on: '2022-10-27', classes: ['unknown'] }), '/?on=2022-10-27&show=unknown');
});

test('rubbish in an address is left out', () => {
  for (const address of ['/a/%E0%A4%A', '/at/hello', '/at/500,500', '/nothing/here', '/?show=<b>&street=%3C', '/?lang=xx', '/?on=2021-02-30', '/?on=yesterday', '/?known=0', '/?known=-1', '/?theme=rainbow', '/?changes=soon', '/#x/y/z', '/#99/39/116']) {
    assert.deepEqual(read(address), empty, address);
  }
});

test('a moved map is the same subject, another card is not', () => {
  assert.ok(sameSubject(empty, { ...empty, position: { zoom: 12, lngLat: [116.5, 39.9] } }));
  assert.ok(!sameSubject(empty, { ...empty, classes: ['unknown'] }));
  assert.ok(!sameSubject(empty, { ...empty, on: '2021-06-01' }));
});
