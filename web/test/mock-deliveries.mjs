// The stand-in's deliveries: received, checked, published and taken back in memory.
import { createHash } from 'node:crypto';
import { crossing, FIELDS, moved, readForm, readLayers, ringOf, shared, shiftOf } from './mock-delivery-file.mjs';

const LIMIT_BYTES = 64 * 1024 * 1024;
/** Larger deliveries are checked while the page asks how far it is. */
const SLOW_ROWS = 2000;
const SLOW_MS = 1500;
const VANISHING_SHARE = 0.05;

const both = (zh, en) => ({ 'zh-CN': zh, en });
const TYPES = {
  'self-intersection': ['must_fix', 'bureau', both('边界自相交', 'Self-intersection'), both('边界在一处与自己交叉，围不成一块地。', 'The outline crosses itself, so it encloses no single piece of ground.'), both('在制图软件里把交叉的顶点改到正确位置，再导出。', 'Move the crossing vertex to its place and export again.')],
  overlap: ['must_fix', 'bureau', both('与另一区域重叠', 'Overlap'), null, both('按划分文件确定界线，改好其中一个的边界；确属上下层的，列为例外。', 'Settle the border by the delimitation document; make an exception for areas above each other.')],
  'missing-required': ['must_fix', 'street', both('缺少名称', 'Missing name'), both('这一行没有区域名称。', 'The row has no name.'), both('请街道补上名称后重交。', 'Ask the street for the name and hand the file in again.')],
  'duplicate-name': ['fix_later', 'street', both('名称重复', 'Duplicate name'), both('同一街乡里有两个同名的区域。', 'Two areas of a street have the same name.'), both('核对是否重复登记，或加上分区名称。', 'See whether it is entered twice, or add what tells them apart.')],
  'implausible-households': ['fix_later', 'street', both('户数不像真的', 'Implausible households'), both('户数不是正整数，没有采用。', 'The number of households is no positive number and was left out.'), both('请街道核对户数。', 'Ask the street for the number.')],
  'unclosed-ring': ['fix_later', 'bureau', both('边界没有闭合', 'Unclosed ring'), both('首尾两点不重合，已自动闭合，面积没有变化。', 'The first and last vertex differed; the ring was closed and its surface is the same.'), both('不用处理。', 'Nothing to do.')],
  'personal-data': ['fix_later', 'street', both('含个人信息的列', 'Personal data'), both('这一列像是手机号或身份证号，没有读取。', 'The column looks like telephone or identity numbers and was not read.'), both('请送报单位以后不要交这一列。', 'Ask the sender to leave this column out.')],
};

