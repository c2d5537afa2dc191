// A small invented district: six streets and a few dozen areas. Nothing here is a real place.
const STREETS = [
  ['110105901', '东苑街道', 'DY'],
  ['110105902', '南湖街道', 'NH'],
  ['110105903', '西岭街道', 'XL'],
  ['110105904', '北桥街道', 'BQ'],
  ['110105905', '中关地区', 'ZG'],
  ['110105906', '柳河地区', 'LH'],
];
const STEMS = [['和园', 'heyuan', 'hy'], ['柳荫里', 'liuyinli', 'lyl'], ['春晓苑', 'chunxiaoyuan', 'cxy'], ['枣营北里', 'zaoyingbeili', 'zybl'], ['银杏家园', 'yinxingjiayuan', 'yxjy'], ['松榆南里', 'songyunanli', 'synl'], ['望河国际公寓', 'wangheguojigongyu', 'whgjgy'], ['槐树院', 'huaishuyuan', 'hsy']];
const BOX = { west: 116.4, south: 39.88, east: 116.52, north: 39.96 };
const COLUMNS = 3;
const ROWS = 2;
/** Areas a street, along each side. */
const SIDE = 4;

const CLASSES = [
  ['contracted', 'owners', '#174A8C', '#A9D1FF', 2.5, [], 'solid', null],
  ['contracted', 'property_management', '#5B94D6', '#4C8CD8', 1, [], 'solid', null],
  ['contracted', 'transition', '#174A8C', '#A9D1FF', 1.5, [6, 2, 1, 2], 'bands', { light: '#5B94D6', dark: '#4C8CD8' }],
  ['contracted', 'none', '#BBD3EF', '#1F4470', 1, [4, 3], 'hatch', null],
  ['quasi_property', 'owners', '#9A4200', '#FFD0A0', 2.5, [], 'solid', null],
  ['quasi_property', 'property_management', '#EB8A33', '#E08A2E', 1, [], 'solid', null],
  ['quasi_property', 'transition', '#9A4200', '#FFD0A0', 1.5, [6, 2, 1, 2], 'bands', { light: '#EB8A33', dark: '#E08A2E' }],
  ['quasi_property', 'none', '#F8D2A8', '#74430F', 1, [4, 3], 'hatch', null],
  ['unknown', 'unknown', '#A8A8A8', '#6E7379', 1, [1, 3], 'dots', null],
];
const STROKES = { contracted: { light: '#0B2E5E', dark: '#CFE5FF' }, quasi_property: { light: '#6A2C00', dark: '#FFE0C2' }, unknown: { light: '#5A5A5A', dark: '#B9BEC4' } };
const WORDS = { contracted: ['委托管理', 'Contracted'], quasi_property: ['准物业', 'Quasi-property'], owners: ['已成立业委会', "owners' committee"], property_management: ['已组建物管会', 'management committee'], transition: ['过渡中', 'in transition'], none: ['未组建', 'no committee'] };

const keyOf = (management, committee) =>
  management === 'unknown' ? 'unknown' : `${management === 'quasi_property' ? 'quasi' : 'contracted'}-${committee.replace('_', '-')}`;

/** Numbers that look scattered and are the same on every run. */
function scatter(seed) {
  let value = seed;
  return () => (value = (value * 16807) % 2147483647) / 2147483647;
}

const round = (value) => Number(value.toFixed(7));
export const boxOf = (ring) => [0, 1].map((axis) => Math.min(...ring.map((p) => p[axis]))).concat([0, 1].map((axis) => Math.max(...ring.map((p) => p[axis]))));

function makeStreets() {
  const [width, height] = [(BOX.east - BOX.west) / COLUMNS, (BOX.north - BOX.south) / ROWS];
  return STREETS.map(([code, name, initials], index) => {
    const west = BOX.west + (index % COLUMNS) * width;
    const south = BOX.south + Math.floor(index / COLUMNS) * height;
    const ring = [[west, south], [west + width, south], [west + width, south + height], [west, south + height], [west, south]].map((p) => p.map(round));
    return { code, name, initials, ring, west, south, width, height };
  });
}

function makeAreas(streets) {
  const random = scatter(20221027);
  const areas = [];
  for (const street of streets) {
    for (let i = 0; i < SIDE * SIDE; i++) {
      const roll = random();
      const kind = CLASSES[roll < 0.12 ? 0 : roll < 0.62 ? 1 : roll < 0.66 ? 2 : roll < 0.76 ? 3 : roll < 0.8 ? 4 : roll < 0.9 ? 5 : roll < 0.96 ? 7 : 8];
      const [w, h] = [street.width / SIDE, street.height / SIDE];
      const [x, y] = [street.west + (i % SIDE) * w, street.south + Math.floor(i / SIDE) * h];
      const inset = () => 0.08 + random() * 0.14;
      // The first two areas of a street touch, so that a click can be on a border.
      const east = i === 0 ? 1 : 1 - inset();
      const west = i === 1 ? 0 : inset();
      const ring = [[x + w * west, y + h * inset()], [x + w * east, y + h * inset()], [x + w * east, y + h * (1 - inset())], [x + w * west, y + h * (1 - inset())]];
      areas.push(area(street, areas.length, i, kind, [...ring, ring[0]].map((p) => p.map(round)), random));
    }
  }
  // One area lies over another, as real ones do.
  const [first] = areas;
  const [west, south, east, north] = boxOf(first.ring);
  const [mx, my] = [(west + east) / 2, (south + north) / 2];
  const over = [[west, south], [mx, south], [mx, my], [west, my], [west, south]].map((p, i) => p.map((v, axis) => round(v + (i % 4 === 0 ? 1 : 1) * (axis === 0 ? (east - west) * 0.15 : (north - south) * 0.2))));
  areas.push(area(streets[0], areas.length, 90, CLASSES[5], over, random));
  return areas;
}

