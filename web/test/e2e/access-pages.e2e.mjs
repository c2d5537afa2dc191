// The pages of accounts, reports of the public and the audit log. With a register they need the accounts that `support.mjs`
// names; what they make they take away again, but for the entries of the audit log.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { ask, close, credentials, forgive, openWith, send, someArea, withPage } from './support.mjs';

const accounts = { skip: process.env.ONEMAP_URL && !process.env.ONEMAP_E2E_PASSWORD ? 'needs a register with accounts' : false };
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const ANOTHER = 'a lamp beside seven chairs';

before(() => openWith({ sessions: true }));
after(close);

const json = (as, method, path, body, headers = {}) => send(path, { as, method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const toasted = (page, text) => page.waitForFunction((wanted) => document.querySelector('#toasts')?.textContent.includes(wanted), text);

/** An account for one test. */
async function newAccount(name, more = {}) {
  const made = { name, display_name: name, role: 'clerk', streets: [], password: ANOTHER, ...more };
  const answer = await json('admin', 'POST', '/api/accounts', made);
  assert.ok(answer.status === 201 || answer.status === 409, `${answer.status}`);
  return made;
}

/** A report of the public at an area. */
async function newReport() {
  const area = await someArea();
  const answer = await json(null, 'POST', '/api/reports', { place: { type: 'Point', coordinates: area.label }, area: area.code, reason: 'boundary_wrong', text: '北侧以围墙为界' });
  assert.equal(answer.status, 201);
  return { ...(await answer.json()), area };
}

test('signing in leads back to where somebody came from, and a wrong password says so', accounts, async () => {
  const { name, password } = credentials('clerk');
  await withPage({ as: null, path: '/sign-in?next=%2Faccount', bare: true }, async (page, faults) => {
    await page.fill('#name', name);
    await page.fill('#password', 'not the password');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.d-note.warn');
    assert.match(await page.textContent('.d-note.warn'), /账号或密码不对/);
    assert.equal(await page.inputValue('#password'), '');
    await page.fill('#password', password);
    await page.click('form .d-primary');
    await page.waitForURL('**/account');
    await page.waitForSelector('.a-who-part');
    assert.ok((await page.textContent('.a-who-part')).includes(name));
    forgive(faults, '401');
  });
});

test('signing in never leads to another host', accounts, async () => {
  for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
    await withPage({ as: 'clerk', path: `/sign-in?next=${encodeURIComponent(next)}`, bare: true }, async (page) => {
      assert.equal(await page.getAttribute('.a-box a.d-primary', 'href'), '/', next);
    });
  }
});

test('a locked account is told how long to wait, and let through after it', accounts, async () => {
  await withPage({ as: null, path: '/sign-in', bare: true }, async (page, faults) => {
    await page.route('**/api/session', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 429, headers: { 'retry-after': '2' }, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:onemap:problem:locked', title: 'locked', status: 429 }) }) : route.continue()));
    await page.fill('#name', 'somebody');
    await page.fill('#password', 'whatever it is');
    await page.click('form .d-primary');
    await page.waitForSelector('.d-note.warn b');
    assert.match(await page.textContent('.d-note.warn'), /次数过多.*[12] 秒/s);
    assert.ok(await page.isDisabled('form .d-primary'));
    await page.waitForSelector('.d-note.info');
    assert.ok(await page.isEnabled('form .d-primary'));
    forgive(faults, '429');
  });
});

test('a page for those who are signed in sends everybody else to sign in, with the reason', accounts, async () => {
  await withPage({ as: null, path: '/audit?action=report.send', bare: true }, async (page) => {
    await page.waitForURL('**/sign-in?next=*');
    await page.waitForSelector('.d-note');
    assert.match(await page.textContent('.d-note'), /审计/);
    assert.equal(new URL(page.url()).searchParams.get('next'), '/audit?action=report.send');
  });
});

test('the own password is changed by its rules, and the new one is good from then on', accounts, async () => {
  const { name } = await newAccount('e2e-changes');
  await withPage({ as: null, path: '/sign-in?next=%2Faccount', bare: true }, async (page) => {
    await page.fill('#name', name);
    await page.fill('#password', ANOTHER);
    await page.click('form .d-primary');
    await page.waitForSelector('#current');
    await page.fill('#next', 'too short');
    assert.equal(await page.locator('.a-rules .broken').count(), 1);
    await page.fill('#current', ANOTHER);
    const next = 'seven chairs below the lamp';
    await page.fill('#next', next);
    await page.fill('#again', 'seven chairs');
    await page.click('form .d-primary');
    assert.match(await page.textContent('#again-error'), /不一致/);
    await page.fill('#again', next);
    await page.click('form .d-primary');
    await page.waitForSelector('.d-note.good');
    const again = await json(null, 'POST', '/api/session', { name, password: next });
    assert.equal(again.status, 200);
    await json('admin', 'PATCH', `/api/accounts/${name}`, { password: ANOTHER }, { 'if-match': (await send(`/api/accounts/${name}`, { as: 'admin' })).headers.get('etag') });
  });
});

test('whoever keeps accounts sees the tokens of others, and nobody else is asked', accounts, async () => {
  const made = await send('/api/tokens', { as: 'clerk', method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: '夜间同步', scopes: ['read'], days: 2 }) });
  assert.equal(made.status, 201);
  await withPage({ path: '/account', as: 'admin', bare: true }, async (page) => {
    await page.click('.d-tick:has-text("所有账号") input');
    await page.waitForFunction(() => document.querySelector('.k-page')?.textContent.includes('夜间同步'));
  });
  await withPage({ path: '/account', as: 'clerk', bare: true }, async (page) => {
    await page.waitForSelector('.d-tick');
    assert.doesNotMatch(await page.textContent('.k-page'), /所有账号/);
  });
});

