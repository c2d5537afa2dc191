// What somebody says is wrong on the map, where it lies, and who changed an area. With a register these tests need the
// accounts that `support.mjs` names.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { close, forgive, opened, openWith, screenPoint, send, settle, someArea, withPage } from './support.mjs';

const accounts = { skip: process.env.ONEMAP_URL && !process.env.ONEMAP_E2E_PASSWORD ? 'needs a register with accounts' : false };
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

before(() => openWith({ sessions: true }));
after(close);

const told = (page) => page.textContent('.report-told');
const report = async (number) => (await send(`/api/reports/${number}`)).json();
const number = (page) => page.textContent('.report-number b');

test('anybody says that a boundary is wrong with a pin, and gets a number', accounts, async () => {
  const area = await someArea();
  await withPage({ as: null, path: `/a/${encodeURIComponent(area.code)}` }, async (page) => {
    await opened(page, area.name);
    await settle(page);
    await page.click('#card [data-action="report"]');
    await opened(page, '边界有误');
    await page.click('[data-action="send-report"]');
    assert.match(await page.textContent('.report-trouble'), /先在地图上点一下/);
    const { x, y } = await screenPoint(page, area.label);
    await page.mouse.click(x, y);
    assert.match(await told(page), /已标/);
    assert.equal(await page.locator('.leaflet-marker-pane .pin').count(), 1);
    assert.ok(await page.isHidden('.hover-tag'), 'nothing lies over what is pointed at');
    await page.fill('#report-text', '北侧以围墙为界');
    assert.equal(await page.textContent('.report-under .num'), '7 / 200');
    await page.click('[data-action="send-report"]');
    await page.waitForSelector('.report-number');
    const sent = await report(await number(page));
    assert.equal(sent.area, area.code);
    assert.equal(sent.reason, 'boundary_wrong');
    assert.equal(sent.text, '北侧以围墙为界');
    assert.ok(Math.abs(sent.place.coordinates[0] - area.label[0]) < 1e-3 && Math.abs(sent.place.coordinates[1] - area.label[1]) < 1e-3);
    assert.equal(await page.locator('.leaflet-marker-pane .pin').count(), 0);
    await page.click('.card-close');
    await opened(page, area.name);
  });
});

test('a line is drawn point by point, taken back, and sent', accounts, async () => {
  const area = await someArea();
  await withPage({ as: null, path: `/#16/${area.label[1]}/${area.label[0]}` }, async (page) => {
    await page.click('#panel [data-action="report"]');
    await page.click('[data-kind="line"]');
    const { x, y } = await screenPoint(page, area.label);
    for (const by of [0, 60, 120]) await page.mouse.click(x + by, y - by / 2);
    assert.match(await told(page), /3 点/);
    await page.locator('#card .actions button', { hasText: '撤回一点' }).click();
    assert.match(await told(page), /2 点/);
    await page.check('[value="duplicate"]', { force: true });
    await page.click('[data-action="send-report"]');
    await page.waitForSelector('.report-number');
    const sent = await report(await number(page));
    assert.equal(sent.place.type, 'LineString');
    assert.equal(sent.place.coordinates.length, 2);
    assert.equal(sent.reason, 'duplicate');
  });
});

test('what tells of a person is not sent, and what was filled in stays when sending fails', accounts, async () => {
  const area = await someArea();
  await withPage({ as: null, path: `/#16/${area.label[1]}/${area.label[0]}` }, async (page, faults) => {
    let asked = 0;
    await page.route('**/api/reports', (route) => (asked++ === 0 ? route.fulfill({ status: 429, headers: { 'retry-after': '17' }, contentType: 'application/problem+json', body: '{"type":"urn:onemap:problem:too-many","status":429}' }) : route.continue()));
    await page.click('#panel [data-action="report"]');
    const { x, y } = await screenPoint(page, area.label);
    await page.mouse.click(x, y);
    await page.fill('#report-text', '请联系 138 0000 1111');
    await page.click('[data-action="send-report"]');
    assert.match(await page.textContent('.report-trouble'), /电话、证件号或邮箱/);
    assert.equal(asked, 0);
    await page.fill('#report-text', '围墙为界');
    await page.click('[data-action="send-report"]');
    await page.waitForFunction(() => /17 秒/.test(document.querySelector('.report-trouble')?.textContent ?? ''));
    assert.equal(await page.inputValue('#report-text'), '围墙为界');
    // The language may change in the middle of it.
    await page.click('#top [data-action="lang"]');
    await opened(page, 'This boundary is wrong');
    assert.equal(await page.inputValue('#report-text'), '围墙为界');
    await page.click('[data-action="send-report"]');
    await page.waitForSelector('.report-number');
    forgive(faults, '429');
  });
});

