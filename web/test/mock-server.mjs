// A stand-in for the server, for work on the page: serves dist/ and answers docs/api.md from the invented district of mock-data.mjs.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import GeoJSONVT from 'geojson-vt';
import vtpbf from 'vt-pbf';
import { accessDesk } from './mock-access.mjs';
import { deliveryDesk } from './mock-deliveries.mjs';
import { bbox, boxOf, classes, districtRing, managers, streets } from './mock-data.mjs';
import { absence, changes, DATA_DATE, history, LATEST, records, world } from './mock-time.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const POLICY = "default-src 'self'; style-src 'self'; img-src 'self' data: https://*.tianditu.gov.cn; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const M_PER_LAT = 111_000;
const M_PER_LNG = 85_200;
const DIRECTIONS = ['E', 'NE', 'N', 'NW', 'W', 'SW', 'S', 'SE'];
const NEIGHBOUR_M = 30;
const FAR_M = 50_000;
/** Members that the public does not get. */
const HIDDEN = ['manager', 'address', 'site_area_m2', 'floor_area_m2', 'households', 'building_count', 'built_year', 'contract_from', 'contract_until', 'contract_kind', 'contract_filed_on', 'committees', 'manager_party_organisation'];
let audience = 'internal';
/** Deliveries live as long as the stand-in. */
let desk = null;
/** Accounts and what belongs to them; null for a register without sessions. */
let access = null;
let mapIs = 'open';

class Problem extends Error {
  constructor(status, name, detail, more = {}, headers = {}) {
    super(detail);
    Object.assign(this, { status, headers, body: { type: `urn:onemap:problem:${name}`, title: name, status, detail, ...more } });
  }
}

const summary = ({ code, name, street, street_name, management, committee, style }) => ({ code, name, street, street_name, management, committee, style });
const feature = (ring, properties, id) => ({ type: 'Feature', ...(id && { id }), geometry: { type: 'Polygon', coordinates: [ring] }, bbox: boxOf(ring), properties });
const point = (coordinates, properties) => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties });
const collection = (features) => ({ type: 'FeatureCollection', features });
/** The day of an instant in Beijing. */
const dayOf = (text) => (text.length === 10 ? text : new Date(Date.parse(text) + 8 * 3_600_000).toISOString().slice(0, 10));
const isTime = (text) => /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) && !Number.isNaN(Date.parse(text));

/** The record that was the latest at a number, a day's end or an instant. */
function revisionOf(text) {
  const known = /^\d+$/.test(text) ? Number(text) : isTime(text) ? records.filter(({ recorded_at: at }) => (text.length === 10 ? dayOf(at) <= text : Date.parse(at) <= Date.parse(text))).length : 0;
  if (known < 1 || known > LATEST) throw new Problem(400, 'bad-parameter', `known=${text}: there is no such record`);
  return known;
}

/** The two clocks of a question. */
function clocks(query) {
  const known = query.has('known') ? revisionOf(query.get('known')) : LATEST;
  const datetime = query.get('datetime');
  if (datetime !== null && !isTime(datetime)) throw new Problem(400, 'bad-parameter', `datetime=${datetime}`);
  return { day: datetime === null ? records[known - 1].dated : dayOf(datetime), known };
}

const versionOf = ({ day, known }) => `r${known}-${day.replaceAll('-', '')}`;
const asOfOf = ({ day, known }) => ({ datetime: day, known, present: day === DATA_DATE && known === LATEST });
let asOf = clocks(new URLSearchParams());
let areas = world(asOf);

const inStreet = (code) => {
  if (code && !streets.some((street) => street.code === code)) throw new Problem(404, 'no-such-street', 'no such street');
  return areas.filter((area) => !code || area.street === code);
};

function areaItem({ ring, id, ...area }) {
  const properties = { ...area };
  delete properties.pinyin;
  delete properties.initials;
  if (audience === 'public') for (const name of HIDDEN) delete properties[name];
  return feature(ring, properties, id);
}

