// Who is signed in, and what each page offers him. With a register these tests need the accounts that `support.mjs` names.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, close, forgive, labelOf, openWith, withPage } from './support.mjs';

const accounts = { skip: process.env.ONEMAP_URL && !process.env.ONEMAP_E2E_PASSWORD ? 'needs a register with accounts' : false };

before(() => openWith({ sessions: true }));
after(close);

const pages = (page) => page.locator('#nav a').evaluateAll((links) => links.map(({ pathname }) => pathname));

test('the public is offered to sign in, and no page that it may not open', accounts, async () => {
  await withPage({ as: null, path: '/a/x#15/39.9/116.42', bare: true }, async (page, faults) => {
    await page.waitForSelector('#top [data-action="sign-in"]');
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => document.querySelector('#top [data-action="sign-in"]').addEventListener('click', (event) => event.preventDefault()));
    await page.click('#top [data-action="sign-in"]');
    const link = new URL(await page.getAttribute('#top [data-action="sign-in"]', 'href'), page.url());
    assert.equal(link.pathname, '/sign-in');
    assert.match(link.searchParams.get('next'), /^\/a\/x#15\//);
    assert.deepEqual(await page.locator('#panel [data-page]').evaluateAll((links) => links.map((one) => one.dataset.page)), ['ledger', 'rates']);
    assert.equal(await page.locator('.deliveries-link').count(), 0);
    // There is no such area.
    forgive(faults, '404');
  });
  await withPage({ as: null, path: '/ledger', bare: true }, async (page, faults) => {
    await page.waitForSelector('#label b');
    assert.deepEqual(await pages(page), ['/', '/ledger', '/rates']);
    forgive(faults, '404');
  });
});

test('signing in is asked for in the language of the page that is gone for', accounts, async () => {
  await withPage({ as: null, path: '/due?lang=en', bare: true }, async (page, faults) => {
    await page.waitForURL(/\/sign-in/);
    assert.equal(await page.textContent('#sign-in-title'), 'Sign in');
    forgive(faults, '40');
  });
});

test('whoever is signed in is named with his role, and leaves by the menu', accounts, async () => {
  const session = await ask('/api/session', 'district');
  await withPage({ as: 'district' }, async (page) => {
    await page.click('[data-action="account-menu"]');
    const menu = page.locator('.account-menu');
    assert.ok((await menu.textContent()).includes(session.display_name ?? session.name));
    assert.ok((await menu.textContent()).includes('区级人员'));
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'hidden' });
    await page.click('[data-action="account-menu"]');
    await page.mouse.click(700, 500);
    await menu.waitFor({ state: 'hidden' });
  });
});

test('the pages of each role are those that its session allows', accounts, async () => {
  const needs = { '/due': 'read_desk', '/completeness': 'read_desk', '/managers': 'read_desk', '/deliveries': 'deliver', '/reports': 'answer_report', '/audit': 'read_audit', '/accounts': 'manage_accounts' };
  for (const as of ['officer', 'clerk', 'auditor', 'admin']) {
    const { actions } = await ask('/api/session', as);
    await withPage({ as, path: '/ledger', bare: true }, async (page, faults) => {
      await page.waitForSelector('#label b');
      const expected = ['/', '/ledger', '/rates', ...Object.keys(needs).filter((path) => actions.includes(needs[path]))];
      assert.deepEqual(await pages(page), expected, as);
      forgive(faults, '404');
    });
  }
});

test('a page that a role may not open says who may', accounts, async () => {
  await withPage({ as: 'auditor', path: '/deliveries', bare: true }, async (page, faults) => {
    await page.waitForSelector('.d-empty a[href="/"]');
    assert.match(await page.textContent('.d-empty'), /审计员.*数据员/);
    forgive(faults, '404');
  });
});

test('every page carries the label of the map, its date and its source', accounts, async () => {
  const register = await ask('/api/register');
  for (const path of ['/ledger', '/deliveries']) {
    await withPage({ path, bare: true }, async (page, faults) => {
      await page.waitForSelector('#label b');
      const text = await page.textContent('#label');
      for (const part of [labelOf(register), register.data_date, register.district.attribution]) assert.ok(text.includes(part), part);
      forgive(faults, '404');
    });
  }
});

test('whoever was signed in too long is told, and led back to where he was', accounts, async () => {
  await withPage({ as: 'clerk', path: '/due', bare: true }, async (page, faults) => {
    await page.waitForSelector('#label b');
    await page.route('**/api/**', (route) => (/\/api\/(register|session)$/.test(route.request().url()) ? route.continue() : route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"type":"urn:onemap:problem:sign-in-needed","title":"sign in","status":401}' })));
    await page.reload();
    const link = page.locator('.d-empty a[href^="/sign-in"]').first();
    await link.waitFor();
    assert.equal(new URL(await link.getAttribute('href'), page.url()).search, '?next=%2Fdue&why=ended');
    await page.goto(new URL('/sign-in?next=%2Fdue&why=ended', page.url()).href);
    await page.waitForSelector('.a-box');
    forgive(faults, '401');
    forgive(faults, '404');
  });
});

test('an officer begins with the own street, and has no whole district to choose', accounts, async () => {
  const { streets } = await ask('/api/session', 'officer');
  await withPage({ as: 'officer', path: '/due', bare: true }, async (page, faults) => {
    await page.waitForSelector('.k-tools select');
    assert.equal(new URL(page.url()).searchParams.get('street'), streets[0]);
    assert.deepEqual(await page.locator('.k-tools select option').evaluateAll((options) => options.map(({ value }) => value)), streets);
    forgive(faults, '404');
  });
});

test('on a phone the panel says who is signed in, and leads to the account', accounts, async () => {
  await withPage({ as: 'district', phone: true }, async (page) => {
    await page.click('.legend-chip');
    const row = page.locator('.panel-account [data-action="account"]');
    await row.scrollIntoViewIfNeeded();
    assert.equal(await row.getAttribute('href'), '/account');
    assert.ok(await page.isVisible('.panel-account .who'));
  });
});

test('paper is white, and carries the label of the map', accounts, async () => {
  const register = await ask('/api/register');
  for (const path of ['/', '/account']) {
    await withPage({ as: 'clerk', path, bare: true, colorScheme: 'dark' }, async (page) => {
      await page.waitForSelector(path === '/' ? '.foot-line' : '#label b');
      await page.waitForLoadState('networkidle');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await page.evaluate(() => window.dispatchEvent(new window.Event('beforeprint')));
      assert.equal(await page.getAttribute('html', 'data-mode'), 'light');
      const label = page.locator(path === '/' ? '.foot-line' : '#label');
      assert.ok(await label.isVisible());
      assert.ok((await label.innerText()).includes(labelOf(register)));
      assert.ok(await page.isHidden('#top'));
      await page.evaluate(() => window.dispatchEvent(new window.Event('afterprint')));
      assert.equal(await page.getAttribute('html', 'data-mode'), 'dark');
    });
  }
});
