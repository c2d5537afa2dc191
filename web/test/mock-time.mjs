// The past of the invented district: five records, and every version of every area on the two clocks.
import { areas as now, boxOf } from './mock-data.mjs';

export const DATA_DATE = '2022-10-27';
const FIRST_DAY = '2020-10-31';
const record = (id, kind, dated, document, recordedAt) => ({ id, kind, document, authority: '区房管局(演示)', dated, author: '演示', recorded_at: recordedAt, note: null });
export const records = [
  record(1, 'survey_round', FIRST_DAY, '物业管理区域首次普查(演示)', '2021-01-15T02:00:00Z'),
  record(2, 'split', '2021-09-01', '朝物划〔2021〕88号(演示)', '2021-09-10T02:00:00Z'),
  record(3, 'merge', '2022-03-01', '朝物划〔2022〕7号(演示)', '2022-03-04T02:00:00Z'),
  record(4, 'retirement', '2022-06-01', '朝物划〔2022〕31号(演示)', '2022-06-02T02:00:00Z'),
  record(5, 'survey_round', DATA_DATE, '物业管理区域普查(演示)', '2026-11-23T08:00:00Z'),
];
export const LATEST = records.length;

const find = (code) => now.find((area) => area.code === code);
const [left, right, merged, host] = ['DEMO-NH-0001', 'DEMO-NH-0002', 'DEMO-XL-0003', 'DEMO-BQ-0006'].map(find);

let id = 1000;
/** An area like another one, with a boundary of its own. */
function like(area, code, name, corners) {
  const ring = [...corners, corners[0]];
  const [w, s, e, n] = boxOf(ring);
  return { ...area, id: ++id, code, name, ring, other_names: [], label: [(w + e) / 2, (s + n) / 2], source: null };
}

const whole = like(left, 'DEMO-NH-0101', '和园大区(演示)', [left.ring[0], right.ring[1], right.ring[2], left.ring[3]]);
const middle = (a, b) => a.map((value, axis) => (value + b[axis]) / 2);
const [sw, se, ne, nw] = merged.ring;
const halves = [
  like(merged, 'DEMO-XL-0101', '春晓苑西院(演示)', [sw, middle(sw, se), middle(nw, ne), nw]),
  like(merged, 'DEMO-XL-0102', '春晓苑东院(演示)', [middle(sw, se), se, ne, middle(nw, ne)]),
];
const shrunk = host.ring.slice(0, 4).map((corner) => middle(corner, host.label));
const retired = like(host, 'DEMO-BQ-0101', '临建大院(演示)', shrunk);

/** Before the second survey one managed area in three had no committee yet, and fewer households. */
const older = (area) => ({ ...area, committee: 'none', style: 'contracted-none', committees: [], households: area.households && area.households - 20, source: { ...area.source, record: 1, dated: FIRST_DAY, recorded_at: records[0].recorded_at } });
const edges = [
  ...[left, right].map((child) => ({ predecessor: whole, successor: child, from: '2021-09-01', record: 2 })),
  ...halves.map((parent) => ({ predecessor: parent, successor: merged, from: '2022-03-01', record: 3 })),
];

const version = (facts, from, until, [recordedFrom, recordedUntil = null]) => ({ facts, from, until, recordedFrom, recordedUntil });
const ended = (facts, on, by) => [version(facts, FIRST_DAY, null, [1, by]), version(facts, FIRST_DAY, on, [by])];

/** Every version of every area. */
const versions = [
  ...ended(whole, '2021-09-01', 2),
  ...halves.flatMap((half) => ended(half, '2022-03-01', 3)),
  ...ended(retired, '2022-06-01', 4),
  ...now.flatMap((area, index) => {
    if (area === left || area === right) return [version(area, '2021-09-01', null, [2])];
    if (area === merged) return [version(area, '2022-03-01', null, [3])];
    if (area.style !== 'contracted-property-management' || index % 3) return [version(area, FIRST_DAY, null, [1])];
    const before = older(area);
    return [version(before, FIRST_DAY, null, [1, 5]), version(before, FIRST_DAY, DATA_DATE, [5]), version(area, DATA_DATE, null, [5])];
  }),
];