test('a token shows its secret once, and is taken away', accounts, async () => {
  await withPage({ as: 'clerk', path: '/account', bare: true, permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await page.locator('.k-part-head .button').click();
    await page.click('.k-box .d-primary');
    assert.match(await page.textContent('#token-name-error'), /请填写/);
    await page.fill('#token-name', '浏览器测试');
    await page.fill('#token-days', '401');
    await page.click('.k-box .d-primary');
    assert.match(await page.textContent('#token-days-error'), /400/);
    await page.fill('#token-days', '30');
    await page.click('.k-box .d-primary');
    await page.waitForSelector('.a-secret');
    const secret = await page.inputValue('.a-secret');
    assert.match(secret, /^onemap_[\w-]{43}$/);
    await page.locator('.k-box .button').first().click();
    await page.waitForFunction(() => document.querySelector('.k-box [role="status"].d-quiet')?.textContent === '已复制');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await page.locator('.k-box .d-buttons.end .d-primary').click();
    await page.reload();
    const remove = page.locator('[aria-label="删除令牌：浏览器测试"]');
    await remove.first().waitFor();
    assert.ok(!(await page.content()).includes(secret));
    while (await remove.count()) {
      await remove.first().click();
      await page.click('.k-box .grave');
      await page.locator('.k-box').waitFor({ state: 'detached' });
    }
  });
});

test('an administrator adds an account, and is told when somebody else changes it at the same time', accounts, async () => {
  const name = `e2e-${Date.now().toString(36)}`;
  const street = (await ask('/api/collections/streets/items?limit=1000')).features[0].properties;
  await withPage({ as: 'admin', path: '/accounts', bare: true }, async (page, faults) => {
    await page.click('[data-action="add"]');
    await page.fill('#account-name', 'Not A Name');
    await page.fill('#account-display', '浏览器测试岗');
    await page.fill('#account-password', ANOTHER);
    await page.click('.k-box .d-primary');
    assert.notEqual(await page.textContent('#account-name-error'), '');
    await page.fill('#account-name', name);
    await page.click('.k-box .d-primary');
    assert.match(await page.textContent('.k-box .a-answer'), /至少要负责一个街乡/);
    await page.locator('.a-streets .d-tick', { hasText: street.name }).first().click();
    await page.click('.k-box .d-primary');
    await page.waitForSelector(`[data-account="${name}"]`);
    assert.ok((await page.locator('tr', { has: page.locator(`[data-account="${name}"]`) }).textContent()).includes(street.name));
    // Somebody else is faster.
    await page.click(`[data-account="${name}"]`);
    await page.waitForSelector('#account-display');
    const { headers } = await send(`/api/accounts/${name}`, { as: 'admin' });
    const other = await json('admin', 'PATCH', `/api/accounts/${name}`, { display_name: '别人改的名称' }, { 'if-match': headers.get('etag') });
    assert.equal(other.status, 200);
    await page.selectOption('#account-role', 'district');
    await page.click('.k-box .d-primary');
    await page.waitForSelector('.k-box .d-note.warn');
    assert.match(await page.textContent('.k-box .d-note.warn'), /浏览器测试岗 → 别人改的名称/);
    assert.equal(await page.inputValue('#account-role'), 'district', 'what was filled in is kept');
    await page.locator('.k-box .d-note .text-button').click();
    assert.equal(await page.inputValue('#account-display'), '别人改的名称');
    await page.locator('.k-box .d-tick', { hasText: '停用' }).click();
    await page.click('.k-box .d-primary');
    await toasted(page, '别人改的名称');
    const now = await (await send(`/api/accounts/${name}`, { as: 'admin' })).json();
    assert.deepEqual([now.display_name, now.disabled, now.role], ['别人改的名称', true, 'officer']);
    forgive(faults, '412');
  });
});

