import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Connection, FreshSchema } from '@lockstep/servers';
import { freshSchema, sharedPair } from '@lockstep/servers/vitest';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, startBrowser } from './support/browser.ts';
import { flavour } from './support/flavour.ts';
import { Lockstep } from './support/lockstep.ts';

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
/** For long enough. */
const openNow = `${inHours(-1)}–${inHours(22)}`;

let schema: FreshSchema;
let lockstep: Lockstep;
let browser: Browser;
let webhook: Server;
let writer: Connection;
let beating: ReturnType<typeof setInterval>;

beforeAll(async () => {
  const pair = await sharedPair(flavour);
  schema = await freshSchema(pair);
  await schema.source.query(
    `CREATE TABLE ${schema.sql}.heartbeat (ts varchar(26) NOT NULL, server_id int unsigned NOT NULL PRIMARY KEY)`,
  );
  await schema.source.query(
    `CREATE TABLE ${schema.sql}.files (id INT PRIMARY KEY, name VARCHAR(20), content VARBINARY(20))`,
  );
  await schema.source.query(`INSERT INTO ${schema.sql}.files VALUES (1, 'a', 'grün'), (2, 'é', 'same')`);
  await schema.caughtUp();
  const target = await schema.target.connect();
  await target.query('SET NAMES utf8mb4, sql_log_bin = 0');
  await target.query(`UPDATE ${schema.sql}.files SET content = 'grau' WHERE id = 1`);
  await target.query(`UPDATE ${schema.sql}.files SET name = 'è' WHERE id = 2`);
  await target.end();

  writer = await schema.source.connect();
  beating = setInterval(() => {
    const ts = new Date().toISOString().replace('Z', '000');
    writer.query(`REPLACE INTO ${schema.sql}.heartbeat VALUES (?, 7)`, [ts]).catch(() => undefined);
  }, 200);

  webhook = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => webhook.once('listening', resolve));
  const { port } = webhook.address() as AddressInfo;
  [lockstep, browser] = await Promise.all([
    Lockstep.start({
      servers: { primary: pair.source, replica: pair.target },
      pairs: [
        {
          name: 'shop',
          source: 'primary',
          target: 'replica',
          heartbeat: { table: `${schema.name}.heartbeat`, interval: '200ms' },
          checks: { timeZone: 'UTC', consistency: { window: openNow } },
        },
      ],
      tables: [`${schema.name}.files`],
      notifications: [{ name: 'on-call', type: 'webhook', url: `http://127.0.0.1:${port}/` }],
    }),
    startBrowser(),
  ]);
});

afterAll(async () => {
  clearInterval(beating);
  await browser?.close();
  await lockstep?.[Symbol.asyncDispose]();
  await writer?.end();
  webhook?.close();
  await schema?.drop();
});

test('the chart is saved as a picture that can stand alone', async () => {
  const { page, complaints } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await expect.poll(() => page.getByTestId('lag-chart').getAttribute('data-bins')).not.toBeNull();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'PNG' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('lag-shop.png');
  const file = await buffer(await download.createReadStream());
  expect(file.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  expect(width).toBeGreaterThan(800);
  expect(height).toBeGreaterThan(300);
  // What is written above the chart is in it: ink on the ground, in the first rows.
  const viewer = await browser.newPage();
  const shades = await viewer.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    pen?.drawImage(bitmap, 0, 0);
    const head = pen?.getImageData(0, 0, bitmap.width, 40).data ?? [];
    return new Set(Array.from({ length: head.length / 4 }, (_, i) => head[i * 4])).size;
  }, file.toString('base64'));
  expect(shades).toBeGreaterThan(3);
  expect(complaints).toEqual([]);
});