const holds = ({ from, until, recordedFrom, recordedUntil }, { day, known }) => from <= day && (until === null || day < until) && recordedFrom <= known && (recordedUntil === null || known < recordedUntil);
const dated = ({ facts, from, until }) => ({ ...facts, valid_from: from, valid_until: until });

/** What holds as of both clocks. */
export const world = (asOf) => versions.filter((item) => holds(item, asOf)).map(dated);

const named = ({ code, name }, { from, record: by }) => ({ code, name, from, record: by });
export const predecessors = (code) => edges.filter(({ successor }) => successor.code === code).map((edge) => named(edge.predecessor, edge));
export const successors = (code) => edges.filter(({ predecessor }) => predecessor.code === code).map((edge) => named(edge.successor, edge));

/** Why an area is not there on a day: ended, not begun, or null when nobody knows it. */
export function absence(code, { day, known }) {
  const mine = versions.filter(({ facts, recordedFrom, recordedUntil }) => facts.code === code && recordedFrom <= known && (recordedUntil === null || known < recordedUntil));
  if (mine.length === 0) return null;
  const { name } = mine[0].facts;
  const begins = mine.map(({ from }) => from).sort()[0];
  if (begins > day) return { kind: 'not-begun', code, name, begins_on: begins };
  return { kind: 'ended', code, name, ended_on: mine.map(({ until }) => until).sort().pop(), successors: successors(code) };
}

const FACTS = ['name', 'management', 'committee', 'households', 'committees'];
const differing = (a, b) => [...FACTS.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name])), ...(JSON.stringify(a.ring) === JSON.stringify(b.ring) ? [] : ['boundary'])];

export function history(code) {
  const mine = versions.filter(({ facts }) => facts.code === code).sort((a, b) => (a.from < b.from ? 1 : a.from > b.from ? -1 : b.recordedFrom - a.recordedFrom));
  if (mine.length === 0) return null;
  const held = mine.filter(({ recordedUntil }) => recordedUntil === null);
  const [newest] = held;
  return {
    code, name: newest.facts.name, street: newest.facts.street, present: newest.until === null, began_on: held[held.length - 1].from, ended_on: newest.until, revision: newest.recordedFrom,
    versions: mine.map(({ facts, from, until, recordedFrom, recordedUntil }) => {
      const before = mine.find((other) => other.from < from);
      const shown = Object.fromEntries(Object.entries(facts).filter(([name]) => !['ring', 'id', 'pinyin', 'initials'].includes(name)));
      return { part: 'area', code, valid_from: from, valid_until: until, recorded_from: recordedFrom, recorded_until: recordedUntil, changed: before ? differing(before.facts, facts) : [], facts: shown, record: records[recordedFrom - 1] };
    }),
    lineage: { predecessors: predecessors(code), successors: successors(code) },
  };
}

const none = () => ({ added: 0, ended: 0, geometry: 0, attributes: 0 });

/** The difference between two states. */
export function changes(from, to, street) {
  const [before, after] = [from, to].map((asOf) => new Map(world(asOf).map((area) => [area.code, area])));
  const streets = new Map();
  const totals = { ...none(), unchanged: 0 };
  const found = [];
  for (const code of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, area] = [before.get(code), after.get(code)];
    const any = area ?? old;
    if (street && any.street !== street) continue;
    const fields = old && area ? differing(old, area) : [];
    const change = !old ? ['added'] : !area ? ['ended'] : [...(fields.includes('boundary') ? ['geometry'] : []), ...(fields.some((name) => name !== 'boundary') ? ['attributes'] : [])];
    const counts = streets.get(any.street) ?? { street: any.street, name: any.street_name, ...none(), unchanged: 0 };
    streets.set(any.street, counts);
    if (change.length === 0) [totals.unchanged, counts.unchanged] = [totals.unchanged + 1, counts.unchanged + 1];
    for (const kind of change) [totals[kind], counts[kind]] = [totals[kind] + 1, counts[kind] + 1];
    if (change.length) found.push({ code, name: any.name, street: any.street, change, fields, record: Math.max(...versions.filter(({ facts }) => facts.code === code).map(({ recordedFrom }) => recordedFrom)) });
  }
  const clock = ({ day, known }) => ({ datetime: day, known });
  return { from: clock(from), to: clock(to), totals, streets: [...streets.values()], areas: found, links: [] };
}
