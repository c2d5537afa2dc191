// Accounts, sessions, tokens, reports of the public and the audit log of the stand-in, as `docs/api.md` describes them.
// Everybody signs in with the same password; five wrong ones in a row lock an account for a minute.
import { startingAccounts, startingAudit, startingReports, startingTokens } from './mock-access-data.mjs';

export const PASSWORD = 'four plain words make one';
const LOCK_AFTER = 5;
const LOCK_S = 60;
const ACTIONS = {
  public: ['send_report'],
  officer: ['send_report', 'read_desk', 'edit', 'answer_report', 'manage_tokens'],
  clerk: ['send_report', 'read_desk', 'edit', 'deliver', 'grant_exception', 'answer_report', 'who_changed', 'manage_tokens'],
  district: ['send_report', 'read_desk', 'edit', 'deliver', 'grant_exception', 'answer_report', 'who_changed', 'manage_tokens'],
  auditor: ['send_report', 'read_desk', 'read_audit', 'who_changed', 'manage_tokens'],
  admin: ['send_report', 'read_desk', 'read_audit', 'who_changed', 'manage_accounts', 'manage_tokens'],
};
const NOW = '2026-11-27T09:30:00Z';

/** `map` is open or closed, `sso` the name of a single sign-on or null. */
export function accessDesk({ map, sso, problem, areas, streets }) {
  const accounts = new Map(startingAccounts(streets).map((account) => [account.name, { revision: 1, password: PASSWORD, failed: 0, locked: 0, ...account }]));
  const reports = startingReports(areas(), streets);
  const audit = startingAudit(areas());
  const sessions = new Map();
  let tokens = startingTokens();
  let serial = 1;

  const told = ({ name, display_name, role, streets, disabled, locked, last_sign_in, revision }) => ({ name, display_name, role, streets, disabled, locked_until: locked > 0 ? '2026-11-27T09:31:00Z' : null, last_sign_in, revision });
  const who = (cookie) => accounts.get(sessions.get(/\bonemap=(\w+)/.exec(cookie ?? '')?.[1])) ?? null;
  const session = (account) => ({
    role: account?.role ?? 'public', name: account?.name ?? null, display_name: account?.display_name ?? null, streets: account?.streets ?? [],
    expires_at: account ? '2026-11-27T21:30:00Z' : null, actions: ACTIONS[account?.role ?? 'public'], map, single_sign_on: sso && { name: sso, start: '/api/session/sso' },
  });
  const note = (account, action, object, before, after) =>
    audit.unshift({ seq: audit.length + 1, at: NOW, who: account?.name ?? null, role: account?.role ?? 'public', action, object, before, after, record: null, address_hash: 'b1946ac92492', hash: 'd41d8cd98f00' });
  const need = (account, action) => {
    if (!account) throw problem(401, 'sign-in-needed', 'sign in first');
    if (!ACTIONS[account.role].includes(action)) throw problem(403, 'not-allowed', 'your role may not do this');
  };
  const weak = (password, name) => [...(password.length < 15 ? ['short'] : []), ...(password.length > 256 ? ['long'] : []), ...(password.toLowerCase().includes(name) ? ['name'] : []), ...(/^(.)\1*$/.test(password) ? ['guessable'] : [])];
  const check = (password, name) => {
    const reasons = weak(password ?? '', name);
    if (reasons.length) throw problem(422, 'weak-password', 'the password is too weak', { reasons });
  };
  const matches = (tag, { revision }) => {
    if (tag === undefined) throw problem(428, 'precondition-required', 'say which revision you change');
    if (tag !== `"${revision}"`) throw problem(412, 'changed', 'somebody changed it since');
  };
  const paged = (list, query, path) => {
    const [limit, from] = [Number(query.get('limit') ?? 50), Number(query.get('cursor') ?? 0)];
    const next = new URLSearchParams([...query].filter(([key]) => key !== 'cursor').concat([['cursor', String(from + limit)]]));
    return { part: list.slice(from, from + limit), links: from + limit < list.length ? [{ rel: 'next', href: `${path}?${next}` }] : [] };
  };

  function signIn({ name, password }) {
    const account = accounts.get(name);
    const at = Date.now();
    if (account && account.locked > at) throw problem(429, 'locked', 'too many attempts', {}, { 'retry-after': String(Math.ceil((account.locked - at) / 1000)) });
    if (!account || account.disabled || account.password !== password) {
      if (account && ++account.failed % LOCK_AFTER === 0) account.locked = at + LOCK_S * 1000;
      throw problem(401, 'wrong-login', 'name or password is wrong');
    }
    account.failed = 0;
    account.last_sign_in = NOW;
    const id = `s${serial++}`;
    sessions.set(id, name);
    note(account, 'session.start', `account/${name}`, null, null);
    return { status: 200, body: session(account), headers: { 'set-cookie': `onemap=${id}; Path=/; HttpOnly; SameSite=Lax` } };
  }

  function signOut(account, cookie, everywhere) {
    for (const [id, name] of sessions) if (everywhere ? name === account?.name : cookie?.includes(`onemap=${id}`)) sessions.delete(id);
    return { status: 204, headers: { 'set-cookie': 'onemap=; Path=/; Max-Age=0' } };
  }

  function onSession(method, url, { account, cookie, body }) {
    if (url.pathname === '/api/session/password') {
      if (!account) throw problem(401, 'sign-in-needed', 'sign in first');
      if (body.current !== account.password) throw problem(403, 'wrong-password', 'the present password is another one');
      check(body.new, account.name);
      account.password = body.new;
      note(account, 'account.password', `account/${account.name}`, null, null);
      return { status: 204 };
    }
    if (method === 'POST') return signIn(body);
    if (method === 'DELETE') return signOut(account, cookie, url.searchParams.get('everywhere') === 'true');
    return { status: 200, body: session(account) };
  }

  function onAccounts(method, name, { account, tag, body }) {
    need(account, 'manage_accounts');
    if (!name && method === 'GET') return { status: 200, body: { accounts: [...accounts.values()].map(told) } };
    if (!name) {
      if (accounts.has(body.name)) throw problem(409, 'taken', 'there is an account of that name');
      check(body.password, body.name);
      const made = { ...body, revision: 1, failed: 0, locked: 0, disabled: false, last_sign_in: null };
      accounts.set(body.name, made);
      note(account, 'account.add', `account/${body.name}`, null, { role: body.role, streets: body.streets });
      return { status: 201, body: told(made), headers: { etag: '"1"' } };
    }
    const found = accounts.get(name);
    if (!found) throw problem(404, 'no-such-account', 'no such account');
    if (method === 'PATCH') {
      matches(tag, found);
      const left = [...accounts.values()].filter((one) => one !== found && one.role === 'admin' && !one.disabled);
      if (left.length === 0 && ((body.role ?? 'admin') !== 'admin' || body.disabled)) throw problem(409, 'last-admin', 'the last administrator stays');
      if (body.password !== undefined) check(body.password, name);
      const before = Object.fromEntries(Object.keys(body).filter((key) => key !== 'password').map((key) => [key, found[key]]));
      const { password, ...after } = body;
      note(account, password === undefined ? 'account.change' : 'account.password', `account/${name}`, before, after);
      Object.assign(found, body, { revision: found.revision + 1 });
    }
    return { status: 200, body: told(found), headers: { etag: `"${found.revision}"` } };
  }

  function onTokens(method, id, { account, body }) {
    need(account, 'manage_tokens');
    if (method === 'GET') return { status: 200, body: { tokens } };
    if (method === 'DELETE') {
      if (!tokens.some((token) => token.id === id)) throw problem(404, 'no-such-token', 'no such token');
      tokens = tokens.filter((token) => token.id !== id);
      return { status: 204 };
    }
    const made = { id: `t${serial++}`, name: body.name, scopes: body.scopes, created_at: NOW, expires_at: new Date(Date.parse(NOW) + body.days * 86_400_000).toISOString(), last_used_at: null };
    tokens = [made, ...tokens];
    note(account, 'token.make', `token/${made.id}`, null, { name: body.name, scopes: body.scopes });
    return { status: 201, body: { ...made, secret: 'onemap_dGhpcyBpcyBub3QgYSByZWFsIHNlY3JldCBhdCBhbGw' } };
  }

  const inside = (place) => [place.coordinates].flat(place.type === 'Point' ? 0 : 1).every(([lng, lat]) => lng > 116.37 && lng < 116.55 && lat > 39.86 && lat < 39.98);

  function sendReport({ place, area, reason, text }) {
    const points = place.type === 'Point' ? [place.coordinates] : place.coordinates;
    if (!inside({ type: 'LineString', coordinates: points })) throw problem(422, 'outside', 'the place lies outside of the district');
    if (/1[3-9]\d{9}|\S+@\S+/.test(text ?? '')) throw problem(422, 'personal-data', 'the text holds personal data');
    const known = areas().find(({ code }) => code === area);
    const street = streets.find(({ code }) => code === known?.street) ?? streets[0];
    const number = `R-2026-${String(reports.length + 1).padStart(6, '0')}`;
    reports.unshift({ number, state: 'received', answer: null, received_on: '2026-11-27', decided_on: null, reason, text, place, area: known?.code ?? null, area_name: known?.name ?? null, street: street.code, street_name: street.name, revision: 1 });
    return { status: 201, body: { number, url: `/r/${number}` } };
  }

  function onReports(method, number, { account, tag, body, url }) {
    if (!number && method === 'POST') return sendReport(body);
    if (!number) {
      need(account, 'answer_report');
      const query = url.searchParams;
      const mine = reports.filter(({ street }) => account.role !== 'officer' || account.streets.includes(street)).filter(({ street }) => !query.get('street') || street === query.get('street'));
      const counts = Object.fromEntries(['received', 'accepted', 'rejected', 'done'].map((state) => [state, mine.filter((one) => one.state === state).length]));
      const { part, links } = paged(mine.filter(({ state }) => !query.get('state') || state === query.get('state')), query, '/api/reports');
      return { status: 200, body: { reports: part, counts, links } };
    }
    const found = reports.find((one) => one.number === number);
    if (!found) throw problem(404, 'no-such-report', 'no such report');
    if (method === 'PATCH') {
      need(account, 'answer_report');
      matches(tag, found);
      note(account, 'report.answer', `report/${number}`, { state: found.state, answer: found.answer }, body);
      Object.assign(found, body, { revision: found.revision + 1, decided_on: '2026-11-27' });
    }
    const { state, answer, received_on, decided_on } = found;
    const full = account && ACTIONS[account.role].includes('answer_report');
    return { status: 200, body: full ? found : { number, state, answer, received_on, decided_on }, headers: full ? { etag: `"${found.revision}"` } : {} };
  }

  function onAudit(area, { account, url }) {
    need(account, area ? 'who_changed' : 'read_audit');
    const query = url.searchParams;
    const text = (name) => query.get(name) ?? '';
    const kept = audit.filter((entry) => (!text('who') || entry.who === text('who')) && (!text('action') || entry.action === text('action')) && (!text('since') || entry.at >= text('since')) && (!text('until') || entry.at < text('until')));
    const about = area ?? text('area');
    const found = kept.filter(({ object }) => !about || object === `area/${about}`);
    if (query.get('f') === 'csv') return { status: 200, type: 'text/csv', body: `\u{feff}seq,at,who,action,object\r\n${found.map(({ seq, at, who, action, object }) => [seq, at, who, action, object].join(',')).join('\r\n')}` };
    const { part, links } = paged(found, query, url.pathname);
    return { status: 200, body: { entries: part, links } };
  }

  return {
    who,
    /** An answer `{ status, body, headers, type }`, null where this is not about access. */
    answer(method, url, headers, sent) {
      const asked = { account: who(headers.cookie), cookie: headers.cookie, tag: headers['if-match'], body: sent, url };
      const [, part, id] = /^\/api\/(session|accounts|tokens|reports|audit)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
      const name = id && decodeURIComponent(id);
      const [, area] = /^\/api\/areas\/([^/]+)\/audit$/.exec(url.pathname) ?? [];
      if (area) return onAudit(decodeURIComponent(area), asked);
      if (part === 'session') return onSession(method, url, asked);
      if (part === 'accounts') return onAccounts(method, name, asked);
      if (part === 'tokens') return onTokens(method, name, asked);
      if (part === 'reports') return onReports(method, name, asked);
      return part === 'audit' ? onAudit(null, asked) : null;
    },
  };
}