function area(street, id, serial, [management, committee], ring, random) {
  const stem = STEMS[id % STEMS.length];
  const block = '一二三四五六七八九'[Math.floor(id / STEMS.length) % 9];
  const [w, s, e, n] = boxOf(ring);
  const kinds = committee === 'transition' ? ['owners', 'property_management'] : ['owners', 'property_management'].includes(committee) ? [committee] : [];
  const full = id % 5 !== 3;
  const companies = street.initials.charCodeAt(0) % 5;
  return {
    id: id + 1, ring, pinyin: stem[1], initials: stem[2],
    code: `DEMO-${street.initials}-${String(serial + 1).padStart(4, '0')}`,
    name: `${stem[0]}${block}区(演示)`,
    other_names: full ? [{ kind: 'common', text: `${stem[0]}${block}区大院` }] : [],
    street: street.code, street_name: street.name,
    community: `${street.code}001`, community_name: `${stem[0].slice(0, 2)}社区`,
    management, quasi_kind: management === 'quasi_property' ? 'owning_unit' : null, committee, style: keyOf(management, committee),
    manager: management === 'unknown' ? null : `91000000MA0000${String(157 + companies)}`,
    manager_name: management === 'unknown' ? null : `${'甲乙丙丁戊'[companies]}安物业服务有限公司(演示)`,
    manager_kind: management === 'unknown' ? null : management === 'contracted' ? 'company' : 'owning_unit',
    manager_phone: management === 'unknown' ? null : `010-0000${String(1000 + id).slice(-4)}`,
    site_area_m2: Math.round(20000 + random() * 40000), floor_area_m2: full ? 80000 + id * 100 : null,
    households: full ? 300 + id * 7 : null, building_count: 4 + (id % 9), built_year: full ? 1980 + (id % 35) : null,
    address: `${street.name}${id + 1}号院`, fee_yuan_per_m2_month: full ? 2.35 : null,
    contract_from: management === 'contracted' ? '2020-01-01' : null, contract_until: management === 'contracted' ? (id % 2 ? '2022-12-09' : '2024-12-31') : null,
    contract_kind: management === 'contracted' ? ['ordinary', 'ordinary', 'early_stage', null][id % 4] : null, contract_filed_on: management === 'contracted' && id % 5 ? '2020-01-12' : null,
    delimitation_document: full ? `朝物划〔2021〕${id + 1}号(演示)` : null,
    committees: kinds.map((kind, index) => ({ code: `DEMO-C-${id}${index}`, kind, formed_on: '2021-03-01', filing_applied_on: kind === 'owners' ? '2021-03-15' : null, filed_on: '2021-03-20', filing_number: `备〔2021〕${id}号`, term_until: index || id % 3 ? '2026-02-28' : '2022-10-01', dissolved_on: null, operating: true, members: 7, party_organisation: true, party_since: '2021-06-01' })),
    label: [round((w + e) / 2), round((s + n) / 2)], demo: true,
    source: { record: 5, kind: 'survey_round', document: '物业管理区域普查(演示)', authority: '区房管局(演示)', dated: '2022-10-27', recorded_at: '2026-11-23T08:00:00Z' },
  };
}

export const streets = makeStreets();
export const areas = makeAreas(streets);
export const bbox = [BOX.west, BOX.south, BOX.east, BOX.north];
export const districtRing = [[BOX.west, BOX.south], [BOX.east, BOX.south], [BOX.east, BOX.north], [BOX.west, BOX.north], [BOX.west, BOX.south]];

export const managers = [...new Set(areas.map((a) => a.manager).filter(Boolean))].map((uscc) => {
  const mine = areas.filter((a) => a.manager === uscc);
  return { uscc, name: mine[0].manager_name, kind: 'company', phone: '010-00000001', party_organisation: true, areas: mine.length, demo: true };
});

export function classes(chosen) {
  return CLASSES.map(([management, committee, light, dark, width_px, dash_px, pattern, color]) => {
    const key = keyOf(management, committee);
    const [zh, en] = management === 'unknown' ? ['情况不明', 'Unknown'] : [`${WORDS[management][0]} · ${WORDS[committee][0]}`, `${WORDS[management][1]} · ${WORDS[committee][1]}`];
    return {
      key, management, committee, label: { 'zh-CN': zh, en },
      explanation: { 'zh-CN': `${zh}：一句话说明这一类的含义。`, en: `${en}: one sentence about this class.` },
      fill: { light, dark }, stroke: { color: STROKES[management], width_px, dash_px }, pattern: { kind: pattern, color },
      count: chosen.filter((a) => a.style === key).length,
    };
  });
}