const streetItem = ({ code, name, initials, ring, west, south, width, height }) =>
  feature(ring, { code, name, stem: name.slice(0, 2), kind: 'subdistrict', initials, aliases: [], areas: inStreet(code).length, label: [west + width / 2, south + height / 2], schematic: true });

const ITEMS = {
  areas: () => areas.map(areaItem),
  streets: () => streets.map(streetItem),
  managers: () => managers.map((manager) => ({ type: 'Feature', geometry: null, properties: manager })),
};

const register = () => ({
  title: '物业管理一张图', district: { code: '110105', name: '演示区', bbox, attribution: '行政区划边界：虚构' },
  revision: asOf.known, version: versionOf(asOf), as_of: asOfOf(asOf), data_date: asOf.day, recorded_at: records[asOf.known - 1].recorded_at, demo: true, areas: areas.length, streets: streets.length, managers: managers.length,
  audience, ...(access && { map: { open: mapIs === 'open', label: '示意 · 演示', why_closed: null } }), map_approval_number: null, base_layer: null, limits: { items: 1000, search: 50, neighbour_m: NEIGHBOUR_M },
});

const theme = (street) => ({
  id: 'management-committee', title: { 'zh-CN': '管理类型与业主组织', en: 'Management and committee' }, date: asOf.day, revision: asOf.known, as_of: asOfOf(asOf), source: '虚构的普查(演示)',
  street: street ?? null, total: inStreet(street).length, opacity: { light: 0.78, dark: 0.8 }, ground: { light: '#F4F2EE', dark: '#14181D' }, classes: classes(inStreet(street)),
});

/** A printed percentage: the computed one without counts, or another one with counts from which it does not follow. */
function printedOf(printed, numerator, denominator, percent) {
  const follows = printed === undefined;
  const candidates = { numerators: [1529, 1529], with_denominator: 1637, denominators: [1645, 1646], with_numerator: 1537 };
  return {
    percent: printed ?? percent, numerator: follows ? null : 1537, denominator: follows ? null : 1637, source: '情况报告(演示)', date: '2022-10-27',
    computed: { numerator, denominator, percent }, difference_points: follows ? 0 : 0.4, follows, same_counts: follows, candidates: null,
    own: follows ? null : { percent: 93.9, follows: false, candidates },
  };
}

function rates(street) {
  const chosen = inStreet(street);
  const rate = (id, zh, en, hits, printed) => {
    const percent = chosen.length ? Math.round((hits / chosen.length) * 1000) / 10 : null;
    return {
      id, version: 1, title: { 'zh-CN': zh, en }, definition: { 'zh-CN': `${zh}的口径。`, en: `How ${en} is counted.` }, numerator: hits, denominator: chosen.length, percent,
      date: asOf.day, printed: street || printed === null ? null : printedOf(printed, hits, chosen.length, percent),
    };
  };
  const count = (test) => chosen.filter(test).length;
  return {
    date: asOf.day, revision: asOf.known, as_of: asOfOf(asOf), street: street ?? null,
    rates: [
      rate('contracted_share', '委托管理占比', 'Contracted share', count((a) => a.management === 'contracted')),
      rate('committee_coverage', '业委会（物管会）组建率', 'Committee coverage', count((a) => a.committees.length > 0), 93.4),
      rate('party_coverage_committee', '党组织覆盖率', 'Party coverage', count((a) => a.committees.length > 0), null),
    ],
  };
}

/** A street where nothing falls due and nothing is wrong. */
function streetSummary(code) {
  const mine = inStreet(code);
  if (audience === 'public') throw new Problem(404, 'not-found', 'no such page');
  const { name, ring } = streets.find((street) => street.code === code);
  return {
    date: asOf.day, street: { code, name, kind: 'subdistrict', bbox: boxOf(ring) }, areas: mine.length, rates: rates(code).rates.map((rate) => ({ ...rate, rank: null, of: streets.length, district_percent: null })), classes: [],
    due: { counts: { overdue: 0, within_30: 0, within_90: 0, within_180: 0 }, items: [] }, findings: { count: 0, issues: [], findings: [] }, reports: { received: 0, accepted: 0 }, completeness: { ledger_only: 0, map_only: 0 },
  };
}