/** `world` tells the areas of the day, `latest` the last record of the register without deliveries, `problem` makes an error. */
export function deliveryDesk({ world, latest, editing = true, problem, rates }) {
  const deliveries = [];
  const exceptions = [];
  const records = [];
  const remembered = {};
  /** What publishing changed, by code. */
  const patches = new Map();
  const revision = () => latest + records.length;
  const find = (id) => deliveries.find((item) => item.id === Number(id)) ?? fail(404, 'no-such-delivery', `there is no delivery ${id}`);
  const fail = (...about) => {
    throw problem(...about);
  };
  const mayEdit = () => editing || fail(403, 'not-allowed', 'your role may not do this here');

  const listed = ({ id, sender, note, received_at, digest, files, state, revision: published, undone_by, summary, progress }) => ({
    id, sender, note, received_at, received_by: '经办(演示)', digest, files: files.map(({ name, bytes, digest: own }) => ({ name, bytes, digest: own })), state, revision: published, undone_by, summary, progress: progress ? progress() : null,
  });

  function position(delivery) {
    const shift = delivery.shift;
    const used = delivery.settings?.position ?? null;
    const candidates = shift
      ? [
          { key: 'GCJ-02', label: both('火星坐标（GCJ-02）', 'GCJ-02 (offset coordinates)'), in_district: 1, matched: shift.matched, median_before_m: shift.metres, median_after_m: 1.4, azimuth_deg: 75 },
          { key: 'BD-09', label: both('百度坐标（BD-09）', 'BD-09 (Baidu)'), in_district: 0.83, matched: shift.matched, median_before_m: shift.metres, median_after_m: 612.8, azimuth_deg: 231 },
        ]
      : [];
    return { declared: 'EPSG:4326', used: used ?? 'EPSG:4326', verdict: used ? 'confirmed' : shift ? 'suspect' : 'declared', candidates, rows: [] };
  }

  const single = (delivery) => ({
    ...listed(delivery), layers: delivery.layers.map(({ layer }) => layer), fields: FIELDS, position: position(delivery),
    settings: delivery.settings ?? { columns: Object.fromEntries(delivery.layers.map(({ layer }) => [layer.name, Object.fromEntries(layer.columns.map((column) => [column.name, column.field]))])), position: null, scope: 'listed', effective: '2023-06-01', encoding: null, left_out: [] },
    links: [],
  });

  function receive(bytes, type) {
    if (bytes.length > LIMIT_BYTES) fail(413, 'too-large', 'a delivery has at most 64 MiB');
    const parts = readForm(bytes, type);
    const text = (name) => parts.find((part) => part.name === name && part.file === null)?.content.toString('utf8').trim() ?? '';
    const files = parts.filter(({ file }) => file !== null).map(({ file, content }) => ({ name: file, bytes: content.length, digest: createHash('sha256').update(content).digest('hex'), content }));
    if (!text('sender') || files.length === 0) fail(400, 'bad-body', 'sender and file are needed');
    for (const { name } of files) if (!/\.(geo)?json$/i.test(name)) fail(415, 'unsupported-format', `${name}: this format is not read`);
    const digest = createHash('sha256').update(files.map((file) => file.digest).sort().join('')).digest('hex');
    const same = deliveries.find((item) => item.digest === digest);
    if (same) return { status: 200, body: { ...single(same), new: false } };
    let layers;
    try {
      layers = readLayers(files, remembered[text('sender')] ?? {});
    } catch (error) {
      fail(400, 'unreadable', `${files[0].name}: ${error.message}`);
    }
    const delivery = { id: deliveries.length + 1, sender: text('sender'), note: text('note'), received_at: new Date().toISOString(), digest, files, layers, state: 'received', revision: null, undone_by: null, summary: null, settings: null, progress: null };
    delivery.shift = shiftOf(rowsOf(delivery), world());
    deliveries.unshift(delivery);
    return { status: 201, body: { ...single(delivery), new: true } };
  }

  /** The rows of the chosen layers by what their columns mean. */
  function rowsOf(delivery) {
    const { columns = {}, left_out = [] } = delivery.settings ?? {};
    let number = 0;
    return delivery.layers.flatMap(({ layer, features }) =>
      left_out.includes(layer.name)
        ? []
        : features.map(({ properties, geometry }, index) => {
            const row = { row: ++number, item: `feature ${index + 1}`, file: layer.file, geometry };
            for (const column of layer.columns) {
              const field = column.name in (columns[layer.name] ?? {}) ? columns[layer.name][column.name] : column.field;
              if (field) row[field] = properties?.[column.name] ?? null;
            }
            return row;
          }),
    );
  }

  function examine(delivery) {
    const areas = world();
    const { settings } = delivery;
    const byCode = new Map(areas.map((area) => [area.code, area]));
    const findings = [];
    const found = (id, row, more = {}) => {
      const [severity, side, title, wrong, fix] = TYPES[id];
      const subject = row.code ?? row.name ?? row.item;
      const fingerprint = createHash('sha256').update(JSON.stringify([row.geometry, more.shape])).digest('hex').slice(0, 16);
      const silent = exceptions.some((item) => item.withdrawn_at === null && item.issue === id && item.subject === subject && item.fingerprint === fingerprint);
      const at = more.at ?? ringOf(row.geometry)?.[0] ?? null;
      findings.push({ number: findings.length + 1, issue: id, severity, side, state: silent ? 'excepted' : 'open', file: row.file, item: row.item, row: row.row, subject, name: row.name ?? null, street: row.areaStreet, field: 'geometry', column: null, value: null, title, wrong, fix, shape: null, other: null, ...more, at, fingerprint });
    };
    const rows = rowsOf(delivery).map((row) => ({ ...row, geometry: settings.position && delivery.shift ? moved(row.geometry, delivery.shift.by) : row.geometry }));
    const names = new Map();
    for (const row of rows) {
      const area = byCode.get(row.code) ?? areas.find((other) => other.name === row.name);
      Object.assign(row, { area, areaStreet: area?.street ?? null });
      const ring = ringOf(row.geometry);
      const at = ring && crossing(ring);
      if (at) found('self-intersection', row, { at });
      if (!row.name) found('missing-required', row, { field: 'name', at: null });
      else if (names.has(row.name)) found('duplicate-name', row, { field: 'name', value: row.name });
      names.set(row.name, row);
      if (row.households !== undefined && row.households !== null && !/^\d+$/.test(row.households)) found('implausible-households', row, { field: 'households', value: String(row.households) });
      row.broken = Boolean(at);
    }
    overlaps(rows.filter(({ broken, geometry }) => !broken && geometry), found);
    for (const { layer } of delivery.layers) for (const column of layer.columns) if (column.refused) found('personal-data', { file: layer.file, item: column.name, row: null, areaStreet: null, geometry: null }, { field: null, column: column.name });
    delivery.draft = rows.map((row) => draftOf(row, findings));
    delivery.findings = findings;
    const gone = settings.scope === 'listed' ? [] : areas.filter((area) => !rows.some((row) => row.area === area) && (settings.scope === 'district' || rows.some((row) => row.areaStreet === area.street)));
    delivery.report = report(delivery, gone, areas.length);
  }

  function overlaps(rows, found) {
    const order = rows.map((row) => ({ row, ring: ringOf(row.geometry), west: Math.min(...ringOf(row.geometry).map(([x]) => x)), east: Math.max(...ringOf(row.geometry).map(([x]) => x)) })).sort((a, b) => a.west - b.west);
    order.forEach(({ row, ring, east }, index) => {
      for (let i = index + 1; i < order.length && order[i].west < east; i++) {
        const common = shared(ring, order[i].ring);
        if (!common || (row.area && order[i].row.area && shared(row.area.ring, order[i].row.area.ring))) continue;
        const [width, surface] = [common.width.toFixed(1), Math.round(common.surface)];
        const other = order[i].row;
        found('overlap', row, { at: common.ring[0].map((value, axis) => (value + common.ring[2][axis]) / 2), shape: { type: 'Polygon', coordinates: [common.ring] }, other: { subject: other.code ?? other.item, name: other.name ?? null, item: other.item }, wrong: both(`与“${other.name ?? other.item}”重叠 ${surface} ㎡，最宽 ${width} 米。`, `It overlaps “${other.name ?? other.item}” by ${surface} m², ${width} m wide.`) });
      }
    });
  }

  const close = (a, b) => a.length === b.length && a.every((point, i) => Math.abs(point[0] - b[i][0]) + Math.abs(point[1] - b[i][1]) < 1e-7);

  function draftOf(row, findings) {
    const { area } = row;
    const ring = ringOf(row.geometry);
    const values = {};
    if (area && row.name && row.name !== area.name) values.name = [area.name, row.name];
    if (area && /^\d+$/.test(row.households ?? '') && Number(row.households) !== area.households) values.households = [area.households === null ? null : String(area.households), String(row.households)];
    const fields = [...Object.keys(values), ...(area && ring && !row.broken && !close(ring, area.ring) ? ['geometry'] : [])];
    const mine = findings.filter((finding) => finding.row === row.row && finding.state === 'open');
    const change = row.broken ? 'unusable' : !area ? 'added' : fields.length > 0 ? 'changed' : 'unchanged';
    const count = (severity) => mine.filter((finding) => finding.severity === severity).length;
    return { type: 'Feature', geometry: row.geometry, properties: { row: row.row, item: row.item, file: row.file, code: area?.code ?? null, name: row.name ?? area?.name ?? null, street: row.areaStreet, change, fields, values, must_fix: count('must_fix'), fix_later: count('fix_later') } };
  }

  function report({ id, settings, findings, draft }, gone, total) {
    const count = (test) => findings.filter(test).length;
    const counts = { must_fix: count((f) => f.state === 'open' && f.severity === 'must_fix'), fix_later: count((f) => f.state === 'open' && f.severity === 'fix_later'), excepted: count((f) => f.state === 'excepted'), repaired: 0 };
    const of = (change) => draft.filter(({ properties }) => properties.change === change).length;
    const changes = { added: of('added'), changed: of('changed'), unchanged: of('unchanged'), vanished: gone.length, unusable: of('unusable') };
    const share = gone.length / total;
    const issues = Object.entries(TYPES).flatMap(([issue, [severity, side, title]]) => (count((f) => f.issue === issue) ? [{ id: issue, severity, side, title, count: count((f) => f.issue === issue) }] : []));
    const before = rates();
    const after = before.map((rate) => ({ ...rate, denominator: rate.denominator + changes.added - gone.length, percent: Math.round((rate.numerator / (rate.denominator + changes.added - gone.length)) * 1000) / 10 }));
    return { delivery: id, revision: revision(), effective: settings.effective, rows: draft.length, publishable: counts.must_fix === 0, counts, changes, vanishing: { share, needs_confirmation: share > VANISHING_SHARE, areas: gone.map(({ code, name }) => ({ code, name })) }, issues, rates: { before, after }, skipped: [] };
  }

  function settle(delivery) {
    examine(delivery);
    const { counts, changes, rows } = delivery.report;
    delivery.summary = { rows, ...counts, ...changes, revision: revision() };
    delivery.progress = null;
  }

  function check(delivery, settings) {
    mayEdit();
    const proposal = single(delivery).settings;
    delivery.settings = { ...proposal, ...settings, columns: { ...proposal.columns, ...settings.columns } };
    if (settings.remember) remembered[delivery.sender] = { ...remembered[delivery.sender], ...Object.assign({}, ...Object.values(delivery.settings.columns)) };
    const total = delivery.layers.reduce((sum, { features }) => sum + features.length, 0);
    if (total <= SLOW_ROWS) {
      settle(delivery);
      return { status: 200, body: delivery.report };
    }
    const began = Date.now();
    delivery.progress = () => {
      const share = Math.min(1, (Date.now() - began) / SLOW_MS);
      const steps = ['read', 'geometry', 'overlaps', 'compare'];
      return { step: steps[Math.min(3, Math.floor(share * 4))], done: Math.round(share * total), total };
    };
    setTimeout(() => settle(delivery), SLOW_MS);
    return { status: 202, body: listed(delivery) };
  }

  function enter(record, kind) {
    const faults = ['document', 'authority', 'author'].filter((name) => !record?.[name]).map((name) => ({ place: `/record/${name}`, field: name, message: 'is needed' }));
    if (faults.length) fail(422, 'faults', 'the record cannot be entered', { faults });
    const entered = { id: revision() + 1, kind, recorded_at: new Date().toISOString(), ...record };
    records.push(entered);
    return entered;
  }

  function publish(delivery, { record, confirm_vanishing: confirmed }) {
    mayEdit();
    if (delivery.state !== 'received') fail(409, 'already-published', 'it was published');
    if (!delivery.report?.publishable) fail(409, 'not-publishable', 'something must be fixed', { counts: delivery.report?.counts ?? null });
    const { vanishing, changes } = delivery.report;
    if (vanishing.needs_confirmation && confirmed !== changes.vanished) fail(409, 'vanishing', 'confirm it', { vanishing: changes.vanished });
    if (changes.added + changes.changed + changes.vanished === 0) return { status: 200, body: { nothing_new: true, revision: revision() } };
    const entered = enter(record, 'delivery');
    Object.assign(delivery, { state: 'published', revision: entered.id });
    for (const { geometry, properties } of delivery.draft) if (properties.change === 'changed') patches.set(properties.code, { ...(properties.values.name && { name: properties.values.name[1] }), ...(properties.fields.includes('geometry') && { ring: ringOf(geometry) }) });
    return { status: 201, body: { revision: entered.id, record: entered, changes } };
  }

  function undo(delivery, { record }) {
    mayEdit();
    if (delivery.state !== 'published') fail(409, 'not-published', 'it is not published');
    const entered = enter(record, 'correction');
    Object.assign(delivery, { state: 'undone', undone_by: entered.id });
    for (const { properties } of delivery.draft) patches.delete(properties.code);
    return { status: 201, body: { revision: entered.id } };
  }

  function part(items, query, path) {
    const [limit, from] = [Number(query.get('limit') ?? 100), Number(query.get('cursor') ?? 0)];
    return { page: items.slice(from, from + limit), links: from + limit < items.length ? [{ rel: 'next', href: `${path}?limit=${limit}&cursor=${from + limit}` }] : [] };
  }

  function except(body) {
    mayEdit();
    const item = { ...body, id: exceptions.length + 1, recorded_at: new Date().toISOString(), recorded_by: '经办(演示)', withdrawn_at: null };
    exceptions.push(item);
    for (const delivery of deliveries) if (delivery.state === 'received' && delivery.report) settle(delivery);
    return { status: 201, body: item };
  }

  function withdraw(id) {
    mayEdit();
    exceptions[Number(id) - 1].withdrawn_at = new Date().toISOString();
    for (const delivery of deliveries) if (delivery.state === 'received' && delivery.report) settle(delivery);
    return { status: 204, body: null };
  }

  return {
    /** Areas as they are after what was published. */
    patched: (areas) => (patches.size ? areas.map((area) => ({ ...area, ...patches.get(area.code) })) : areas),
    record: (id) => records.find((item) => item.id === id) ?? null,
    /** Answers `{status, body}`, or null for a path that is none of its. */
    answer(method, { pathname, searchParams }, bytes, type) {
      const json = () => JSON.parse(bytes.toString('utf8'));
      if (pathname === '/api/exceptions') return method === 'POST' ? except(json()) : { status: 200, body: { exceptions } };
      const [, exception] = /^\/api\/exceptions\/(\d+)$/.exec(pathname) ?? [];
      if (exception) return withdraw(exception);
      if (pathname === '/api/deliveries') {
        if (method === 'POST') {
          mayEdit();
          return receive(bytes, type);
        }
        const { page, links } = part(deliveries, searchParams, pathname);
        return { status: 200, body: { deliveries: page.map(listed), links } };
      }
      const [, id, rest] = /^\/api\/deliveries\/(\d+)(?:\/([a-z]+))?(?:\/\d+)?$/.exec(pathname) ?? [];
      if (!id) return null;
      const delivery = find(id);
      if (method === 'POST') return { check: () => check(delivery, json()), publish: () => publish(delivery, json()), undo: () => undo(delivery, json()) }[rest]();
      if (!rest) return { status: 200, body: single(delivery) };
      if (!delivery.report) fail(404, 'not-checked', 'it was not checked');
      if (rest === 'report') return { status: 200, body: delivery.report };
      const { page, links } = part(rest === 'rows' ? delivery.draft : delivery.findings, searchParams, pathname);
      return { status: 200, body: rest === 'rows' ? { type: 'FeatureCollection', features: page, links } : { findings: page, total: delivery.findings.length, links } };
    },
  };
}
