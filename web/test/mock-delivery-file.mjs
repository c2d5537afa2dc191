// What the stand-in makes of a delivered file: GeoJSON only, and only what the page needs to be seen at work.
import { boxOf } from './mock-data.mjs';

const M_PER_LAT = 111_000;
const M_PER_LNG = 85_200;
/** A shift of this many degrees is no mistake in drawing. */
const SHIFTED_DEG = 0.003;

export const FIELDS = [
  ['code', '区域编号', 'Area code'], ['foreign_code', '送报单位编号', "Sender's code"], ['name', '名称', 'Name'], ['common_names', '俗称', 'Common names'], ['street', '街乡', 'Street'], ['community', '社区', 'Community'],
  ['management', '管理类型', 'Management'], ['manager_name', '管理单位', 'Manager'], ['manager_uscc', '统一社会信用代码', 'Credit code'], ['address', '坐落', 'Address'], ['households', '户数', 'Households'], ['building_count', '楼栋数', 'Buildings'],
  ['built_year', '建成年代', 'Built'], ['contract_until', '合同到期日', 'Contract until'], ['committee_status', '业主组织', 'Committee'], ['serial', '序号', 'Row number'],
].map(([key, zh, en]) => ({ key, label: { 'zh-CN': zh, en } }));

/** Heads of columns that are understood. */
const HEADS = { code: 'code', 区域编号: 'code', BH: 'foreign_code', name: 'name', XQMC: 'name', 小区名称: 'name', 名称: 'name', street: 'street', JDMC: 'street', 街道: 'street', households: 'households', 户数: 'households', 建成年代: 'built_year', 地址: 'address', 物业公司: 'manager_name', XH: 'serial' };
const PERSONAL = /手机|身份证|mobile|SJH/i;
const REFUSED = { 'zh-CN': '手机号或身份证号属个人信息，不收', en: 'Telephone or identity numbers are personal data and refused' };

/** The parts of a form, by name. */
export function readForm(bytes, type) {
  const [, boundary] = /boundary=("?)([^";]+)\1/.exec(type ?? '') ? [null, /boundary="?([^";]+)/.exec(type)[1]] : [];
  if (!boundary) return [];
  const parts = bytes.toString('latin1').split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const [head, ...rest] = part.replace(/^\r\n/, '').split('\r\n\r\n');
    const text = Buffer.from(head, 'latin1').toString('utf8');
    const content = Buffer.from(rest.join('\r\n\r\n').replace(/\r\n$/, ''), 'latin1');
    return { name: /[; ]name="([^"]*)"/.exec(text)?.[1], file: /filename="([^"]*)"/.exec(text)?.[1] ?? null, content };
  });
}

/** The layers of the files, with their features. */
export function readLayers(files, remembered) {
  return files.map(({ name, content }) => {
    const { features } = JSON.parse(content.toString('utf8'));
    const heads = [...new Set(features.flatMap(({ properties }) => Object.keys(properties ?? {})))];
    const columns = heads.map((head) => {
      const values = features.map(({ properties }) => properties?.[head]).filter((value) => value !== null && value !== undefined && value !== '');
      const known = remembered[head];
      const refused = PERSONAL.test(head) ? REFUSED : null;
      const guess = known ?? HEADS[head] ?? (values.length > 0 && values.every((value) => /^\d{4}$/.test(value)) ? 'built_year' : null);
      const confidence = guess === null ? 'none' : known ? 'remembered' : HEADS[head] ? 'header' : 'values';
      return { name: head, samples: refused ? [] : [...new Set(values.map(String))].slice(0, 5), filled: values.length, field: refused ? null : guess, confidence, refused };
    });
    const layer = { file: name, name: name.replace(/\.[^.]+$/, ''), format: 'geojson', encoding: 'utf-8', crs: 'EPSG:4326', records: features.length, with_geometry: features.filter(({ geometry }) => geometry).length, columns };
    return { layer, features };
  });
}

export const ringOf = (geometry) => (geometry?.type === 'MultiPolygon' ? geometry.coordinates[0][0] : (geometry?.coordinates?.[0] ?? null));
const middle = (ring) => {
  const [w, s, e, n] = boxOf(ring);
  return [(w + e) / 2, (s + n) / 2];
};

/** How far the rows lie from the areas of the same code or name, degrees; null where nothing is as far off. */
export function shiftOf(rows, areas) {
  const offs = rows.flatMap(({ code, geometry }) => {
    const ring = ringOf(geometry);
    const area = ring && areas.find((other) => other.code === code);
    return area ? [[0, 1].map((axis) => middle(ring)[axis] - middle(area.ring)[axis])] : [];
  });
  if (offs.length === 0) return null;
  const mean = [0, 1].map((axis) => offs.map((off) => off[axis]).sort((a, b) => a - b)[offs.length >> 1]);
  return Math.abs(mean[0]) > SHIFTED_DEG ? { by: mean, matched: offs.length, metres: Math.hypot(mean[0] * M_PER_LNG, mean[1] * M_PER_LAT) } : null;
}

export const moved = (geometry, [dx, dy]) => {
  const deep = (value) => (typeof value[0] === 'number' ? [value[0] - dx, value[1] - dy] : value.map(deep));
  return geometry && { ...geometry, coordinates: deep(geometry.coordinates) };
};

/** Where two sides of a ring cross, null when none do. */
export function crossing(ring) {
  const side = ([ax, ay], [bx, by], [px, py]) => (bx - ax) * (py - ay) - (by - ay) * (px - ax);
  for (let i = 1; i < ring.length; i++) {
    for (let j = i + 2; j < ring.length; j++) {
      if (i === 1 && j === ring.length - 1) continue;
      const [a, b, c, d] = [ring[i - 1], ring[i], ring[j - 1], ring[j]];
      const [s1, s2] = [side(a, b, c), side(a, b, d)];
      if (s1 * s2 >= 0 || side(c, d, a) * side(c, d, b) >= 0) continue;
      const share = s1 / (s1 - s2);
      return [c[0] + (d[0] - c[0]) * share, c[1] + (d[1] - c[1]) * share];
    }
  }
  return null;
}

/** What two boxes share, as a ring with its width in metres; null when they only touch. */
export function shared(one, other) {
  const [a, b] = [boxOf(one), boxOf(other)];
  const [w, s, e, n] = [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
  const [width, height] = [(e - w) * M_PER_LNG, (n - s) * M_PER_LAT];
  if (width <= 0.5 || height <= 0.5) return null;
  return { ring: [[w, s], [e, s], [e, n], [w, n], [w, s]], width: Math.min(width, height), surface: width * height };
}
