import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ask, close, forgive, labelOf, open, opened, painted, screenPoint, settle, someArea, withPage } from './support.mjs';

/** What may be sent before the first map is drawn, as sent. */
const MOST_BYTES = 400_000;

before(open);
after(close);

/** What the public does not get of an area. */
const HIDDEN = ['manager', 'address', 'site_area_m2', 'floor_area_m2', 'households', 'building_count', 'built_year', 'contract_from', 'contract_until', 'contract_kind', 'contract_filed_on', 'committees', 'manager_party_organisation'];

const title = (page) => page.textContent('#card h2');
const rows = (page) => page.locator('#suggestions li');

test('the first screen is the coloured district', async () => {
  const register = await ask('/api/register');
  await withPage({}, async (page) => {
    const { pixels, colours } = await painted(page);
    assert.ok(pixels > 1000, `only ${pixels} painted pixels`);
    assert.ok(colours > 3, `only ${colours} colours`);
    assert.match(await page.textContent('#top'), new RegExp(register.data_date));
    assert.match(await page.textContent('#foot'), new RegExp(labelOf(register)));
    assert.equal(await page.isVisible('#banner'), register.demo);
    assert.match(await page.textContent('.headline'), new RegExp(register.areas.toLocaleString('en')));
  });
});

test('every class is in the legend with its count, the unknown one too', async () => {
  const theme = await ask('/api/themes/management-committee');
  await withPage({}, async (page) => {
    for (const { key, count } of theme.classes) assert.match(await page.textContent(`[data-class="${key}"]`), new RegExp(`${count.toLocaleString('en')}$`));
    assert.ok(theme.classes.some(({ key }) => key === 'unknown'));
  });
});

test('rates show both integers beside the percentage', async () => {
  const { rates } = await ask('/api/rates');
  await withPage({}, async (page) => {
    const text = await page.textContent('.rates');
    for (const { numerator, denominator, percent } of rates) {
      assert.ok(text.includes(`${numerator.toLocaleString('en')} / ${denominator.toLocaleString('en')}`));
      assert.ok(text.includes(`${percent.toFixed(1)}%`));
    }
  });
});

