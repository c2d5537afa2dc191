// Officers: one of several streets at the page of managers, managers found by search, and who is offered to make exceptions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, close, open, opened, send, withPage } from './support.mjs';

const real = { skip: process.env.ONEMAP_E2E_PASSWORD ? false : 'needs a register with accounts' };

before(open);
after(close);

const words = (page) => page.evaluate(() => document.body.innerText);
const MEANINGLESS = /undefined|\bnull\b|NaN|\{\w+\}/;

/** Managers with areas in a street, as the register tells them. */
const managersOf = async (street, as) => (await ask(`/api/collections/managers/items?limit=1000${street ? `&street=${street}` : ''}`, as)).features.map(({ properties }) => properties);

for (const phone of [false, true]) {
  test(`an officer of two streets sees the managers and the gaps of each, ${phone ? 'on a phone' : 'at the desk'}`, real, async () => {
    const { streets } = await ask('/api/session', 'officer-two');
    assert.equal(streets.length, 2);
    await withPage({ as: 'officer-two', path: '/managers', bare: true, phone }, async (page) => {
      for (const street of streets) {
        const select = page.locator('.k-tools select');
        await select.waitFor();
        assert.deepEqual(await select.locator('option').evaluateAll((options) => options.map(({ value }) => value)), streets);
        if ((await select.inputValue()) !== street) await select.selectOption(street);
        assert.equal(new URL(page.url()).searchParams.get('street'), street);
        const [told, gaps] = [await managersOf(street, 'officer-two'), await ask(`/api/managers/gaps?street=${street}`, 'officer-two')];
        await page.waitForFunction((n) => document.querySelector('.k-part-head h2')?.textContent.includes(`${n} 家`), told.length);
        await page.waitForSelector('[data-gap="contracted"]');
        const links = await page.locator('.k-part-head + div tbody a').evaluateAll((all) => all.map(({ pathname }) => pathname));
        assert.ok(links.length > 0 && links.every((path) => told.some(({ uscc }) => path === `/managers/${uscc}`)));
        assert.equal(await page.locator('[data-gap="contracted"] tbody tr').count(), gaps.contracted_without_company.length);
        const [{ name, uscc }] = told;
        await page.fill('.l-search input', uscc);
        assert.deepEqual(await page.locator('.k-part-head + div tbody a').allTextContents(), [name]);
        await page.fill('.l-search input', '');
        assert.doesNotMatch(await words(page), MEANINGLESS);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
      }
    });
  });
}

test('the page of a manager tells an officer more of the own streets, and that it does', real, async () => {
  const { streets } = await ask('/api/session', 'officer');
  const wide = (await managersOf(streets[0], 'officer')).sort((a, b) => b.areas - a.areas)[0];
  const { features } = await ask(`/api/collections/areas/items?limit=1000&manager=${wide.uscc}`, 'officer');
  const own = features.filter(({ properties }) => streets.includes(properties.street));
  assert.ok(own.length > 0 && own.length < features.length, 'it manages elsewhere, too');
  await withPage({ as: 'officer', path: `/managers/${wide.uscc}`, bare: true }, async (page) => {
    const note = page.locator('[data-part="own"]');
    await note.waitFor();
    assert.match(await note.textContent(), new RegExp(`本街乡的 ${own.length} 个区域`));
    assert.equal(await page.locator('.k-table tbody tr').count(), features.length);
    const households = own.reduce((sum, { properties }) => sum + (properties.households ?? 0), 0);
    assert.ok((await words(page)).includes(households.toLocaleString('en-US')));
    assert.equal(await page.locator('.k-table tbody tr').first().locator('td').first().textContent(), own[0].properties.street_name);
    assert.doesNotMatch(await words(page), MEANINGLESS);
  });
});

test('an officer finds the managers of the own street by search, and no others', real, async () => {
  const { streets } = await ask('/api/session', 'officer');
  const [mine, all] = [await managersOf(streets[0], 'officer'), await managersOf(null, 'clerk')];
  const others = all.filter(({ uscc }) => !mine.some((one) => one.uscc === uscc));
  await withPage({ as: 'officer' }, async (page) => {
    await page.fill('#search', mine[0].name);
    const hit = page.locator('[role="option"]', { hasText: mine[0].name }).first();
    await hit.waitFor();
    await hit.click();
    await page.waitForFunction((text) => document.querySelector('#card:not([hidden]) h2')?.textContent === text, mine[0].name);
    assert.equal(new URL(page.url()).searchParams.get('manager'), mine[0].uscc);
  });
  const { results } = await ask(`/api/search?limit=50&q=${encodeURIComponent(others[0].name)}`, 'officer');
  assert.ok(results.every(({ kind, code }) => kind !== 'manager' || mine.some(({ uscc }) => uscc === code)));
});

