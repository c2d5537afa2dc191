import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extent, holds, outline, ringsOf, toWorld } from '../../src/map/draft-shapes';

const square = (west: number, south: number, side: number) => [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]] as const;
const polygon = (...rings: unknown[]) => ({ type: 'Polygon', coordinates: rings });

test('rings come from every kind of geometry, and what cannot be read is left out', () => {
  assert.equal(ringsOf(polygon(square(116, 39, 1))).length, 1);
  assert.equal(ringsOf({ type: 'MultiPolygon', coordinates: [[square(116, 39, 1)], [square(118, 39, 1), square(118.2, 39.2, 0.1)]] }).length, 3);
  assert.equal(ringsOf({ type: 'GeometryCollection', geometries: [polygon(square(116, 39, 1)), { type: 'Point', coordinates: [1, 2] }] }).length, 1);
  for (const bad of [null, 7, 'x', {}, { type: 'Polygon' }, { type: 'Polygon', coordinates: [['a', null]] }, { type: 'Polygon', coordinates: [[[116, NaN]]] }]) assert.deepEqual(ringsOf(bad), [], JSON.stringify(bad));
});

test('the world is 256 pixels wide, with the north at the top', () => {
  assert.deepEqual(toWorld([0, 0]).map(Math.round), [128, 128]);
  assert.ok(toWorld([116, 40])[1] < toWorld([116, 39])[1]);
  assert.ok(Math.abs(toWorld([180, 85.0511])[0] - 256) < 1e-9 && Math.abs(toWorld([0, 85.0511])[1]) < 0.01);
});

test('a point is inside an outline but not in its hole', () => {
  const ring = outline(1, polygon(square(116, 39, 1), square(116.4, 39.4, 0.2)));
  assert.ok(ring);
  assert.ok(holds(ring, toWorld([116.1, 39.1])));
  assert.ok(!holds(ring, toWorld([116.5, 39.5])));
  assert.ok(!holds(ring, toWorld([117.5, 39.5])));
});

test('an extent takes geometries and points, and is none of nothing', () => {
  assert.deepEqual(extent([polygon(square(116, 39, 1)), null], [[118, 38]]), [116, 38, 118, 40]);
  assert.equal(extent([null]), null);
  assert.equal(outline(1, null), null);
});
