// A browser, a page that records what must not happen, and questions to the register under test.
// ONEMAP_URL names the register; without it the stand-in of mock-server.mjs answers. CHROMIUM names the browser.
// ONEMAP_E2E_PASSWORD is the password of the accounts e2e-clerk, e2e-district, e2e-officer,
// e2e-officer-two, e2e-auditor and e2e-admin of a register that
// has sessions: every page and every question is then the clerk's, but where a test names somebody else.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { PASSWORD } from '../mock-access.mjs';
import { serve } from '../mock-server.mjs';

const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

let browser;
let server;
export let base = process.env.ONEMAP_URL?.replace(/\/$/, '');

/** The name and the password of an account of that role. */
export const credentials = (role) => (process.env.ONEMAP_URL ? { name: `e2e-${role}`, password: process.env.ONEMAP_E2E_PASSWORD } : { name: role, password: PASSWORD });
/** Whether somebody can sign in. */
export let sessions = false;
const cookies = new Map();

/** The cookie of somebody of that role, null for nobody. One session serves all tests of a file. */
async function cookieOf(role) {
  if (!sessions || role === null) return null;
  if (!cookies.has(role)) {
    const answer = await fetch(`${base}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(credentials(role)) });
    assert.equal(answer.status, 200, `${role} signs in`);
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(answer.headers.getSetCookie()[0]);
    cookies.set(role, { name, value });
  }
  return cookies.get(role);
}

export const open = () => openWith({});

/** `standIn` are the options of the stand-in, which answers where no register is named. */
export async function openWith(standIn) {
  if (base) sessions = Boolean(process.env.ONEMAP_E2E_PASSWORD);
  else {
    server = await serve(0, standIn);
    base = `http://127.0.0.1:${server.port}`;
    sessions = standIn.sessions === true;
  }
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
}

export async function close() {
  await browser?.close();
  server?.close();
}

/** Runs a check on a fresh page; console errors and requests to other hosts fail it. `bare` waits for no map, `as` names who is signed in. */
export async function withPage({ path = '/', phone = false, bare = false, as = 'clerk', ...options }, check) {
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    hasTouch: phone,
    isMobile: phone,
    deviceScaleFactor: phone ? 2 : 1,
    locale: 'zh-CN',
    reducedMotion: 'reduce',
    ...options,
  });
  const cookie = await cookieOf(as);
  if (cookie) await context.addCookies([{ ...cookie, url: base }]);
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

/** A request of somebody of that role, null for nobody. */
export async function send(path, { as = 'clerk', headers = {}, ...request } = {}) {
  const cookie = await cookieOf(as);
  return fetch(base + path, { ...request, headers: { ...headers, ...(cookie && { cookie: `${cookie.name}=${cookie.value}` }) } });
}

export async function ask(path, as = 'clerk') {
  const response = await send(path, { as });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

/** The answer, or null where the register has none. */
export async function hopefully(path) {
  const response = await send(path);
  return response.ok ? response.json() : null;
}

/** The browser itself notes an answer that is a failure. */
export const forgive = (faults, word) => faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes(word)));

/** What the map of a register must be labelled with. */
export const labelOf = ({ map_approval_number: number, map, demo }) => number ?? map?.label ?? (demo ? '示意 · 演示' : '内部使用');

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