test('an exception is offered to those who may make one, and to nobody else', real, async () => {
  for (const as of ['clerk', 'district', 'officer', 'auditor', 'admin']) {
    const { actions } = await ask('/api/session', as);
    const may = actions.includes('grant_exception');
    assert.equal(may, as === 'clerk' || as === 'district', as);
    await withPage({ as, path: '/completeness', bare: true }, async (page) => {
      await page.waitForSelector('.k-verdict');
      // The demonstration has nothing that is on one side only, so the answer is given an area that is.
      await page.route('**/api/completeness*', async (route) => {
        const body = await (await route.fetch()).json();
        const area = { code: 'DEMO-JS-0001', name: '某区', street: '110105017', street_name: '劲松街道', management: 'unknown', committee: 'unknown', style: 'unknown' };
        const open = { ...area, missing: ['management'], subject: area.code, fingerprint: 'f', excused: null };
        await route.fulfill({ json: { ...body, complete: false, listed: { ...body.listed, map_only: 1 }, map_only: [open] } });
      });
      await page.reload();
      await page.waitForSelector('[data-list="map_only"] tbody tr');
      assert.equal(await page.locator('[data-action="except"]').count(), may ? 1 : 0, as);
    });
  }
});

test('where a rate is held back, so are its lists', real, async () => {
  const { streets } = await ask('/api/rates/ranking?rate=committee_coverage', null);
  const held = streets.find(({ percent }) => percent === null);
  const told = streets.find(({ percent }) => percent !== null);
  for (const [{ street }, offered] of [[held, 0], [told, 1]]) {
    await withPage({ as: null, path: `/rates?street=${street}`, bare: true }, async (page) => {
      const card = page.locator('[data-rate="committee_coverage"]');
      await card.waitFor();
      assert.equal(await card.locator('[data-part="missing"]').count(), offered);
      assert.equal(await card.locator('.k-big button').count(), 1 + offered);
      assert.doesNotMatch(await words(page), MEANINGLESS);
    });
  }
});

test('the card of the own street tells what the public reported there, and leads to it', real, async () => {
  const { streets } = await ask('/api/session', 'officer');
  const { features } = await ask(`/api/collections/areas/items?limit=1&street=${streets[0]}`);
  const body = { place: { type: 'Point', coordinates: features[0].properties.label }, area: features[0].properties.code, reason: 'boundary_wrong', text: '界线画到路上了' };
  const sent = await send('/api/reports', { as: null, method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal(sent.status, 201);
  const { number } = await sent.json();
  const { street, reports } = await ask(`/api/streets/${streets[0]}/summary`, 'officer');
  assert.ok(reports.received > 0);
  await withPage({ as: 'officer', path: `/s/${streets[0]}` }, async (page) => {
    await opened(page, street.name);
    const link = page.locator('#card [data-link="reports"]');
    assert.ok((await link.textContent()).includes(String(reports.received + reports.accepted)));
    await Promise.all([page.waitForURL(`**/reports?street=${streets[0]}`), link.click()]);
    await page.getByText(number).first().waitFor();
  });
  await withPage({ as: 'auditor', path: `/s/${streets[0]}` }, async (page) => {
    await opened(page, street.name);
    assert.equal(await page.locator('#card [data-link="reports"]').count(), 0);
  });
});

test('the ledger counts no group for the public, and each for an office', real, async () => {
  const path = '/ledger?street=110105017&show=quasi-owners';
  for (const [as, told] of [[null, /筛选出的区域（共 1,637 个）/], ['officer', /^\d 个区域（共 1,637 个）/]]) {
    await withPage({ as, path, bare: true }, async (page) => {
      await page.waitForFunction(() => /1,637/.test(document.querySelector('.l-foot b')?.textContent ?? ''));
      assert.match(await page.textContent('.l-foot b'), told);
      await page.locator('.l-grid [aria-haspopup]').nth(2).click();
      await page.waitForSelector('.k-ticks label');
      assert.equal((await page.locator('.k-ticks small').count()) > 0, as !== null);
    });
  }
  await withPage({ as: null, path: '/ledger?street=110105017', bare: true }, async (page) => {
    await page.waitForFunction(() => /^45 个区域/.test(document.querySelector('.l-foot b')?.textContent ?? ''));
  });
});
