import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatView, parseView, sameSubject, type View } from '../../src/url';

const empty: View = { focus: null, street: null, classes: [], position: null, askedLang: null, on: null, known: null };
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
    { ...empty, focus: { kind: 'manager', uscc: '91000000MA00000157' }, position: { zoom: 15.25, lngLat: [116.47, 39.95] } },
  ];
  for (const view of views) assert.deepEqual(read(formatView(view)), view);
});

test('deep links have the short paths', () => {
  assert.equal(formatView({ ...empty, focus: { kind: 'area', code: 'DEMO-JS-0042' } }), '/a/DEMO-JS-0042');
  assert.equal(formatView({ ...empty, street: '110105017' }), '/s/110105017');
  assert.equal(formatView({ ...empty, focus: { kind: 'point', lngLat: [116.4712, 39.9501], accuracyM: null } }), '/at/116.4712,39.9501');
  assert.equal(formatView({ ...empty, position: { zoom: 11, lngLat: [116.5, 39.95] } }), '/#11/39.95000/116.50000');
});

test('rubbish in an address is left out', () => {
  for (const address of ['/a/%E0%A4%A', '/at/hello', '/at/500,500', '/nothing/here', '/?show=<b>&street=%3C', '/?lang=xx', '/#x/y/z', '/#99/39/116']) {
    assert.deepEqual(read(address), empty, address);
  }
});

test('a moved map is the same subject, another card is not', () => {
  assert.ok(sameSubject(empty, { ...empty, position: { zoom: 12, lngLat: [116.5, 39.9] } }));
  assert.ok(!sameSubject(empty, { ...empty, classes: ['unknown'] }));
});