test('an area is found by its pinyin initials and opened with the keyboard', async () => {
  const query = 'zybl';
  const { results } = await ask(`/api/search?q=${query}&limit=10`);
  const [first] = results;
  assert.ok(first, 'the register holds nothing for the query');
  await withPage({}, async (page) => {
    await page.keyboard.press('/');
    await page.keyboard.type(query);
    await rows(page).first().waitFor();
    assert.equal(await page.getAttribute('#search', 'aria-expanded'), 'true');
    const active = await page.getAttribute('#search', 'aria-activedescendant');
    assert.equal(await page.getAttribute(`#${active}`, 'aria-selected'), 'true');
    const name = await page.textContent(`#${active} b`);
    await page.keyboard.press('Enter');
    await opened(page, name);
    assert.match(page.url(), /\/a\//);
  });
});

test('a click on the map opens the card of what the server finds there', async () => {
  const area = await someArea();
  await withPage({ path: `/#16/${area.label[1]}/${area.label[0]}` }, async (page) => {
    const { x, y } = await screenPoint(page, area.label);
    await page.mouse.move(x - 1, y - 1);
    await page.mouse.move(x, y);
    assert.match(await page.textContent('.hover-tag'), new RegExp(area.name.slice(0, 2)));
    await page.mouse.click(x, y);
    await opened(page, area.name);
    assert.ok(page.url().includes(`/a/${encodeURIComponent(area.code)}`));
    const card = await page.textContent('#card');
    assert.ok(!/undefined|null|NaN/.test(card), card);
    assert.ok(card.includes(area.street_name) && card.includes('来源'));
  });
});

test('the legend filters the map and the address says so', async () => {
  const { classes } = await ask('/api/themes/management-committee');
  const { key } = [...classes].sort((a, b) => b.count - a.count)[0];
  await withPage({}, async (page) => {
    const all = await painted(page);
    await page.click(`[data-class="${key}"]`);
    await page.waitForTimeout(200);
    assert.match(page.url(), new RegExp(`show=${key}`));
    assert.equal(await page.getAttribute(`[data-class="${key}"]`, 'aria-pressed'), 'true');
    const few = await painted(page);
    assert.notDeepEqual(few, all);
    await page.goBack();
    await page.waitForTimeout(200);
    assert.deepEqual(await painted(page), all);
  });
});

test('deep links open what they name, and back and forward work', async () => {
  const area = await someArea();
  await withPage({ path: `/a/${area.code}` }, async (page) => {
    await opened(page, area.name);
    await settle(page);
    await page.click('.card-close');
    await page.waitForFunction(() => document.querySelector('#card').hidden);
    assert.equal(new URL(page.url()).pathname, '/');
    await page.goBack();
    await opened(page, area.name);
    await page.goForward();
    await page.waitForFunction(() => document.querySelector('#card').hidden);
  });
  await withPage({ path: `/s/${area.street}` }, async (page) => {
    assert.equal(await page.inputValue('#street'), area.street);
    const counted = await ask(`/api/themes/management-committee?street=${area.street}`);
    assert.match(await page.textContent('.headline'), new RegExp(`${counted.total}`));
  });
  await withPage({ path: `/at/${area.label[0]},${area.label[1]}` }, async (page) => {
    await opened(page, area.name);
    assert.ok(await page.isVisible('.pin'));
  });
});

test('coordinates can be pasted in either order', async () => {
  const { label, name } = await someArea();
  const { grid } = await ask(`/api/locate?lng=${label[0]}&lat=${label[1]}`);
  const texts = [`${label[0]},${label[1]}`, `${label[1]} ${label[0]}`, `${grid.northing_m.toFixed(2)} ${grid.easting_m.toFixed(2)}`];
  await withPage({}, async (page) => {
    for (const text of texts) {
      await page.fill('#search', text);
      await rows(page).first().click();
      await opened(page, name);
      await page.click('.card-close');
    }
  });
});

test('a click where areas touch or stack lists all of them', async () => {
  const area = await someArea();
  const found = await ask(`/api/locate?lng=${area.label[0]}&lat=${area.label[1]}`);
  const other = { ...found.areas[0], code: 'OTHER', name: '另一个区域', distance_to_border_m: 0 };
  await withPage({ path: `/#16/${area.label[1]}/${area.label[0]}` }, async (page) => {
    await page.route('**/api/locate**', (route) => route.fulfill({ json: { ...found, areas: [...found.areas, other] } }));
    const { x, y } = await screenPoint(page, area.label);
    await page.mouse.click(x, y);
    await opened(page, '这里有 2 个区域');
    assert.deepEqual(await page.locator('#card .area-list').first().locator('b').allTextContents(), [area.name, other.name]);
    assert.match(page.url(), /\/at\//);
  });
});

test('a place outside every area names the nearest three', async () => {
  const { district } = await ask('/api/register');
  const [west, south] = district.bbox;
  await withPage({ path: `/at/${west - 0.01},${south - 0.01}` }, async (page) => {
    await page.waitForSelector('#card:not([hidden]) .area-list li');
    assert.equal(await page.locator('#card .area-list li').count(), 3);
    await page.locator('#card .area-list button').first().click();
    await page.waitForURL(/\/a\//);
    await page.locator('.card-back').click();
    await page.waitForURL(/\/at\//);
  });
});

test('nothing found and unknown codes are told in plain words', async () => {
  await withPage({}, async (page) => {
    await page.fill('#search', 'ＱＱ龘龘龘');
    await page.waitForFunction(() => document.querySelector('.search-note')?.textContent.includes('没有'));
  });
  await withPage({ path: '/a/NO-SUCH-AREA' }, async (page, faults) => {
    await opened(page, '没有找到');
    forgive(faults, '404');
  });
});

test('a lost connection is told and mended', async () => {
  await withPage({}, async (page, faults) => {
    const area = await someArea();
    await page.route('**/api/collections/**', (route) => route.abort());
    await page.fill('#search', area.name);
    await rows(page).first().click();
    await opened(page, '网络未连接');
    await page.waitForSelector('#card .notice .button');
    await page.unroute('**/api/collections/**');
    await page.click('#card .notice .button');
    await page.waitForSelector('#card .card-source');
    forgive(faults, 'ERR_FAILED');
  });
});

test('the language and the mode change at once and are remembered', async () => {
  await withPage({}, async (page) => {
    const light = await painted(page);
    await page.click('#top [data-action="lang"]');
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    assert.match(await page.textContent('#panel'), /Legend/);
    await page.click('#top [data-action="mode"]');
    assert.equal(await page.getAttribute('html', 'data-mode'), 'dark');
    await page.waitForTimeout(200);
    assert.notDeepEqual(await painted(page), light);
    await page.reload();
    await settle(page);
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    assert.equal(await page.getAttribute('html', 'data-mode'), 'dark');
  });
});

test('the position is shown with its accuracy', async () => {
  const { label, name } = await someArea();
  const geolocation = { longitude: label[0], latitude: label[1], accuracy: 25 };
  await withPage({ permissions: ['geolocation'], geolocation }, async (page) => {
    await page.click('[data-tool="locate"]');
    await opened(page, `您在 ${name}`);
    assert.ok(await page.isVisible('.pin-me'));
    assert.match(page.url(), /accuracy=25/);
  });
});

test('on a phone the card is a sheet, controls are big enough and nothing scrolls sideways', async () => {
  const area = await someArea();
  await withPage({ phone: true, path: `/a/${area.code}` }, async (page) => {
    await opened(page, area.name);
    const height = async () => Math.round((await page.locator('#card').boundingBox()).height);
    const stops = [await height()];
    for (let i = 0; i < 2; i++) {
      await page.click('#card .sheet-handle');
      await page.waitForTimeout(100);
      stops.push(await height());
    }
    assert.equal(new Set(stops).size, 3, `stops ${stops}`);
    await page.click('.card-close');
    await page.click('.legend-chip');
    await page.waitForSelector('#panel .legend-button');
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, select, input')]
        .filter((element) => element.checkVisibility() && !element.closest('[aria-hidden="true"]') && !element.matches('.link'))
        .map((element) => ({ name: element.ariaLabel || element.textContent, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 43.5 || box.width < 43.5)
        .map(({ name, box }) => `${name} ${box.width}x${box.height}`),
    );
    assert.deepEqual(small, []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  });
});

test('the card says nothing of what is hidden from the public, and says so of what is not registered', async () => {
  const area = await someArea();
  const cases = [
    ['未向公众公开', (properties) => HIDDEN.forEach((name) => delete properties[name])],
    ['未登记', (properties) => HIDDEN.forEach((name) => (properties[name] = null))],
  ];
  for (const [words, edit] of cases) {
    await withPage({}, async (page) => {
      await page.route('**/api/collections/areas/items/**', async (route) => {
        const item = await (await route.fetch()).json();
        edit(item.properties);
        await route.fulfill({ json: item });
      });
      await page.fill('#search', area.name);
      await rows(page).first().click();
      await opened(page, area.name);
      const card = await page.textContent('#card');
      assert.ok(card.includes(words), card);
      assert.ok(!/undefined|null|NaN/.test(card), card);
    });
  }
});

test('a manager without a code is not offered', async () => {
  await withPage({}, async (page) => {
    const hit = { kind: 'manager', name: '无号企业', areas: 1, matched: { field: 'name', text: '无号企业' }, street: null, street_name: null, management: null, committee: null, style: null, point: null, bbox: null };
    await page.route('**/api/search**', (route) => route.fulfill({ json: { query: 'x', results: [hit] } }));
    await page.fill('#search', '无号企业');
    await page.waitForFunction(() => document.querySelector('.search-note')?.textContent.includes('没有'));
    assert.equal(await rows(page).count(), 0);
  });
});

test('a manager opens with all its areas on the map', async (context) => {
  const { features } = await ask('/api/collections/managers/items?limit=50');
  const manager = features.map(({ properties }) => properties).find(({ areas, uscc }) => areas > 1 && uscc);
  if (!manager) return context.skip('the register tells no managers');
  await withPage({}, async (page) => {
    const all = await painted(page);
    await page.goto(new URL(`/?manager=${manager.uscc}`, page.url()).href);
    await opened(page, manager.name);
    await settle(page);
    assert.equal(await page.locator('#card .area-list li').count(), manager.areas);
    assert.notDeepEqual(await painted(page), all);
  });
});

test('a place far away is told in plain words', async () => {
  await withPage({ path: '/at/0,0' }, async (page) => {
    const { district } = await ask('/api/register');
    await opened(page, `这里不在${district.name}范围内`);
    const card = await page.textContent('#card');
    assert.match(card, /很远/);
    assert.ok(!/undefined|null|NaN|EPSG/.test(card), card);
    assert.equal(await page.locator('#card .area-list').count(), 0);
  });
});

test('an unknown street and unknown classes leave the address', async () => {
  await withPage({ path: '/s/999999999?show=contracted-none,no-such-class' }, async (page, faults) => {
    await page.waitForFunction(() => location.pathname === '/');
    assert.equal(await page.locator('.toast').count(), 1);
    assert.match(page.url(), /\?show=contracted-none(#|$)/);
    assert.equal(await page.inputValue('#street'), '');
    forgive(faults, '404');
  });
});

test('the language of an address stays in it', async () => {
  await withPage({ path: '/?lang=en' }, async (page) => {
    assert.match(await page.textContent('#panel'), /Legend/);
    await page.locator('.legend-button').first().click();
    assert.match(page.url(), /show=.*lang=en/);
    await page.click('#top [data-action="lang"]');
    assert.match(page.url(), /lang=zh-CN/);
  });
});

test('the credits of the map can be read at every width', async () => {
  const register = await ask('/api/register');
  for (const viewport of [{ width: 1440, height: 900 }, { width: 800, height: 1024 }, { width: 390, height: 844 }]) {
    await withPage({ phone: viewport.width < 768, viewport }, async (page) => {
      const narrow = viewport.width < 1024;
      assert.match(await page.locator('.approval').innerText(), new RegExp(labelOf(register)));
      if (narrow) await page.click('.credits summary');
      const text = page.locator(narrow ? '.credits-text' : '.foot-line');
      assert.ok((await text.innerText()).includes(register.district.attribution));
      const box = await text.boundingBox();
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= viewport.width && box.y + box.height <= viewport.height, JSON.stringify(box));
    });
  }
});

test('tiles carry the version of the data, and little is sent before the map is drawn', async () => {
  const { version } = await ask('/api/register');
  await withPage({ path: '/healthz', bare: true }, async (page, faults) => {
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    let bytes = 0;
    client.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    const tiles = [];
    page.on('request', (request) => request.url().includes('/tiles/') && tiles.push(request.url()));
    await page.goto(new URL('/', page.url()).href);
    await settle(page);
    assert.ok((await painted(page)).pixels > 1000);
    assert.ok(bytes > 0 && bytes <= MOST_BYTES, `${bytes} bytes`);
    if (version) assert.ok(tiles.every((url) => url.endsWith(`?v=${version}`)), tiles[0]);
    forgive(faults, '404');
  });
});

for (const colorScheme of ['light', 'dark']) {
  for (const phone of [false, true]) {
    test(`no serious accessibility fault, ${colorScheme}, ${phone ? 'phone' : 'desk'}`, async () => {
      const area = await someArea();
      const source = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
      await withPage({ colorScheme, phone, path: `/a/${area.code}`, bypassCSP: true }, async (page) => {
        await opened(page, area.name);
        await page.evaluate(source);
        const serious = async () => {
          const { violations } = await page.evaluate(() => axe.run());
          return violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join('\n')}`);
        };
        assert.deepEqual(await serious(), []);
        if (phone) await page.click('.card-close');
        await page.fill('#search', area.name.slice(0, 2));
        await rows(page).first().waitFor();
        assert.deepEqual(await serious(), []);
        await page.keyboard.press('Escape');
        if (phone) await page.click('.legend-chip');
        await page.click('.legend-button');
        await page.click('.legend .section-head .icon-button');
        await page.waitForTimeout(300);
        assert.deepEqual(await serious(), []);
        assert.ok(await title(page) !== undefined);
      });
    });
  }
}
