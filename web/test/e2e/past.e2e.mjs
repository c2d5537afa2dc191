import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { ask, close, forgive, hopefully, open, opened, painted, settle, someArea, withPage } from './support.mjs';

before(open);
after(close);

/** A day on which the map looks otherwise than now. */
const DAY = '2021-06-01';
/** A day before everything that the register tells of. */
const LONG_AGO = '2019-01-01';
/** A day on which nothing had been recorded. */
const BEFORE_ALL = '1990-05-05';

const strip = (page) => page.locator('#asof');
const present = (page) => page.waitForFunction(() => !document.querySelector('#asof').classList.contains('on'));
const shows = (page, text) => page.waitForFunction((words) => document.querySelector('#asof.on p')?.innerText.includes(words), text);
const counts = (page) => page.locator('.legend-button .num').allTextContents();
const choose = async (page, date) => {
  await page.click('.date-chip');
  await page.fill('#on', date);
};
/** Waits for the figures of a day. */
const counted = (page, theme) => page.waitForFunction((total) => document.querySelector('.headline .figure b')?.textContent === total, theme.total.toLocaleString('en'));

/** Waits until the map is painted otherwise than before: its tiles come when they come. */
async function repainted(page, before) {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    if (!isDeepStrictEqual(await painted(page), before)) return;
    await page.waitForTimeout(100);
  }
  assert.fail('the map is painted as before');
}

/** Areas that have ended, as the changes since the first record tell: one each that several, one and no others took the place of. */
async function endedAreas() {
  const lists = await Promise.all([1, LONG_AGO].map((since) => hopefully(`/api/changes?since=${since}&limit=1000`)));
  const areas = lists.flatMap((changes) => changes?.areas ?? []);
  const found = new Map();
  for (const { code } of areas.filter(({ change }) => change.includes('ended'))) {
    const history = await hopefully(`/api/areas/${code}/history`);
    if (history) found.set(Math.min(2, history.lineage.successors.length), history);
  }
  return [2, 1, 0].flatMap((successors) => found.get(successors) ?? []);
}

test('a chosen day is asked for everywhere, told by a strip, and taken back by its button', async () => {
  const then = await ask(`/api/themes/management-committee?datetime=${DAY}`);
  const now = await ask('/api/themes/management-committee');
  await withPage({}, async (page) => {
    const before = await counts(page);
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url())));
    await choose(page, DAY);
    await shows(page, DAY);
    await counted(page, then);
    await settle(page);
    for (const part of ['/api/register', '/api/themes/management-committee', '/api/rates', '/api/collections/streets/items', '/tiles/areas/', '/tiles/streets/']) {
      const found = asked.filter(({ pathname }) => pathname.startsWith(part));
      assert.ok(found.length > 0 && found.every(({ searchParams }) => searchParams.get('datetime') === DAY), part);
    }
    assert.match(page.url(), new RegExp(`[?&]on=${DAY}`));
    assert.notDeepEqual(await counts(page), before);
    for (const part of ['.legend', '.rates', '#foot', '.date-chip']) assert.ok((await page.textContent(part)).includes(DAY), part);
    assert.equal(await page.getAttribute('#asof p', 'role'), 'status');
    await page.keyboard.press('Escape');
    assert.ok(await page.isHidden('#when'));
    asked.length = 0;
    await page.click('#asof [data-action="present"]');
    await present(page);
    await counted(page, now);
    await settle(page);
    assert.deepEqual(await counts(page), before);
    assert.ok(asked.every(({ searchParams }) => !searchParams.has('datetime')));
    assert.ok(!page.url().includes('on='));
  });
});

test('a link to a day opens it from the first tile on, and back and forward follow the day', async () => {
  await withPage({ path: '/healthz', bare: true }, async (page, faults) => {
    forgive(faults, '404');
    const tiles = [];
    page.on('request', (request) => request.url().includes('/tiles/') && tiles.push(request.url()));
    await page.goto(new URL(`/?on=${DAY}`, page.url()).href);
    await settle(page);
    await shows(page, DAY);
    assert.ok(tiles.length > 0 && tiles.every((url) => url.includes(`datetime=${DAY}`)), tiles[0]);
    const past = await painted(page);
    await page.click('#asof [data-action="present"]');
    await present(page);
    await repainted(page, past);
    await page.goBack();
    await shows(page, DAY);
    await page.goForward();
    await present(page);
    forgive(faults, '404');
  });
});

