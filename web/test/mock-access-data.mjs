// What the stand-in starts with: an account of every role, reports in every state, and an audit log of some weeks.
const account = (name, display_name, role, more = {}) => ({ name, display_name, role, streets: [], disabled: false, last_sign_in: '2026-11-26T01:12:00Z', ...more });

export const startingAccounts = (streets) => [
  account('admin', '系统管理(演示)', 'admin'),
  account('auditor', '审计专岗(演示)', 'auditor', { last_sign_in: '2026-11-20T06:40:00Z' }),
  account('clerk', '数据专岗(演示)', 'clerk'),
  account('district', '区级专岗(演示)', 'district', { last_sign_in: '2026-11-24T02:05:00Z' }),
  account('officer', `${streets[1].name}专岗(演示)`, 'officer', { streets: [streets[1].code] }),
  account('officer.two', '两街专岗(演示)', 'officer', { streets: [streets[0].code, streets[3].code], last_sign_in: null }),
  account('former', '已停用专岗(演示)', 'clerk', { disabled: true, last_sign_in: '2026-03-02T08:00:00Z' }),
];

export const startingTokens = () => [
  { id: 't-a', name: '区级平台夜间同步', scopes: ['read'], created_at: '2026-09-01T02:00:00Z', expires_at: '2027-09-01T02:00:00Z', last_used_at: '2026-11-26T18:00:12Z' },
  { id: 't-b', name: '报送脚本', scopes: ['read', 'deliver'], created_at: '2026-05-12T02:00:00Z', expires_at: '2026-12-02T02:00:00Z', last_used_at: null },
];

const REASONS = ['boundary_wrong', 'name_wrong', 'missing_area', 'duplicate', 'other'];
const TEXTS = ['北侧围墙外的车棚也划进来了，应以围墙为界。', '门牌已改名，图上仍是旧名。', '', '两块重叠，中间的小路算了两次。', '东门外新建的两栋楼没有划入，交付已满一年，由同一家物业服务。'];
const STATES = [['received', null], ['received', null], ['accepted', '已转街道核实，现场测量后更正。'], ['done', '边界已按竣工图更正，见 2026-11-20 的记录。'], ['rejected', '经核，围墙外的车棚在划分文件之内，边界无误。'], ['received', null]];

export function startingReports(areas, streets) {
  return STATES.map(([state, answer], index) => {
    const area = areas[index * 7 + 2];
    const [lng, lat] = area.label;
    const street = streets.find(({ code }) => code === area.street);
    const place = index % 2 ? { type: 'LineString', coordinates: [area.ring[0], area.ring[1], area.ring[2]] } : { type: 'Point', coordinates: [Number((lng + 0.001).toFixed(6)), lat] };
    const day = `2026-11-${String(26 - index * 2).padStart(2, '0')}`;
    return { number: `R-2026-${String(STATES.length - index).padStart(6, '0')}`, state, answer, received_on: day, decided_on: state === 'received' ? null : '2026-11-24', reason: REASONS[index % REASONS.length], text: TEXTS[index % TEXTS.length], place, area: area.code, area_name: area.name, street: street.code, street_name: street.name, revision: 1 };
  });
}

export function startingAudit(areas) {
  const [one, two] = [areas[3].code, areas[20].code];
  const kinds = [
    ['officer', 'officer', 'area.change', `area/${one}`, { households: 321, manager_phone: '010-00001003' }, { households: 336, manager_phone: '010-00001103' }, 5],
    ['clerk', 'clerk', 'delivery.publish', 'delivery/3', null, { areas: 96, added: 2, changed: 14, vanished: 0 }, 5],
    ['clerk', 'clerk', 'delivery.check', 'delivery/3', null, { must_fix: 0, fix_later: 12 }, null],
    ['admin', 'admin', 'account.change', 'account/officer', { streets: ['110105901'] }, { streets: ['110105902'] }, null],
    [null, 'public', 'report.send', 'report/R-2026-000006', null, { reason: 'boundary_wrong', area: two }, null],
    ['officer', 'officer', 'report.answer', 'report/R-2026-000003', { state: 'received', answer: null }, { state: 'done', answer: '边界已按竣工图更正，见 2026-11-20 的记录。' }, null],
    ['clerk', 'clerk', 'area.change', `area/${two}`, { name: '春晓院', boundary: 'sha256:5f1c0a9be211' }, { name: '春晓苑', boundary: 'sha256:0b77a1c4d9e2' }, 4],
    ['auditor', 'auditor', 'session.start', 'account/auditor', null, null, null],
    [null, 'public', 'session.refuse', 'account/root', null, { reason: 'wrong-login' }, null],
    ['clerk', 'clerk', 'exception.grant', `area/${two}`, null, { issue: 'overlap', reason: '两块共用一处出入口', expires_on: '2027-11-20' }, null],
  ];
  const count = 64;
  return Array.from({ length: count }, (_, index) => {
    const [who, role, action, object, before, after, record] = kinds[index % kinds.length];
    const at = new Date(Date.parse('2026-11-26T08:21:00Z') - index * 5_400_000).toISOString();
    return { seq: count - index, at, who, role, action, object, before, after, record, address_hash: who === 'clerk' ? '9c56cc51b374' : 'e59ff97941', hash: `${(index * 7919 + 104_729).toString(16)}a0f3` };
  });
}
