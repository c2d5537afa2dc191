import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePlace } from '../../src/coords';

const degrees = { kind: 'lnglat', lngLat: [116.4712, 39.9501] };
const metres = { kind: 'grid', easting: 452423.812, northing: 4420961.145 };

test('degrees are read in either order and in many spellings', () => {
  for (const text of [
    '116.4712,39.9501',
    '39.9501,116.4712',
    ' 116.4712  39.9501 ',
    '１１６.4712，39.9501',
    '116.4712、39.9501',
    '东经116.4712° 北纬39.9501°',
    '39.9501N, 116.4712E',
    '[116.4712, 39.9501]',
    'lat=39.9501 lng=116.4712',
  ]) {
    assert.deepEqual(parsePlace(text), degrees, text);
  }
});

test('metres of the grid are read in either order, with or without the zone', () => {
  for (const text of ['452423.812,4420961.145', '4420961.145 452423.812', '39452423.812 4420961.145', 'X=4420961.145 Y=20452423.812']) {
    const place = parsePlace(text);
    assert.equal(place?.kind, 'grid', text);
    if (place?.kind !== 'grid') return;
    assert.ok(Math.abs(place.easting - metres.easting) < 1e-6, text);
    assert.ok(Math.abs(place.northing - metres.northing) < 1e-6, text);
  }
});

test('names, single numbers and far places are not coordinates', () => {
  for (const text of ['枣营北里', '12号院', '116.4712', '1,2', '116.4,39.9,3', '2022-10-27', '1号楼,2号楼', '']) {
    assert.equal(parsePlace(text), null, text);
  }
});
