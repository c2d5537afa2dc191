// Measures the first paint of the district with a cold cache on throttled lines. Not a test: it asserts nothing.
//   ONEMAP_URL=http://127.0.0.1:8080 npm run paint
import { chromium } from 'playwright-core';

const RUNS = 5;
const LINES = [
  { name: '9 Mbit/s, 60 ms', latency: 60, bytesPerSecond: 9_000_000 / 8 },
  { name: '1.6 Mbit/s, 150 ms', latency: 150, bytesPerSecond: 1_600_000 / 8 },
];
const WINDOWS = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

const base = process.env.ONEMAP_URL ?? 'http://127.0.0.1:8080';
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

async function once(line, viewport) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Network.emulateNetworkConditions', {
    offline: false, latency: line.latency, downloadThroughput: line.bytesPerSecond, uploadThroughput: line.bytesPerSecond,
  });
  let bytes = 0;
  let lastTile = 0;
  const asked = new Map();
  client.on('Network.requestWillBeSent', (event) => asked.set(event.requestId, event.request.url));
  client.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength;
    if (asked.get(event.requestId)?.includes('/tiles/areas/')) lastTile = Date.now();
  });
  const started = Date.now();
  await page.goto(base);
  await page.waitForLoadState('networkidle');
  // Two frames after the last tile has come, it is drawn.
  const frames = await page.evaluate(() => new Promise((done) => {
    const from = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - from)));
  }));
  await context.close();
  return { milliseconds: lastTile - started + frames, bytes };
}

console.log('| line | window | all areas drawn | bytes before |');
console.log('|---|---|---|---|');
for (const line of LINES) {
  for (const viewport of WINDOWS) {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await once(line, viewport));
    const seconds = median(runs.map((run) => run.milliseconds)) / 1000;
    const kilobytes = median(runs.map((run) => run.bytes)) / 1000;
    console.log(`| ${line.name} | ${viewport.width}x${viewport.height} | ${seconds.toFixed(2)} s | ${kilobytes.toFixed(0)} KB |`);
  }
}
await browser.close();
