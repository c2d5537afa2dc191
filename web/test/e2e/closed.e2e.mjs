// A map that is closed to the public, and the district's own sign-in. Both are settings of a server, so that only the
// stand-in is tried here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, credentials, forgive, openWith, settle, withPage } from './support.mjs';

const standIn = { skip: process.env.ONEMAP_URL ? 'is a setting of the server' : false };

before(() => openWith({ sessions: true, map: 'closed', sso: '统一认证(演示)' }));
after(close);

test('the page says why the map is closed, and opens it to whoever signs in', standIn, async () => {
  const { name, password } = credentials('district');
  await withPage({ as: null, path: '/?show=unknown', bare: true }, async (page, faults) => {
    await page.waitForURL('**/sign-in?next=*');
    await page.waitForSelector('.a-closed');
    assert.match(await page.textContent('.a-closed'), /审图号/);
    assert.ok(await page.isHidden('#nav'), 'no page would open');
    assert.ok(await page.isHidden('#label'), 'nothing of the map is shown that must be labelled');
    assert.ok(!(await page.textContent('#page')).includes('去看地图'));
    await page.click('#top [data-action="lang"]');
    assert.match(await page.textContent('.a-closed'), /approval number/);
    await page.fill('#name', name);
    await page.fill('#password', password);
    await page.click('form .d-primary');
    await settle(page);
    assert.equal(new URL(page.url()).search, '?show=unknown');
    forgive(faults, '401');
  });
});

test('every page of lists leads to sign in while the map is closed', standIn, async () => {
  for (const path of ['/ledger', '/due', '/deliveries', '/account']) {
    await withPage({ as: null, path, bare: true }, async (page, faults) => {
      await page.waitForURL(`**/sign-in?next=${encodeURIComponent(path)}`);
      await page.waitForSelector('.a-closed');
      forgive(faults, '401');
    });
  }
});

test('what became of a report is told also while the map is closed', standIn, async () => {
  await withPage({ as: null, path: '/r/R-2026-000003', bare: true }, async (page) => {
    await page.waitForSelector('.a-steps');
    assert.match(await page.textContent('#page'), /已办结/);
  });
});

test("the district's own sign-in is offered, and is told where to lead back to", standIn, async () => {
  await withPage({ as: null, path: '/sign-in?next=%2Fdue%3Fstate%3Doverdue', bare: true }, async (page) => {
    const link = page.locator('[data-action="sso"]');
    assert.match(await link.textContent(), /用统一认证/);
    const url = new URL(await link.getAttribute('href'), page.url());
    assert.equal(url.pathname, '/api/session/sso');
    assert.equal(url.searchParams.get('next'), '/due?state=overdue');
  });
  await withPage({ as: null, path: '/sign-in?sso=no_role&next=%2Fdue', bare: true }, async (page) => {
    assert.match(await page.textContent('.a-box'), /没有给您本图的角色/, 'it is told in words why nobody was let in');
  });
});