test('values are shown as text and as hex, and the address keeps which', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop/tables/${schema.name}/files`);
  const binary = page.getByRole('article').filter({ hasText: 'id = 1' }).getByRole('row').last();
  const text = page.getByRole('article').filter({ hasText: 'id = 2' }).getByRole('row').last();
  await expect.poll(() => binary.innerText()).toMatch(/hex\s*6772C3BC6E\s+hex\s*67726175/);
  expect(await text.innerText()).toMatch(/é\s+è/);
  await page.getByRole('button', { name: 'As text' }).click();
  await expect.poll(() => binary.innerText()).toMatch(/UTF-8\s*grün\s+UTF-8\s*grau/);
  await page.getByRole('button', { name: 'As hex' }).click();
  await expect.poll(() => text.innerText()).toMatch(/hex\s*C3A9\s+hex\s*C3A8/);
  expect(new URL(page.url()).searchParams.get('values')).toBe('hex');
  await page.getByRole('button', { name: 'As they are' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('');
});

test('it is said when each check runs next, and in which window', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await page.getByText(/Checksum next in \d+ m/).waitFor();
  await page.getByText(new RegExp(`Row counts next in \\d+ m, between ${openNow} UTC`)).waitFor();
  await page.goto(`${lockstep.address}/settings`);
  const schedules = page.getByRole('group', { name: 'Schedules' });
  await schedules.getByRole('row', { name: /shop Checksum every 1 h any time in/ }).waitFor();
  const counts = new RegExp(`shop Row counts every 1 h ${openNow} UTC open, closes in`);
  await schedules.getByRole('row', { name: counts }).waitFor();
});

test('an alert tells who was told of it', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/alerts`);
  const alert = page.getByRole('article').filter({ hasText: 'files' });
  await expect
    .poll(async () => {
      await page.reload();
      await alert.getByText(/^(Who was told|Told in)/).click();
      return alert.getByRole('listitem').first().innerText();
    })
    .toMatch(/^on-call: firing, critical, arrived \d{4}-/);
});

test('all alerts of a pair are silenced at once, after they were shown, and the silence undone', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  const firing = page.getByRole('region', { name: 'Firing alerts of this pair' });
  await firing.getByRole('article').filter({ hasText: 'files' }).waitFor();
  await page.getByRole('button', { name: 'Silence' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('listitem')
    .filter({ hasText: `${schema.name}.files` })
    .waitFor();
  await dialog.getByRole('button', { name: 'Silence' }).click();
  const silence = page.getByRole('button', { name: 'Silence' }).first();
  await expect.poll(() => silence.getAttribute('aria-disabled')).toBe('true');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => silence.getAttribute('aria-disabled')).toBeNull();
});

test('a test is sent to every destination, and what became of it shown', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/settings`);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('listitem').filter({ hasText: 'on-call' }).getByText('arrived').waitFor();
  webhook.closeAllConnections();
  await new Promise((resolve) => webhook.close(resolve));
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('listitem').filter({ hasText: 'on-call' }).getByText('failed').waitFor();
});

test('settings can be read on a phone', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/settings`, {
    viewport: { width: 390, height: 844 },
  });
  const name = page.getByRole('cell', { name: 'pairs.shop.checks.checksum.enabled' });
  await name.waitFor();
  const box = await name.boundingBox();
  // On one line: no column is squeezed until its words break.
  expect(box?.height).toBeLessThan(30);
});

test('a heartbeat is shown beside the lag, and is unknown once nobody writes it, while the lag is known', async () => {
  const { page, complaints } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  const byHeartbeat = page.getByTestId('heartbeat-lag');
  await expect.poll(() => byHeartbeat.innerText()).toMatch(/^0 – (\d\.\d|\d+) s$/);
  await expect.poll(() => page.getByTestId('server-lag').innerText()).toBe('0 s');
  clearInterval(beating);
  await expect.poll(() => byHeartbeat.innerText()).toBe('unknown');
  await expect.poll(() => page.getByTestId('tiles').locator('dd').first().innerText()).toBe('0 s');
  await page.getByRole('link', { name: 'Replication' }).click();
  await page
    .getByText(/the heartbeat on primary has not been written for/)
    .last()
    .waitFor();
  await page.getByText(`${schema.name}.heartbeat`).waitFor();
  expect(complaints).toEqual([]);
});
