import { type OwnPair, startPair, startReplica, stopReplica } from '@lockstep/servers';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, startBrowser } from './support/browser.ts';
import { flavour } from './support/flavour.ts';
import { Lockstep } from './support/lockstep.ts';

/** Servers of its own: these tests stop them. */
let pair: OwnPair;
let lockstep: Lockstep;
let browser: Browser;

beforeAll(async () => {
  [pair, browser] = await Promise.all([startPair({ flavour }), startBrowser()]);
  await pair.source.query('CREATE DATABASE d');
  await pair.source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
  lockstep = await Lockstep.start({
    servers: { primary: pair.source, replica: pair.target },
    pairs: [{ name: 'shop', source: 'primary', target: 'replica' }],
    tables: ['d.*'],
  });
});

afterAll(async () => {
  await browser?.close();
  await lockstep?.[Symbol.asyncDispose]();
  await pair?.remove();
});

test('lag rises on the page as it does on the servers, without a reload, and falls again', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  const tiles = page.getByTestId('tiles');
  await tiles.getByText('0 s', { exact: true }).first().waitFor();
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));

  await stopReplica(pair.target, 'sql');
  await pair.source.query('INSERT INTO d.t VALUES (1)');
  await page.getByRole('heading', { name: 'shop' }).locator('..').getByText('Stopped').waitFor();
  const shown = async () => Number.parseFloat(await tiles.locator('dd').first().innerText());
  await expect.poll(shown).toBeGreaterThan(2);
  const before = await shown();
  await expect.poll(shown).toBeGreaterThan(before + 1);
  await tiles.getByText('stopped').waitFor();
  await expect.poll(() => page.title()).toMatch(/^\(\d\) shop/);

  await startReplica(pair.target, 'sql');
  await expect.poll(shown).toBe(0);
  await page.getByRole('heading', { name: 'shop' }).locator('..').getByText('In sync').waitFor();
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
});

test('samples are drawn while they come, and the table for readers has them', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  const bins = async () => Number(await page.getByTestId('lag-chart').getAttribute('data-bins'));
  await expect.poll(bins).toBeGreaterThan(0);
  await page.getByText('Show as table').click();
  const table = page.getByRole('table', { name: /Lag over time/ });
  await expect.poll(() => table.getByRole('row').count()).toBeGreaterThan(10);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).first().click();
  expect((await download).suggestedFilename()).toBe('lag-shop.csv');
});

test('dragging over the chart puts the stretch into the address, and a double click goes back', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop?range=1h`);
  await expect.poll(() => page.getByTestId('lag-chart').getAttribute('data-bins')).not.toBeNull();
  const plot = page.locator('.u-over');
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  if (!box) throw new Error('the plot has no place');
  await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.getByText('Back to live').waitFor();
  const { searchParams } = new URL(page.url());
  const length = Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
  expect(length / 60_000).toBeGreaterThan(23);
  expect(length / 60_000).toBeLessThan(25);
  await plot.dblclick();
  await expect.poll(() => new URL(page.url()).search).toBe('?range=1h');
});

test('a source that is gone makes the lag unknown, with its last value and age, never zero', async () => {
  const { page } = await openPage(browser, lockstep.address);
  const row = page.getByRole('row').filter({ hasText: 'shop' });
  await row.getByText('In sync').waitFor();
  await pair.source.kill9();
  await expect.poll(() => row.innerText()).toMatch(/unknown\s+last .+ ago/i);
  await row.getByText('Unknown', { exact: true }).waitFor();
  await row.getByText('no contact').waitFor();
  await page.getByRole('heading', { name: 'The pair needs attention' }).waitFor();
  await pair.source.start();
  await row.getByText('In sync').waitFor();
});
