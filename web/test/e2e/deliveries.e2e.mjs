import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ask, close, forgive, open, opened, send, sessions, withPage } from './support.mjs';

/** A name that nobody delivers under, so that remembered columns of a real sender stay as they are. */
const SENDER = '浏览器测试';
const RECORD = { document: '测试〔2026〕1号', authority: '测试机关', author: '测试员' };
let areas;

before(async () => {
  await open();
  areas = await someAreas();
});
after(close);

/** Five areas of one street, each of one ring of four corners or more. */
async function someAreas() {
  const { features } = await ask('/api/collections/areas/items?limit=1000');
  const usable = features.filter(({ geometry }) => ringsOf(geometry).length === 1 && ringsOf(geometry)[0].length > 4);
  for (const { properties } of usable) {
    const found = usable.filter((other) => other.properties.street === properties.street);
    if (found.length >= 5) return found.slice(0, 5);
  }
  throw new Error('no street has five areas');
}

const ringsOf = ({ type, coordinates }) => (type === 'Polygon' ? coordinates : coordinates.flat());
const polygon = (ring) => ({ type: 'Polygon', coordinates: [ring] });
/** Half of the corners in the wrong order: the outline crosses itself. */
function broken(ring) {
  const corners = ring.slice(0, -1);
  const [from, until] = [Math.floor(corners.length / 4), Math.floor((corners.length * 3) / 4)];
  const turned = [...corners.slice(0, from), ...corners.slice(from, until).reverse(), ...corners.slice(until)];
  return [...turned, turned[0]];
}
const shifted = (ring, [dx, dy]) => ring.map(([x, y]) => [x + dx, y + dy]);

/** A file of the areas; the heads of its columns say nothing to anybody. */
function file(name, edit) {
  const features = areas.map(({ geometry, properties }, index) => {
    const own = { A1: properties.code, A2: properties.name, A3: properties.street_name, LS: `${name} ${Date.now()}` };
    return { type: 'Feature', geometry: polygon(ringsOf(geometry)[0]), properties: own, ...edit({ index, own, ring: ringsOf(geometry)[0] }) };
  });
  return { name: `${name}.geojson`, mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify({ type: 'FeatureCollection', features })) };
}

/** One outline broken, one moved by some fifty metres, one renamed. */
const faulty = () =>
  file('faulty', ({ index, own, ring }) => {
    if (index === 0) return { geometry: polygon(broken(ring)) };
    if (index === 1) return { geometry: polygon(shifted(ring, [0.0004, 0.0003])) };
    return index === 2 ? { properties: { ...own, A2: `${own.A2}新` } } : {};
  });
const renaming = () => file('renaming', ({ index, own }) => (index === 2 ? { properties: { ...own, A2: `${own.A2}改` } } : {}));

async function handIn(page, delivered) {
  await page.setInputFiles('#files', delivered);
  await page.fill('#sender', SENDER);
  await page.click('.d-intake .d-primary');
  await page.waitForURL(/\/deliveries\/\d+$/);
  await page.waitForSelector('.d-columns');
}

async function mapColumns(page) {
  for (const [column, field] of [['A1', 'code'], ['A2', 'name'], ['A3', 'street'], ['LS', '']]) {
    await page.selectOption(`tr[data-column="${column}"] select`, field);
  }
}

async function check(page) {
  await page.click('.d-check .d-primary');
  await page.waitForSelector('.d-figures');
  await page.waitForFunction(() => document.querySelector('.d-check .d-primary')?.disabled === false);
}

async function fillRecord(page, prefix) {
  for (const [name, value] of Object.entries(RECORD)) await page.fill(`#${prefix}-${name}`, value);
}

const figure = async (page, tile) => Number((await page.textContent(`.d-tile${tile} b`)).replaceAll(',', ''));
const nameOf = async (code) => (await ask(`/api/collections/areas/items/${encodeURIComponent(code)}`)).properties.name;
const at = (path) => ({ path, bare: true });

