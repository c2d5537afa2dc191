// Contracts and filings: what of them falls due, and how the card of an area tells of them. Both at the desk and on a phone.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ask, close, open, opened, withPage } from './support.mjs';

const real = { skip: process.env.ONEMAP_URL ? false : 'needs a register' };
const DUTIES = ['contract_filing', 'early_stage_committee', 'emergency_end', 'filing_answer'];
const KINDS = { ordinary: '普通物业服务合同', early_stage: '前期物业服务合同', emergency: '应急物业服务' };
/** The day of the survey: other tests publish, and what falls due today is not what fell due then. */
const DAY = '2022-10-27';
const SIZES = [false, true];
const name = (phone) => (phone ? 'on a phone' : 'at the desk');

before(open);
after(close);

/** Pictures for people, where ONEMAP_SHOTS names a folder. */
async function shot(page, title) {
  const folder = process.env.ONEMAP_SHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${title}.png` });
}

/** Nothing sticks out of the page to the right. */
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

for (const phone of SIZES) {
  test(`each duty of contracts and filings is listed with its rule, ${name(phone)}`, real, async () => {
    const { duties } = await ask(`/api/due?limit=1&datetime=${DAY}`);
    for (const id of DUTIES) {
      const duty = duties.find((one) => one.id === id);
      const { items } = await ask(`/api/due?duty=${id}&limit=100&datetime=${DAY}`);
      assert.ok(items.length > 0, id);
      await withPage({ path: `/due?duty=${id}&on=${DAY}`, bare: true, phone }, async (page) => {
        await page.waitForSelector('.k-list tbody tr');
        assert.deepEqual(
          await page.locator('.k-list tbody th').allTextContents(),
          items.map(({ area }) => area.name),
        );
        const told = await page.locator('.k-two').textContent();
        assert.ok(told.includes(duty.title['zh-CN']) && told.includes(duty.rule['zh-CN']), id);
        assert.ok(told.includes(`第${duty.article}条`) || told.includes(String(duty.article)), id);
        assert.ok(await fits(page), `${id} sticks out`);
        await shot(page, `due-${id}-${phone ? '390' : '1440'}`);
      });
    }
  });

  test(`the card of an area tells the kind and the filing of its contract, ${name(phone)}`, real, async () => {
    const { items: owed } = await ask(`/api/due?duty=filing_answer&limit=1&datetime=${DAY}`);
    const { items: services } = await ask(`/api/due?duty=emergency_end&limit=1&datetime=${DAY}`);
    const { items: stages } = await ask(`/api/due?duty=early_stage_committee&limit=1&datetime=${DAY}`);
    for (const { area } of [...owed, ...services, ...stages]) {
      const { properties } = await ask(`/api/collections/areas/items/${area.code}`);
      await withPage({ path: `/a/${area.code}`, phone }, async (page) => {
        await opened(page, area.name);
        const card = page.locator('#card');
        const fact = async (label) => {
          const terms = card.locator('dt', { hasText: new RegExp(`^${label}$`) });
          return (await terms.count()) ? terms.first().locator('xpath=following-sibling::dd[1]').textContent() : null;
        };
        assert.equal(await fact('合同类型'), KINDS[properties.contract_kind] ?? null);
        const filed = await fact('合同备案');
        assert.equal(filed !== null, properties.contract_filed_on !== null);
        const applied = properties.committees.find(({ filing_applied_on: day }) => day);
        assert.equal((await fact('申请备案')) !== null, applied !== undefined);
        await card.locator('dt', { hasText: '合同类型' }).first().scrollIntoViewIfNeeded();
        assert.ok(await fits(page));
        await shot(page, `card-${area.code}-${phone ? '390' : '1440'}`);
      });
    }
  });
}
