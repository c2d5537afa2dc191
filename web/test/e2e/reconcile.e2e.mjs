import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ask, close, open, withPage } from './support.mjs';
import { zipped } from './zip.mjs';

/** The stand-in server compares nothing. */
const skip = process.env.ONEMAP_URL ? false : 'needs the real server';
const SENDER = '核对测试';
const RECORD = { document: '核对〔2026〕1号', authority: '测试机关', author: '测试员' };
/** Outlines are drawn this much smaller: changed beyond any noise, and over no neighbour. */
const SMALLER = 0.8;
const REDRAWN = 4;
/** More than any area has. */
const HOUSEHOLDS = 99_999;
let areas;

before(async () => {
  await open();
  if (!skip) areas = await someAreas();
});
after(close);

/** Ten areas of one street, each of one ring. */
async function someAreas() {
  const { features } = await ask('/api/collections/areas/items?limit=1000');
  const usable = features.filter(({ geometry }) => ringsOf(geometry).length === 1);
  for (const { properties } of usable) {
    const found = usable.filter((other) => other.properties.street === properties.street);
    if (found.length >= 10) return found.slice(0, 10);
  }
  throw new Error('no street has ten areas');
}

const ringsOf = ({ type, coordinates }) => (type === 'Polygon' ? coordinates : coordinates.flat());

function smaller(ring) {
  const corners = ring.slice(0, -1);
  const middle = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
  return ring.map((corner) => corner.map((value, axis) => middle[axis] + (value - middle[axis]) * SMALLER));
}

/** An archive with the areas, without codes; the first four are drawn anew, and have other households. */
function delivered() {
  const features = areas.map(({ geometry, properties: { name, street_name } }, index) => {
    const [ring] = ringsOf(geometry);
    return { type: 'Feature', properties: { 名称: name, 街道: street_name, ...(index < REDRAWN && { 户数: HOUSEHOLDS }), 备注: `${Date.now()}` }, geometry: { type: 'Polygon', coordinates: [index < REDRAWN ? smaller(ring) : ring] } };
  });
  const file = Buffer.from(JSON.stringify({ type: 'FeatureCollection', features }));
  return { name: '报送.zip', mimeType: 'application/zip', buffer: zipped({ '图斑.geojson': file }) };
}

const progress = (page) => page.textContent('.r-sums .d-progress-text');
const chosen = (page) => page.getAttribute('.r-line[aria-selected="true"]', 'class');

/** Answers the question about the committee where the decision opens one. */
async function answerTask(page) {
  if (!(await page.$('.r-task.open'))) return;
  await page.fill('#r-name', '测试员');
  await page.click('.r-task-form .d-primary');
  await page.waitForFunction(() => !document.querySelector('.r-task.open'));
}

async function decides(page, key, done) {
  await page.keyboard.press(key);
  await page.waitForFunction((text) => document.querySelector('.r-sums .d-progress-text')?.textContent.includes(text), `${done} / `);
  await page.waitForFunction(() => !document.querySelector('.r-desk[aria-busy]'));
}