test('the date of the data is the present, whatever way it is chosen', async () => {
  const { data_date: date } = await ask('/api/register');
  await withPage({ path: `/?on=${date}` }, async (page) => {
    await present(page);
    await choose(page, DAY);
    await shows(page, DAY);
    await page.fill('#on', date);
    await present(page);
    assert.ok(!page.url().includes('on='));
  });
});

test('what was known then is asked for by the same day; where nothing was, the page says so and shows the day', async () => {
  const known = await hopefully(`/api/register?datetime=${DAY}&known=${DAY}`);
  await withPage({ path: `/?on=${known ? DAY : '2022-10-27'}` }, async (page, faults) => {
    if (known) {
      const asked = page.waitForRequest((request) => request.url().includes('/api/rates') && request.url().includes(`known=${DAY}`));
      await page.click('.date-chip');
      await page.check('#known');
      await asked;
      await shows(page, '按当时掌握的情况');
      assert.match(page.url(), new RegExp(`on=${DAY}&known=${DAY}`));
      await page.uncheck('#known');
      await page.waitForURL((url) => !url.searchParams.has('known'));
      await page.keyboard.press('Escape');
    }
    await page.goto(new URL(`/?on=${BEFORE_ALL}&known=${BEFORE_ALL}`, page.url()).href);
    await page.waitForSelector('.toast');
    await shows(page, BEFORE_ALL);
    assert.ok(!page.url().includes('known='));
    forgive(faults, '400');
  });
});

test('a record in the address pins what is known', async () => {
  await withPage({ path: '/?known=1' }, async (page) => {
    await settle(page);
    const { as_of: asOf } = await ask('/api/register?known=1');
    if (asOf.present) return present(page);
    await shows(page, '记录 1');
    await shows(page, asOf.datetime);
    await page.click('.date-chip');
    assert.ok(await page.isChecked('#known'));
  });
});

test('an ended area tells when it ended, what replaced it, and how it was', async (context) => {
  const ended = await endedAreas();
  if (ended.length === 0) return context.skip('no area has ended');
  for (const history of ended) await withPage({ path: `/a/${history.code}` }, async (page, faults) => {
    await opened(page, history.name);
    const card = await page.textContent('#card');
    assert.ok(card.includes('已终止') && card.includes(history.ended_on), card);
    assert.ok(!/undefined|null|NaN/.test(card), card);
    for (const { name } of history.lineage.successors) assert.ok(card.includes(name), name);
    await page.click('#card .actions button:first-child');
    await page.waitForURL(/on=/);
    await page.waitForFunction(() => !document.querySelector('.ended-line'));
    await opened(page, history.name);
    assert.ok(await strip(page).isVisible());
    await page.click('#asof [data-action="present"]');
    await page.waitForSelector('.ended-line');
    forgive(faults, '410');
  });
});

test('an area that took the place of an ended one leads back to it, and is not there before', async (context) => {
  const [history] = await endedAreas();
  const [successor] = history?.lineage.successors ?? [];
  if (!successor) return context.skip('no area was replaced');
  await withPage({ path: `/a/${successor.code}` }, async (page, faults) => {
    await opened(page, successor.name);
    await page.locator('#card .kinship button', { hasText: history.name }).click();
    await opened(page, history.name);
    await page.goto(new URL(`/a/${successor.code}?on=${BEFORE_ALL}`, page.url()).href);
    await opened(page, successor.name);
    const card = await page.textContent('#card');
    assert.ok(card.includes('当日尚无') && card.includes(successor.from), card);
    forgive(faults, '404');
    forgive(faults, '410');
  });
});

