import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place, wrap, type Candidate } from '../../src/map/place';
import { paintOf, paintsOf, PATTERN_PX, strokeShare } from '../../src/style';
import type { Theme, ThemeClass } from '../../src/types';

const label = (id: string, x: number, rank: number): Candidate => ({ id, lines: [id], x, y: 0, width: 40, height: 12, rank });

test('of two labels that collide the better rank stays', () => {
  const kept = place([label('b', 0, 2), label('a', 30, 1), label('c', 200, 5)], 4);
  assert.deepEqual(kept.map(({ id }) => id), ['a', 'c']);
});

test('no label stands half under a panel', () => {
  const panel = { x: 0, y: 0, width: 60, height: 100 };
  assert.deepEqual(place([label('under', 20, 1), label('half', 45, 1), label('free', 120, 2)], 4, [panel]).map(({ id }) => id), ['free']);
});

test('placing does not depend on the order in which tiles arrive', () => {
  const all = [label('a', 0, 1), label('b', 20, 1), label('c', 50, 1), label('d', 90, 2)];
  assert.deepEqual(place(all, 4), place([...all].reverse(), 4));
});

test('long names break into two lines of nearly equal length, never inside a number', () => {
  assert.deepEqual(wrap('枣营北里', 7), ['枣营北里']);
  assert.deepEqual(wrap('望河国际公寓一区', 7), ['望河国际', '公寓一区']);
  assert.deepEqual(wrap('农光里12345号', 7), ['农光里', '12345号']);
});

const hatched: ThemeClass = {
  key: 'contracted-none',
  management: 'contracted',
  committee: 'none',
  label: { 'zh-CN': '', en: '' },
  explanation: { 'zh-CN': '', en: '' },
  fill: { light: '#BBD3EF', dark: '#1F4470' },
  stroke: { color: { light: '#0B2E5E', dark: '#CFE5FF' }, width_px: 1, dash_px: [4, 3] },
  pattern: { kind: 'hatch', color: null },
  count: 83,
};

test('close up a class has all its signs, far away only those that can be seen', () => {
  const near = paintOf(hatched, 'light', 17);
  assert.deepEqual(near, { fill: '#BBD3EF', stroke: '#0B2E5E', widthPx: 1, dashPx: [4, 3], pattern: { kind: 'hatch', color: '#0B2E5E' } });
  const far = paintOf(hatched, 'dark', 11);
  assert.equal(far.fill, '#1F4470');
  assert.deepEqual(far.dashPx, []);
  assert.equal(far.pattern.kind, 'solid');
});

test('strokes only grow with the zoom', () => {
  for (let zoom = 8; zoom < 18; zoom++) assert.ok(strokeShare(zoom) <= strokeShare(zoom + 1));
});

test('patterns run on over the edges of tiles', () => assert.equal(256 % PATTERN_PX, 0));

test('every class of a theme has a paint', () => {
  const theme = { classes: [hatched, { ...hatched, key: 'unknown' }] } as Theme;
  assert.deepEqual([...paintsOf(theme, 'light', 15).keys()], ['contracted-none', 'unknown']);
});