test('a clerk decides what differs, publishes it, hands it back and takes a case back', { skip }, () =>
  withPage({ path: '/deliveries', bare: true }, async (page) => {
    await page.setInputFiles('#files', delivered());
    await page.fill('#sender', SENDER);
    await page.click('.d-intake .d-primary');
    await page.waitForURL(/\/deliveries\/\d+$/);
    await page.waitForSelector('.d-columns');
    await page.click('.d-check .d-primary');
    await page.waitForSelector('.d-figures');
    await page.click('.d-one-title .button');
    await page.waitForSelector('.r-card h2');

    const sums = await page.$$eval('.r-sum', (lines) => lines.map((line) => [line.classList.contains('wrong'), line.textContent]));
    for (const [wrong, text] of sums) {
      const [total, ...terms] = text.match(/\d+/g).map(Number);
      assert.equal(wrong, false);
      assert.equal(terms.reduce((sum, term) => sum + term, 0), total, text);
      assert.equal(total, areas.length, text);
    }
    assert.match(await page.textContent('.r-chip.redrawn'), new RegExp(`${REDRAWN}`));
    assert.match(await progress(page), new RegExp(`0 / ${REDRAWN}`));
    assert.ok((await page.$$('.r-drawing .r-shape.only')).length > 0, 'the difference is drawn');

    await page.selectOption('.r-filter-row select >> nth=1', areas[0].properties.street);
    await page.fill('.r-owner input', '经办甲');
    await page.click('.r-owner .button');
    await page.waitForFunction(() => document.querySelector('.r-card header')?.textContent.includes('经办甲'));
    await page.selectOption('.r-filter-row select >> nth=2', '经办甲');
    assert.equal((await page.$$('.r-line')).length, REDRAWN);
    await page.selectOption('.r-filter-row select >> nth=2', '');
    await page.selectOption('.r-filter-row select >> nth=1', '');

    await page.click('.r-mode.swipe');
    await page.fill('.r-slider', '20');
    assert.equal(await page.$eval('.r-cut', (line) => line.style.left), '20%');
    await page.click('.r-mode.three');

    const accepted = await page.textContent('.r-card h2');
    await page.locator('.r-fields tr', { hasText: '户数' }).locator('.r-pick').first().click();
    await page.selectOption('#r-reason', 'survey');
    await page.evaluate(() => (window.said = document.querySelector('.r-sums [aria-live]')));
    const [asked] = await Promise.all([page.waitForRequest((request) => request.url().endsWith('/decisions')), decides(page, 'a', 1)]);
    const { cases: [key], seen, reason } = asked.postDataJSON();
    assert.deepEqual([seen, reason], [{ [key]: null }, 'survey'], 'what was seen is told');
    assert.equal(await page.evaluate(() => window.said.isConnected && window.said.textContent.includes('1 /')), true, 'what is read out stays one element');
    await answerTask(page);
    await page.waitForFunction((name) => document.querySelector('.r-card h2')?.textContent !== name, accepted);
    assert.equal(await page.inputValue('#r-reason'), 'better_source', 'a reason is that of one case');
    const kept = await page.textContent('.r-card h2');
    await page.focus('[data-focus="act.keep"]');
    await decides(page, 'k', 2);
    await page.waitForFunction((name) => document.querySelector('.r-card h2')?.textContent !== name, kept);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.focus), 'act.keep', 'the keyboard stays where it was');
    await decides(page, 'b', 3);
    await decides(page, 'u', 2);
    assert.match(await chosen(page), /open/, 'what was undone is open again');

    await page.click('.r-title-end .d-primary');
    await page.waitForSelector('.r-publish');
    assert.equal(await page.isDisabled('.r-publish .d-primary'), true, 'undecided cases are in the way');
    assert.match(await page.textContent('.r-publish .d-tick'), /不随本次送报入册/);
    await page.click('.r-publish .d-tick');
    for (const [name, value] of Object.entries(RECORD)) await page.fill(`#reconcile-${name}`, value);
    await page.click('.r-publish .d-primary');
    await page.waitForSelector('.r-notice.done');

    const [file] = await Promise.all([page.waitForEvent('download'), page.click('.r-handback a[href*="f=csv"][href*="part=rows"]')]);
    const text = await readFile(await file.path(), 'utf8');
    assert.ok(text.startsWith('\uFEFF'));
    assert.equal(text.trim().split('\n').length, areas.length + 1);
    assert.ok(text.includes(accepted));

    const [tasks] = await Promise.all([page.waitForEvent('download'), page.click('.r-handback a[href*="f=csv"][href*="part=tasks"]')]);
    assert.ok((await readFile(await tasks.path(), 'utf8')).includes('请按登记册更正'), 'what was kept is to be mended by the sender');
    const area = areas.find(({ properties: { name } }) => name === accepted);
    const entered = await ask(`/api/collections/areas/items/${area.properties.code}`);
    assert.notDeepEqual(entered.geometry, area.geometry, 'the boundary is theirs');
    assert.equal(entered.properties.households, area.properties.households, 'the households are ours');

    await page.selectOption('.r-filter-row select >> nth=0', 'all');
    await page.fill('.r-search', kept);
    await page.click('.r-line');
    await page.waitForFunction((name) => document.querySelector('.r-card h2')?.textContent === name, kept);
    await page.click('.r-acts .button[aria-keyshortcuts="U"]');
    await page.waitForFunction(() => document.querySelector('.r-line[aria-selected="true"]')?.classList.contains('open'));
    assert.equal(await page.$('dialog'), null, 'what entered nothing is taken back without a record');

    await page.fill('.r-search', accepted);
    await page.click('.r-line');
    await page.waitForFunction((name) => document.querySelector('.r-card h2')?.textContent === name, accepted);
    await page.click('.r-acts .button[aria-keyshortcuts="U"]');
    for (const [name, value] of Object.entries(RECORD)) await page.fill(`#undo-case-${name}`, value);
    await page.click('.d-dialog .d-primary');
    await page.waitForFunction(() => [...document.querySelectorAll('.toast')].some(({ textContent }) => textContent.includes('撤回')));
    const now = await ask(`/api/collections/areas/items/${area.properties.code}`);
    assert.deepEqual(now.geometry, area.geometry, 'as it was before');
  }),
);