test('the history of an area lists its steps, each with its record', async (context) => {
  const listed = await ask('/api/collections/areas/items?limit=1000');
  const begun = listed.features.find(({ properties }) => properties.valid_from);
  const { code, name } = begun?.properties ?? (await someArea());
  const history = await hopefully(`/api/areas/${code}/history`);
  if (!history) return context.skip('the register tells no history');
  await withPage({ path: `/a/${code}` }, async (page) => {
    await opened(page, name);
    await page.click('.history summary');
    assert.ok((await page.locator('.step').count()) > 0);
    const text = await page.textContent('.timeline');
    assert.ok(text.includes(history.versions[0].valid_from) && /记录 \d+/.test(text), text);
    assert.ok(!/undefined|null|NaN/.test(text), text);
    // The last day of the list; a delivery that a step came from has a link of its own.
    await page.locator('.step-head .link').last().click();
    await page.waitForURL(/on=/);
  });
});

test('the changes since a day are counted by street and lead to their areas', async (context) => {
  const changes = await hopefully(`/api/changes?since=${DAY}`);
  if (!changes) return context.skip('the register tells no changes');
  await withPage({ path: `/?on=${DAY}` }, async (page, faults) => {
    await page.click('#panel .row-button');
    await opened(page, '变更');
    assert.match(page.url(), new RegExp(`changes=${DAY}`));
    const { added, ended, geometry, attributes } = changes.totals;
    assert.deepEqual(await page.locator('.change-totals dd').allTextContents(), [added, ended, geometry, attributes].map((n) => n.toLocaleString('en')));
    assert.match(await page.getAttribute('#card a[type="application/atom+xml"]', 'href'), /^\/api\/changes\.atom\?since=/);
    await page.locator('.record summary').first().click();
    await page.waitForSelector('.record-inside .row-link');
    const [area] = changes.areas;
    if (!area) return;
    await page.locator('.street-changes summary').first().click();
    await page.locator('.street-changes details[open] .area-list button').first().click();
    await page.waitForURL(/\/a\//);
    await page.locator('.card-back').click();
    await opened(page, '变更');
    forgive(faults, '410');
    forgive(faults, '404');
  });
  await withPage({ path: '/?changes=latest' }, async (page) => {
    await opened(page, '变更');
    await page.fill('#since', DAY);
    await page.waitForURL(new RegExp(`changes=${DAY}`));
  });
});

test('on a phone the day is chosen with the thumb and the strip covers nothing', async () => {
  await withPage({ phone: true }, async (page) => {
    await choose(page, DAY);
    await shows(page, DAY);
    await settle(page);
    const small = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('button, select, summary, #on, label.check')]
          .filter((element) => element.checkVisibility() && !element.matches('#card .link'))
          .map((element) => ({ name: element.ariaLabel || element.textContent || element.id, box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.height < 43.5 || box.width < 43.5)
          .map(({ name, box }) => `${name} ${box.width}x${box.height}`),
      );
    assert.deepEqual(await small(), []);
    await page.click('#when .icon-button');
    const [bar, pill] = [await strip(page).boundingBox(), await page.locator('#top').boundingBox()];
    assert.ok(bar.y + bar.height <= pill.y, JSON.stringify([bar, pill]));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await page.click('.legend-chip');
    await page.click('#panel .row-button');
    await opened(page, '变更');
    assert.deepEqual(await small(), []);
    await page.click('#asof [data-action="present"]');
    await present(page);
  });
});

for (const [colorScheme, phone] of [['light', true], ['dark', false]]) {
  test(`no serious accessibility fault on another day, ${colorScheme}, ${phone ? 'phone' : 'desk'}`, async () => {
    const { code, name } = (await endedAreas())[0] ?? (await someArea());
    const source = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
    await withPage({ colorScheme, phone, path: `/a/${code}`, bypassCSP: true }, async (page, faults) => {
      await opened(page, name);
      await page.evaluate(source);
      const serious = async () => {
        const { violations } = await page.evaluate(() => axe.run());
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join('\n')}`);
      };
      await page.click('.history summary');
      assert.deepEqual(await serious(), []);
      await page.click('.card-close');
      await choose(page, DAY);
      await shows(page, DAY);
      await settle(page);
      assert.deepEqual(await serious(), []);
      await page.click('#to-changes');
      await opened(page, '变更');
      await page.locator('.street-changes summary').first().click();
      await page.waitForTimeout(300);
      assert.deepEqual(await serious(), []);
      forgive(faults, '410');
    });
  });
}