test('a delivery is handed in, understood, checked, published and taken back', async () => {
  const renamed = areas[2].properties;
  const delivered = renaming();
  await withPage(at('/deliveries'), async (page) => {
    await handIn(page, delivered);
    await mapColumns(page);
    await check(page);
    assert.equal(await figure(page, '[data-kind="must_fix"]'), 0);
    assert.equal(await figure(page, '[data-change="changed"]'), 1);
    assert.equal(await figure(page, '[data-change="unchanged"]'), 4);
    assert.equal(await figure(page, '[data-change="vanished"]'), 0);
    // Without a paper nothing is published: the first empty field has the keyboard.
    await page.click('.d-publish .d-primary');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'publish-document');
    assert.equal(await nameOf(renamed.code), renamed.name);
    await fillRecord(page, 'publish');
    await page.click('.d-publish .d-primary');
    await page.waitForSelector('.d-done h3');
    const [, record] = /(\d+)/.exec(await page.textContent('.d-done h3'));
    assert.equal(await nameOf(renamed.code), `${renamed.name}改`);
    assert.equal(await page.getAttribute('.d-done a.button', 'href'), `/?changes=${Number(record) - 1}`);
    await page.click('.d-done button');
    await fillRecord(page, 'undo');
    await page.click('.d-dialog .d-primary');
    await page.waitForSelector('.d-done.undone');
    assert.equal(await nameOf(renamed.code), renamed.name);
    await page.reload();
    await page.waitForSelector('.d-done.undone');
    assert.equal(await page.isVisible('.d-check'), false);
    // The same bytes once more.
    await page.click('.d-back');
    await page.setInputFiles('#files', delivered);
    await page.click('.d-intake .d-primary');
    await page.waitForSelector('.d-same a');
    await page.click('.d-same a');
    await page.waitForSelector('.d-done.undone');
  });
});

test('table and map lead to each other, and what must be fixed keeps it from being published', async () => {
  const [first] = areas;
  await withPage(at('/deliveries'), async (page) => {
    await handIn(page, faulty());
    await mapColumns(page);
    await check(page);
    const blocking = await figure(page, '[data-kind="must_fix"]');
    assert.ok(blocking >= 1);
    assert.equal(await page.isDisabled('.d-publish .d-primary'), true);
    await page.click('.d-obstacles .text-button');
    assert.equal(await page.getAttribute('[data-kind="must_fix"]', 'aria-pressed'), 'true');
    assert.equal(await page.locator('.d-rows .d-row').count(), blocking);
    // From the table to the map.
    const row = page.locator('.d-rows .d-row', { hasText: first.properties.name }).first();
    await row.click();
    assert.equal(await row.getAttribute('aria-selected'), 'true');
    assert.match(await page.textContent('.d-detail'), /怎么改/);
    await page.waitForTimeout(400);
    // And from the map to the table.
    await page.click('.d-detail [aria-label="关闭"]');
    assert.equal(await page.locator('.d-row[aria-selected="true"]').count(), 0);
    await clickOutline(page);
    await page.waitForSelector('.d-row[aria-selected="true"]');
    assert.match(await page.textContent('.d-detail'), new RegExp(first.properties.name.slice(0, 3)));
    // An exception asks for its reasons.
    await page.locator('.d-detail .d-buttons .button').click();
    await page.click('.d-dialog .d-primary');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'except-reason');
    await page.keyboard.press('Escape');
    // A dialog tells that it closed in a task of its own, and leaves the page then.
    await page.waitForSelector('.d-dialog', { state: 'detached' });
    const text = await page.textContent('#page');
    assert.ok(!/undefined|null|NaN/.test(text), text);
  });
});

/** Clicks around the middle of the map until an outline answers. */
async function clickOutline(page) {
  const box = await page.locator('#map').boundingBox();
  for (const [dx, dy] of [[0.08, 0], [-0.08, 0], [0, 0.1], [0, -0.1], [0.05, 0.1], [-0.05, -0.1], [0.05, -0.1], [-0.05, 0.1]]) {
    await page.mouse.click(box.x + box.width * (0.5 + dx), box.y + box.height * (0.5 + dy));
    if (await page.locator('.d-detail:not(.empty)').count()) return;
  }
  throw new Error('no outline stands in the middle of the map');
}

/** A page of a checked delivery, without handing anything in twice. */
async function checked() {
  const form = new FormData();
  const { name, buffer } = faulty();
  form.append('sender', SENDER);
  form.append('file', new Blob([buffer]), name);
  const post = async (path, body, headers = {}) => (await send(path, { method: 'POST', body, headers })).json();
  const { id } = await post('/api/deliveries', form);
  const layer = (await ask(`/api/deliveries/${id}`)).layers[0].name;
  await post(`/api/deliveries/${id}/check`, JSON.stringify({ columns: { [layer]: { A1: 'code', A2: 'name', A3: 'street', LS: null } }, scope: 'listed', effective: '2023-06-01', remember: false }), { 'content-type': 'application/json' });
  return id;
}