test('whoever goes on to something else has given the report up', accounts, async () => {
  const area = await someArea();
  await withPage({ as: null, path: `/#16/${area.label[1]}/${area.label[0]}` }, async (page) => {
    await page.click('#panel [data-action="report"]');
    const { x, y } = await screenPoint(page, area.label);
    await page.mouse.click(x, y);
    assert.equal(await page.locator('.leaflet-marker-pane .pin').count(), 1);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('#card').hidden);
    assert.equal(await page.locator('.leaflet-marker-pane .pin').count(), 0);
    await page.mouse.click(x, y);
    await opened(page, area.name);
  });
});

test('whoever answers reports sees one on the map, the public its outcome', accounts, async () => {
  const area = await someArea();
  const [lng, lat] = area.label;
  const body = { place: { type: 'LineString', coordinates: [[lng, lat], [lng + 0.001, lat]] }, area: area.code, reason: 'name_wrong', text: '门牌已改名' };
  const { number: sent } = await (await send('/api/reports', { as: null, method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
  await withPage({ as: 'clerk', path: `/?report=${sent}` }, async (page) => {
    await opened(page, '名称不对');
    assert.match(await page.textContent('#card'), /门牌已改名/);
    assert.equal(await page.locator('.leaflet-overlay-pane path').count(), 4);
    await page.locator('#card .link', { hasText: area.name }).click();
    await opened(page, area.name);
    assert.equal(await page.locator('.leaflet-overlay-pane path').count(), 0);
  });
  await withPage({ as: null, path: `/?report=${sent}` }, async (page) => {
    await opened(page, `反映 ${sent}`);
    assert.ok(!(await page.textContent('#card')).includes('门牌已改名'));
    assert.equal(await page.locator('.leaflet-overlay-pane path').count(), 0);
  });
});

test('who changed an area is told to those who may know, and to nobody else', accounts, async () => {
  const area = await someArea();
  await withPage({ as: null, path: `/a/${encodeURIComponent(area.code)}` }, async (page) => {
    await opened(page, area.name);
    await page.waitForSelector('#card [data-action="report"]');
    assert.equal(await page.locator('.who-changed').count(), 0);
  });
  await withPage({ as: 'clerk', path: `/a/${encodeURIComponent(area.code)}` }, async (page) => {
    await opened(page, area.name);
    const { entries } = await (await send(`/api/areas/${encodeURIComponent(area.code)}/audit`)).json();
    await page.click('.who-changed summary');
    await page.waitForSelector('.who-list :is(.timeline, .explanation)');
    assert.equal(await page.locator('.who-list .step').count(), entries.length);
    if (entries.length > 0) assert.ok((await page.textContent('.who-list')).includes(entries[0].who));
  });
});

for (const phone of [false, true]) {
  test(`the report has no accessibility fault, ${phone ? 'phone' : 'desk'}`, accounts, async () => {
    const area = await someArea();
    await withPage({ as: null, phone, path: `/a/${encodeURIComponent(area.code)}`, bypassCSP: true }, async (page) => {
      await opened(page, area.name);
      const open = page.locator('#card [data-action="report"]');
      await open.waitFor({ state: 'attached' });
      await open.evaluate((button) => button.click());
      await opened(page, '边界有误');
      await page.addScriptTag({ path: axe });
      const faults = await page.evaluate(async () => {
        const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
      });
      assert.deepEqual(faults, []);
      const small = await page.locator('#card :is(button, textarea, .report-reason)').evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).filter(({ height }) => height > 0 && height < 44).length);
      if (phone) assert.equal(small, 0, 'everything is big enough for a thumb');
    });
  });
}
