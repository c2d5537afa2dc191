// A browser, a page that records what must not happen, and questions to the register under test.
// ONEMAP_URL names the register; without it the stand-in of mock-server.mjs answers. CHROMIUM names the browser.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { serve } from '../mock-server.mjs';

const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

let browser;
let server;
export let base = process.env.ONEMAP_URL?.replace(/\/$/, '');

export async function open() {
  if (!base) {
    server = await serve();
    base = `http://127.0.0.1:${server.port}`;
  }
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
}

export async function close() {
  await browser?.close();
  server?.close();
}

/** Runs a check on a fresh page; console errors and requests to other hosts fail it. `bare` waits for no map. */
export async function withPage({ path = '/', phone = false, bare = false, ...options }, check) {
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    hasTouch: phone,
    isMobile: phone,
    deviceScaleFactor: phone ? 2 : 1,
    locale: 'zh-CN',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => !request.url().startsWith(base) && !request.url().startsWith('data:') && faults.push(`foreign: ${request.url()}`));
  await page.goto(base + path);
  if (!bare) await settle(page);
  try {
    await check(page, faults);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

/** Waits until the map has drawn what it asked for. */
export async function settle(page) {
  await page.waitForSelector('.legend-button, .legend-chip', { state: 'attached' });
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(150);
}

export async function ask(path) {
  const response = await fetch(base + path);
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

/** The answer, or null where the register has none. */
export async function hopefully(path) {
  const response = await fetch(base + path);
  return response.ok ? response.json() : null;
}

/** The browser itself notes an answer that is a failure. */
export const forgive = (faults, word) => faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes(word)));

/** Waits for the card of that title. */
export const opened = (page, name) => page.waitForFunction((text) => document.querySelector('#card:not([hidden]) h2')?.textContent === text, name);

/** An area whose label is held by no other area, with a name that can be searched. */
export async function someArea() {
  const { features } = await ask('/api/collections/areas/items?limit=50');
  for (const { properties, bbox } of features) {
    if (!properties.label) continue;
    const [lng, lat] = properties.label;
    const found = await ask(`/api/locate?lng=${lng}&lat=${lat}`);
    if (found.areas.length === 1 && found.areas[0].code === properties.code && found.areas[0].distance_to_border_m > 10) return { ...properties, bbox };
  }
  throw new Error('no area stands alone');
}

/** How many different colours the map's area tiles hold, and how many pixels are painted. */
export function painted(page) {
  return page.evaluate(() => {
    const colours = new Set();
    let pixels = 0;
    for (const canvas of document.querySelectorAll('.leaflet-areas-pane canvas')) {
      if (canvas.width === 0) continue;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 16) {
        if (data[i + 3] < 250) continue;
        pixels++;
        colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      }
    }
    return { pixels, colours: colours.size };
  });
}

/** Where a position stands on the screen. */
export function screenPoint(page, [lng, lat]) {
  return page.evaluate(
    ([lng, lat]) => {
      const [, zoom, atLat, atLng] = /#([\d.]+)\/([\d.-]+)\/([\d.-]+)/.exec(location.hash).map(Number);
      const project = (x, y) => {
        const sin = Math.sin((y * Math.PI) / 180);
        return [((x + 180) / 360) * 256 * 2 ** zoom, (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * 256 * 2 ** zoom];
      };
      const [x, y] = project(lng, lat);
      const [cx, cy] = project(atLng, atLat);
      const box = document.getElementById('map').getBoundingClientRect();
      return { x: box.left + box.width / 2 + x - cx, y: box.top + box.height / 2 + y - cy };
    },
    [lng, lat],
  );
}