test('an exception silences a finding until it is withdrawn', async () => {
  const id = await checked();
  await withPage(at(`/deliveries/${id}`), async (page) => {
    await page.waitForSelector('.d-rows .d-row.must_fix');
    const blocking = await figure(page, '[data-kind="must_fix"]');
    await page.locator('.d-rows .d-row.must_fix').first().click();
    await page.locator('.d-detail .d-buttons .button').click();
    await page.fill('#except-reason', '上下两层');
    await page.fill('#except-owner', '测试员');
    await page.click('.d-dialog .d-primary');
    await page.waitForFunction((n) => document.querySelector('[data-kind="must_fix"] b')?.textContent === String(n), blocking - 1);
    assert.equal(await figure(page, '[data-kind="excepted"]'), 1);
    await page.click('[data-kind="excepted"]');
    await page.locator('.d-rows .d-row').first().click();
    await page.locator('.d-detail .d-buttons .button').click();
    await page.waitForFunction((n) => document.querySelector('[data-kind="must_fix"] b')?.textContent === String(n), blocking);
  });
});

test('five thousand findings are a few rows of the page, moved through by keys and sorted', async () => {
  const id = await checked();
  const { findings: [one] } = await ask(`/api/deliveries/${id}/findings?limit=1`);
  const many = Array.from({ length: 5000 }, (_, i) => ({ ...one, number: i + 1, row: 5000 - i, name: `第${i + 1}区` }));
  await withPage({ path: '/healthz', bare: true }, async (page, faults) => {
    forgive(faults, '404');
    await page.route('**/findings?**', (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
      const links = from < 4000 ? [{ rel: 'next', href: `/api/deliveries/${id}/findings?limit=1000&cursor=${from + 1000}` }] : [];
      return route.fulfill({ json: { findings: many.slice(from, from + 1000), total: many.length, links } });
    });
    await page.goto(new URL(`/deliveries/${id}`, page.url()).href);
    await page.waitForFunction(() => document.querySelector('.d-table')?.getAttribute('aria-rowcount') === '5001');
    assert.ok((await page.locator('.d-rows .d-row').count()) < 60);
    await page.focus('.d-table');
    await page.keyboard.press('End');
    const last = page.locator('.d-row[aria-selected="true"]');
    assert.equal(await last.getAttribute('aria-rowindex'), '5001');
    assert.match(await last.textContent(), /第5000区/);
    await page.keyboard.press('ArrowUp');
    assert.match(await last.textContent(), /第4999区/);
    await page.click('.d-head .c-row button');
    assert.equal(await page.getAttribute('.d-head .c-row', 'aria-sort'), 'ascending');
    await page.focus('.d-table');
    await page.keyboard.press('Home');
    assert.match(await last.textContent(), /第5000区/);
    await page.fill('.d-search input', '第77区');
    await page.waitForFunction(() => document.querySelectorAll('.d-rows .d-row').length === 1);
    forgive(faults, '404');
  });
});

test('files can be dropped, are listed and can be taken away again', async () => {
  await withPage(at('/deliveries'), async (page) => {
    await page.waitForSelector('.d-drop');
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      for (const name of ['areas.shp', 'areas.dbf']) data.items.add(new File(['x'], name));
      return data;
    });
    await page.dispatchEvent('.d-drop', 'dragenter', { dataTransfer: transfer });
    assert.ok(await page.locator('.d-drop.over').count());
    await page.dispatchEvent('.d-drop', 'drop', { dataTransfer: transfer });
    assert.deepEqual(await page.locator('.d-file-name b').allTextContents(), ['areas.shp', 'areas.dbf']);
    assert.match(await page.textContent('.d-note.warn'), /\.shx.*\.prj/);
    await page.click('.d-file-list .icon-button');
    assert.equal(await page.locator('.d-file-name b').count(), 1);
    await page.click('.d-intake .d-primary');
    assert.match(await page.textContent('#sender-error'), /送报单位/);
  });
});

test('a file that cannot be read, and a server that does not edit, say what is safe and what to do', async () => {
  await withPage(at('/deliveries'), async (page, faults) => {
    await page.waitForSelector('#files', { state: 'attached' });
    await page.setInputFiles('#files', { name: 'plan.dwg', mimeType: 'application/octet-stream', buffer: Buffer.from('AC1032') });
    await page.fill('#sender', SENDER);
    await page.click('.d-intake .d-primary');
    await page.waitForSelector('.d-trouble');
    assert.match(await page.textContent('.d-trouble'), /格式不能读/);
    const refusal = { type: 'urn:onemap:problem:not-allowed', title: 'not-allowed', status: 403, detail: 'the register cannot be changed here' };
    await page.route('**/api/deliveries', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 403, contentType: 'application/problem+json', json: refusal }) : route.continue()));
    await page.click('.d-intake .d-primary');
    await page.waitForFunction(() => document.querySelector('.d-trouble')?.textContent.includes('请由数据员来做'));
    forgive(faults, '415');
    forgive(faults, '403');
  });
});