function holds(ring, [x, y]) {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [[x1, y1], [x2, y2]] = [ring[i - 1], ring[i]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

function nearest(ring, [x, y]) {
  let best = { m: Infinity, angle: 0 };
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay, bx, by] = [...ring[i - 1], ...ring[i]].map((v, k) => (k % 2 ? (v - y) * M_PER_LAT : (v - x) * M_PER_LNG));
    const along = Math.max(0, Math.min(1, -(ax * (bx - ax) + ay * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
    const [px, py] = [ax + along * (bx - ax), ay + along * (by - ay)];
    const m = Math.hypot(px, py);
    if (m < best.m) best = { m, angle: Math.atan2(py, px) };
  }
  return best;
}

function locate(query) {
  const number = (name) => {
    if (!query.has(name)) return null;
    const value = Number(query.get(name));
    if (!Number.isFinite(value)) throw new Problem(400, 'bad-parameter', name);
    return value;
  };
  const [easting, northing] = [number('easting'), number('northing')];
  const at = easting === null ? [number('lng'), number('lat')] : [117 + (easting - 500_000) / M_PER_LNG, (northing - 0) / 110_740];
  const radius = number('accuracy') ?? NEIGHBOUR_M;
  const inside = areas.filter((area) => holds(area.ring, at));
  const others = areas.filter((area) => !inside.includes(area)).map((area) => ({ area, ...nearest(area.ring, at) })).sort((a, b) => a.m - b.m);
  const near = ({ area, m, angle }) => ({ ...summary(area), distance_m: m, direction: DIRECTIONS[(Math.round(angle / (Math.PI / 4)) + 8) % 8] });
  const street = streets.find(({ ring }) => holds(ring, at));
  const inZone = Math.abs(at[0] - 117) < 3 && at[1] > 10 && at[1] < 60;
  return {
    point: at, grid: inZone ? { crs: 'EPSG:4548', easting_m: 500_000 + (at[0] - 117) * M_PER_LNG, northing_m: at[1] * 110_740 } : null, in_district: holds(districtRing, at),
    street: street ? { code: street.code, name: street.name, schematic: true } : null,
    areas: inside.map((area) => ({ ...summary(area), distance_to_border_m: nearest(area.ring, at).m })),
    neighbours: others.filter(({ m }) => m <= radius).map(near), nearest: inside.length ? [] : others.filter(({ m }) => m <= FAR_M).slice(0, 3).map(near), radius_m: radius,
  };
}

function search(query) {
  const q = (query.get('q') ?? '').trim().toLowerCase();
  if (!q) throw new Problem(400, 'bad-parameter', 'q');
  const hit = (item, fields) => fields.map(([field, text]) => ({ field, text })).find(({ text }) => text && text.toLowerCase().includes(q));
  const results = [];
  for (const street of streets) {
    const matched = hit(street, [['name', street.name], ['initials', street.initials]]);
    if (matched) results.push({ kind: 'street', code: street.code, name: street.name, matched, street: street.code, street_name: street.name, management: null, committee: null, style: null, point: null, bbox: boxOf(street.ring), distance_m: null });
  }
  for (const manager of managers) {
    const matched = hit(manager, [['name', manager.name]]);
    if (matched) results.push({ kind: 'manager', ...(audience === 'internal' && { code: manager.uscc }), name: manager.name, areas: manager.areas, matched, street: null, street_name: null, management: null, committee: null, style: null, point: null, bbox: null, distance_m: null });
  }
  for (const area of areas) {
    const matched = hit(area, [['name', area.name], ['alias', area.other_names[0]?.text], ['pinyin', area.pinyin], ['initials', area.initials], ['address', area.address], ['manager', area.manager_name], ['code', area.code]]);
    if (matched) results.push({ kind: 'area', ...summary(area), matched, point: area.label, bbox: boxOf(area.ring), distance_m: null });
  }
  return { query: q, results: results.slice(0, Number(query.get('limit') ?? 10)) };
}

const TILE_OPTIONS = { maxZoom: 18, extent: 4096, buffer: 64, tolerance: 1, indexMaxZoom: 4 };
const index = (features) => new GeoJSONVT(collection(features), TILE_OPTIONS);
const tileProps = ({ code, name, street, management, committee, style }) => ({ code, name, street, management, committee, style });
const made = new Map();
/** The layers of a state, made once. */
function layersOf() {
  const key = versionOf(asOf);
  if (!made.has(key)) made.set(key, makeLayers());
  return made.get(key);
}
const makeLayers = () => ({
  areas: {
    areas: index(areas.map((area) => feature(area.ring, tileProps(area), area.id))),
    labels: index(areas.map((area, i) => point(area.label, { code: area.code, name: area.name, rank: (i % 5) + 1, style: area.style }))),
  },
  streets: {
    district: index([feature(districtRing, { code: '110105', name: '演示区' })]),
    streets: index(streets.map(({ code, name, ring }) => feature(ring, { code, name, schematic: true }))),
    labels: index(streets.map(({ code, name, west, south, width, height }) => point([west + width / 2, south + height / 2], { code, name }))),
  },
});

/** The bytes of a tile, null when it is empty. Labels are kept in the one tile that holds them. */
function tile(source, z, x, y) {
  const layers = {};
  for (const [name, layer] of Object.entries(layersOf()[source])) {
    const cut = layer.getTile(z, x, y);
    if (!cut) continue;
    if (name === 'labels') cut.features = cut.features.filter(({ geometry: [[px, py]] }) => px >= 0 && px < 4096 && py >= 0 && py < 4096);
    if (cut.features.length) layers[name] = cut;
  }
  return Object.keys(layers).length ? Buffer.from(vtpbf.fromGeojsonVt(layers, { version: 2, extent: 4096 })) : null;
}

/** One page of a collection; the cursor is the number of items before it. */
function page(name, items, query) {
  const [limit, from] = [Number(query.get('limit') ?? 100), Number(query.get('cursor') ?? 0)];
  // The filter knows the manager of every area, also where the answer leaves it out.
  const mine = new Set(areas.filter((area) => !query.has('manager') || area.manager === query.get('manager')).map(({ code }) => code));
  const chosen = items.filter(({ properties }) => name !== 'areas' || mine.has(properties.code)).filter(({ properties }) => name !== 'areas' || !query.has('street') || properties.street === query.get('street'));
  const features = chosen.slice(from, from + limit);
  const next = new URLSearchParams([...query].filter(([key]) => key !== 'cursor').concat([['cursor', String(from + limit)]]));
  const links = from + limit < chosen.length ? [{ rel: 'next', href: `/api/collections/${name}/items?${next}` }] : [];
  return { ...collection(features), links, numberReturned: features.length };
}

const clip = (list, query) => {
  const [limit, from] = [Number(query.get('limit') ?? 100), Number(query.get('cursor') ?? 0)];
  const links = from + limit < list.length ? [{ rel: 'next', href: `/api/records?limit=${limit}&cursor=${from + limit}` }] : [];
  return { part: list.slice(from, from + limit), links };
};

const state = (known) => ({ day: records[known - 1].dated, known });

function since(query) {
  const text = query.get('since');
  if (!text) throw new Problem(400, 'bad-parameter', 'since');
  const from = /^\d+$/.test(text) ? state(revisionOf(text)) : isTime(text) ? { day: dayOf(text), known: LATEST } : null;
  if (!from) throw new Problem(400, 'bad-parameter', 'since');
  return changes(from, state(LATEST), query.get('street'));
}

function recordItem(number) {
  const found = records[number - 1];
  if (!found) throw new Problem(404, 'no-such-record', 'no such record');
  const { totals, areas: touched } = changes(number === 1 ? { day: '1900-01-01', known: 1 } : state(number - 1), state(number));
  return { ...found, changes: totals, areas: touched.map(({ code, name, change }) => ({ code, name, change })) };
}

function feed(query) {
  const entries = since(query).areas.map(({ code, name }) => `<entry><id>urn:onemap:${code}</id><title>${name}</title><updated>${records[LATEST - 1].recorded_at}</updated></entry>`);
  return `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:onemap:changes</id><title>变更</title><updated>${records[LATEST - 1].recorded_at}</updated>${entries.join('')}</feed>`;
}

function answer(url) {
  const { pathname, searchParams } = url;
  if (pathname === '/api/records') {
    const { part, links } = clip([...records].reverse(), searchParams);
    return { records: part, links };
  }
  const [, number] = /^\/api\/records\/(\d+)$/.exec(pathname) ?? [];
  if (number) return desk.record(Number(number)) ?? recordItem(Number(number));
  if (pathname === '/api/changes') return since(searchParams);
  const [, past] = /^\/api\/areas\/([^/]+)\/history$/.exec(pathname) ?? [];
  if (past) {
    const told = history(decodeURIComponent(past));
    if (!told) throw new Problem(404, 'no-such-area', 'no such area');
    return told;
  }
  const [, summed] = /^\/api\/streets\/([^/]+)\/summary$/.exec(pathname) ?? [];
  if (summed) return streetSummary(decodeURIComponent(summed));
  const street = searchParams.get('street') ?? undefined;
  if (pathname === '/api/register') return register();
  if (pathname === '/api/themes/management-committee') return theme(street);
  if (pathname === '/api/rates') return rates(street);
  if (pathname === '/api/locate') return locate(searchParams);
  if (pathname === '/api/search') return search(searchParams);
  const [, name, code] = /^\/api\/collections\/(areas|streets|managers)\/items(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (!name) throw new Problem(404, 'not-found', 'no such page');
  const items = ITEMS[name]();
  if (!code) return page(name, items, searchParams);
  const found = items.find(({ properties }) => (properties.code ?? properties.uscc) === decodeURIComponent(code));
  const gone = !found && name === 'areas' ? absence(decodeURIComponent(code), asOf) : null;
  if (gone?.kind === 'not-begun') throw new Problem(404, 'not-begun', `${code} begins later`, { begins_on: gone.begins_on });
  if (gone) {
    const only = gone.successors.length === 1 ? gone.successors[0].code : null;
    throw new Problem(only ? 308 : 410, 'ended', `${code} ended`, { ...gone, history: `/api/areas/${code}/history`, location: only && url.href.replace(url.origin, '').replace(code, only) });
  }
  if (!found) throw new Problem(404, 'no-such-item', `${code} does not exist`);
  return { ...found, links: [] };
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function handleDesk(request, url, send) {
  if (audience === 'public') throw new Problem(404, 'not-found', 'no such page');
  const told = desk.answer(request.method, url, await bodyOf(request), request.headers['content-type']);
  if (!told) throw new Problem(404, 'not-found', 'no such page');
  return send(told.status, 'application/json', told.body === null ? '' : JSON.stringify(told.body));
}

/** What was sent as JSON; anything else is left for whoever reads it. */
async function sentJson(request) {
  if (!/^application\/json/.test(request.headers['content-type'] ?? '') || !/^\/api\/(session|accounts|tokens|reports)/.test(request.url)) return null;
  return JSON.parse((await bodyOf(request)).toString('utf8'));
}

async function handle(request, response) {
  const url = new URL(request.url, 'http://localhost');
  const zip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const keep = url.searchParams.has('v') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const send = (status, type, body, headers = {}) =>
    response.writeHead(status, { 'content-type': type, ...headers, 'content-security-policy': POLICY, 'cache-control': keep, ...(zip && { 'content-encoding': 'gzip' }) }).end(zip ? gzipSync(body) : body);
  const [, source, z, x, y] = /^\/tiles\/(areas|streets)\/(\d+)\/(\d+)\/(\d+)\.mvt$/.exec(url.pathname) ?? [];
  try {
    // Nothing is waited for between setting who asks about what and answering.
    if (access) {
      const told = url.pathname.startsWith('/api/') && access.answer(request.method, url, request.headers, await sentJson(request));
      if (told) return send(told.status, told.type ?? 'application/json', told.body === undefined ? '' : told.type ? told.body : JSON.stringify(told.body), told.headers);
      audience = access.who(request.headers.cookie) ? 'internal' : 'public';
      if (mapIs === 'closed' && audience === 'public' && /^\/(api|tiles)\//.test(url.pathname)) throw new Problem(401, 'sign-in-needed', 'the map is not open to the public');
    }
    if (/^\/(api|tiles)\//.test(url.pathname)) {
      asOf = clocks(url.searchParams);
      areas = desk.patched(world(asOf));
    }
    if (/^\/api\/(deliveries|exceptions)\b/.test(url.pathname)) return await handleDesk(request, url, send);
    if (url.pathname === '/api/changes.atom') return send(200, 'application/atom+xml', feed(url.searchParams));
    if (source) {
      const bytes = tile(source, Number(z), Number(x), Number(y));
      return bytes ? send(200, 'application/vnd.mapbox-vector-tile', bytes) : response.writeHead(204).end();
    }
    if (url.pathname.startsWith('/api/')) return send(200, 'application/json', JSON.stringify(answer(url)));
    if (url.pathname.startsWith('/assets/') && !url.pathname.includes('..')) {
      return send(200, TYPES[extname(url.pathname)] ?? 'application/octet-stream', await readFile(join(dist, url.pathname)));
    }
    if (/^\/deliveries(\/\d+)?$/.test(url.pathname)) return send(200, TYPES['.html'], await readFile(join(dist, 'deliveries.html')));
    if (access && /^\/(sign-in|account|accounts|audit|reports|r\/[^/]+)$/.test(url.pathname)) return send(200, TYPES['.html'], await readFile(join(dist, 'access.html')));
    if (/^\/(ledger|rates|due|completeness|managers)(\/|$)/.test(url.pathname)) return send(200, TYPES['.html'], await readFile(join(dist, 'desk.html')));
    if (/^\/($|(a|s|at)\/)/.test(url.pathname)) return send(200, TYPES['.html'], await readFile(join(dist, 'index.html')));
    throw new Problem(404, 'not-found', 'no such page');
  } catch (error) {
    if (error instanceof Problem && error.body.location) response.setHeader('location', error.body.location);
    if (error instanceof Problem) return send(error.status, 'application/problem+json', JSON.stringify(error.body), error.headers);
    return send(error.code === 'ENOENT' ? 404 : 500, 'text/plain', String(error));
  }
}

/**
 * Serves on the loopback; port 0 takes a free one. ONEMAP_AUDIENCE=public leaves out what the public does not get. `sessions`
 * (or ONEMAP_SESSIONS=true) asks who is there: see mock-access.mjs; `map: 'closed'` and `sso` are for its other states.
 */
export function serve(port = 0, { sessions = process.env.ONEMAP_SESSIONS === 'true', map = process.env.ONEMAP_MAP ?? 'open', sso = process.env.ONEMAP_SSO ?? null } = {}) {
  audience = process.env.ONEMAP_AUDIENCE ?? 'internal';
  mapIs = map;
  const problem = (...about) => new Problem(...about);
  desk = deliveryDesk({ world: () => areas, latest: LATEST, editing: process.env.ONEMAP_EDITING !== 'false', problem, rates: () => rates().rates });
  access = sessions ? accessDesk({ map, sso, problem, areas: () => areas, streets }) : null;
  const server = createServer((request, response) => void handle(request, response));
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({ port: server.address().port, close: () => server.close() })));
}