test('the log is sifted by its address, tells before and after, and leaves as a file', accounts, async () => {
  const { name } = await newAccount(`e2e-log-${Date.now().toString(36)}`);
  const { headers } = await send(`/api/accounts/${name}`, { as: 'admin' });
  await json('admin', 'PATCH', `/api/accounts/${name}`, { display_name: '审计页测试', disabled: true }, { 'if-match': headers.get('etag') });
  await withPage({ as: 'auditor', path: '/audit', bare: true, acceptDownloads: true }, async (page) => {
    await page.waitForSelector('.a-audit tbody tr');
    await page.selectOption('#audit-action', 'account.change');
    await page.waitForURL('**/audit?action=account.change');
    const row = page.locator('.a-audit tr', { hasText: name });
    await row.first().waitFor();
    assert.match(await row.first().locator('.a-diff').textContent(), new RegExp(`${name}.*审计页测试`, 's'));
    const actions = await page.locator('.a-audit td:nth-child(3)').allTextContents();
    assert.deepEqual([...new Set(actions)], ['修改账号']);
    await page.reload();
    await row.first().waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.k-tools .button').click()]);
    assert.match(file.suggestedFilename(), /\.csv$/);
    assert.ok((await readFile(await file.path(), 'utf8')).includes(name));
  });
});

test('a report is answered, the answer is public, and two who answer at once are told', accounts, async () => {
  const { number } = await newReport();
  await withPage({ as: 'clerk', path: '/reports?state=received', bare: true }, async (page, faults) => {
    const card = page.locator(`[data-report="${number}"]`);
    await card.waitFor();
    assert.match(await card.textContent(), /边界不对.*北侧以围墙为界/s);
    await card.locator('[data-action="answer"]').click();
    await page.click('.k-box .d-primary');
    assert.match(await page.textContent('.k-box .a-answer'), /请选一个处理结果/);
    const tag = (await send(`/api/reports/${number}`)).headers.get('etag');
    const other = await json('clerk', 'PATCH', `/api/reports/${number}`, { state: 'accepted', answer: '别人的答复' }, { 'if-match': tag });
    assert.equal(other.status, 200);
    await page.locator('.k-box .d-tick', { hasText: '已办结' }).click();
    await page.fill('#answer', '已按围墙更正');
    await page.click('.k-box .d-primary');
    await page.waitForSelector('.k-box .d-note.warn');
    assert.match(await page.textContent('.k-box .d-note.warn'), /别人的答复/);
    await page.click('.k-box .d-primary');
    await toasted(page, number);
    forgive(faults, '412');
  });
  await withPage({ as: null, path: `/r/${number}`, bare: true }, async (page) => {
    await page.waitForSelector('.a-steps');
    const text = await page.textContent('#page');
    assert.ok(text.includes(number) && text.includes('已办结') && text.includes('已按围墙更正'));
    assert.ok(!text.includes('北侧以围墙为界'), 'the text of a report is not public');
  });
});

test('a number that was never given out is told in plain words', accounts, async () => {
  await withPage({ as: null, path: '/r/R-2000-000001', bare: true }, async (page, faults) => {
    await page.waitForSelector('.d-empty h1');
    await page.fill('#number', 'r-1');
    await page.click('.a-other .d-primary');
    assert.match(await page.textContent('#number-error'), /R-2026-000123/);
    forgive(faults, '404');
  });
});

test('signing out from the menu ends the session', accounts, async () => {
  const { name } = await newAccount('e2e-leaves');
  await withPage({ as: null, path: '/sign-in?next=%2Faccount', bare: true }, async (page) => {
    await page.fill('#name', name);
    await page.fill('#password', ANOTHER);
    await page.click('form .d-primary');
    await page.waitForSelector('[data-action="account-menu"]');
    await page.click('[data-action="account-menu"]');
    await page.click('.account-menu [data-action="sign-out"]');
    await page.waitForSelector('#top [data-action="sign-in"]');
    assert.equal((await page.evaluate(() => fetch('/api/session').then((answer) => answer.json()))).role, 'public');
  });
});

/** One report is enough to look at: the public may not send many at a time. */
let looked = null;

for (const mode of ['light', 'dark']) {
  for (const phone of [false, true]) {
    test(`no accessibility fault on these pages, ${mode}, ${phone ? 'phone' : 'desk'}`, accounts, async () => {
      looked ??= await newReport();
      const { number } = looked;
      const seen = [[null, '/sign-in?next=%2Fdue', '#name'], ['clerk', '/account', '.k-part-head .button'], ['admin', '/accounts', '.k-table'], ['auditor', '/audit', '.k-table'], ['clerk', '/reports', '.a-report'], [null, `/r/${number}`, '.a-steps']];
      for (const [as, path, there] of seen) {
        await withPage({ as, path, phone, bare: true, bypassCSP: true, colorScheme: mode }, async (page) => {
          await page.waitForSelector(there);
          await page.addScriptTag({ path: axe });
          const faults = await page.evaluate(async () => {
            const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] });
            return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
          });
          assert.deepEqual(faults, [], path);
          assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= window.innerWidth), `${path} scrolls sideways`);
        });
      }
    });
  }
}