test('the public is told that deliveries are internal, and only the internal map leads to them', async () => {
  const register = await ask('/api/register');
  const publicly = (page) => page.route('**/api/register', (route) => route.fulfill({ json: { ...register, audience: 'public' } }));
  await withPage({}, async (page) => {
    await page.waitForSelector('#top .deliveries-link[href="/deliveries"]');
  });
  await withPage({ as: null }, async (page) => {
    if (!sessions) {
      await publicly(page);
      await page.reload();
      await page.waitForSelector('.legend-button');
    }
    assert.equal(await page.locator('a[href="/deliveries"]').count(), 0);
    await page.goto(new URL('/deliveries', page.url()).href);
    if (sessions) await page.waitForURL('**/sign-in?next=%2Fdeliveries');
    else await page.waitForSelector('.d-empty a[href="/"]');
  });
});

test('the history of an area leads to the delivery that a version came from', async () => {
  const [{ properties: { code, name } }] = areas;
  await withPage({}, async (page) => {
    await page.route('**/api/areas/*/history', async (route) => {
      const told = await (await route.fetch()).json();
      told.versions[0].source = { delivery: 3, file: 'areas.shp', item: 'feature 12', sender: SENDER };
      await route.fulfill({ json: told });
    });
    await page.goto(new URL(`/a/${encodeURIComponent(code)}`, page.url()).href);
    await opened(page, name);
    await page.click('#card .history summary');
    assert.equal(await page.getAttribute('#card .step-source a', 'href'), '/deliveries/3');
    assert.match(await page.textContent('#card .step-source'), /送报 3（浏览器测试）.*areas\.shp · 第 12 个图斑/);
  });
});

test('an unknown delivery leads back to the list', async () => {
  await withPage(at('/deliveries/999999'), async (page, faults) => {
    await page.waitForSelector('.d-empty');
    assert.match(await page.textContent('#page'), /没有这份送报/);
    await page.click('.d-back');
    await page.waitForSelector('.d-intake');
    assert.equal(new URL(page.url()).pathname, '/deliveries');
    forgive(faults, '404');
  });
});

test('language and mode change at once and the choices made so far stay', async () => {
  const id = await checked();
  await withPage(at(`/deliveries/${id}`), async (page) => {
    await page.waitForSelector('.d-rows .d-row');
    await page.fill('#publish-document', RECORD.document);
    await page.click('[data-kind="must_fix"]');
    await page.click('#top [data-action="lang"]');
    assert.match(await page.textContent('#step-findings'), /Must fix/);
    assert.equal(await page.getAttribute('[data-kind="must_fix"]', 'aria-pressed'), 'true');
    assert.equal(await page.inputValue('#publish-document'), RECORD.document);
    await page.click('#top [data-action="mode"]');
    assert.equal(await page.getAttribute('html', 'data-mode'), 'dark');
  });
});

for (const colorScheme of ['light', 'dark']) {
  for (const phone of [false, true]) {
    test(`no serious accessibility fault in deliveries, ${colorScheme}, ${phone ? 'phone' : 'desk'}`, async () => {
      const id = await checked();
      const source = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
      await withPage({ ...at('/deliveries'), colorScheme, phone, bypassCSP: true }, async (page) => {
        const serious = async () => {
          await page.evaluate(source);
          const { violations } = await page.evaluate(() => axe.run());
          return violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join('\n')}`);
        };
        const narrow = async () => phone && assert.equal(await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.getElementById('page').scrollWidth)), 390);
        await page.waitForSelector('.d-item');
        assert.deepEqual(await serious(), []);
        await narrow();
        await page.goto(new URL(`/deliveries/${id}`, page.url()).href);
        await page.waitForSelector('.d-rows .d-row');
        for (const step of ['files', 'columns', 'position', 'settings']) {
          const head = page.locator(`#step-${step} .d-step-head`);
          if ((await head.getAttribute('aria-expanded')) === 'false') await head.click();
        }
        await page.locator('.d-rows .d-row').first().click();
        await page.waitForTimeout(400);
        assert.deepEqual(await serious(), []);
        await narrow();
        await page.locator('.d-detail .d-buttons .button').click();
        assert.deepEqual(await serious(), []);
      });
    });
  }
}
