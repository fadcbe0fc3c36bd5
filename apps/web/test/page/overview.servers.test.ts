import { gzipSync } from 'node:zlib';
import type { FreshSchema } from '@lockstep/servers';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { freshSchema, sharedPair } from '@lockstep/servers/vitest';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { violations } from './support/accessibility.ts';
import { expectLink, openPage, startBrowser } from './support/browser.ts';
import { flavour } from './support/flavour.ts';
import { Lockstep } from './support/lockstep.ts';

let schema: FreshSchema;
let lockstep: Lockstep;
let browser: Browser;

beforeAll(async () => {
  const pair = await sharedPair(flavour);
  schema = await freshSchema(pair);
  await schema.source.query(
    `CREATE TABLE ${schema.sql}.orders (id INT PRIMARY KEY, status VARCHAR(20), note VARCHAR(50))`,
  );
  await schema.source.query(
    `INSERT INTO ${schema.sql}.orders
     WITH RECURSIVE n AS (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i, 'paid', 'x' FROM n`,
  );
  await schema.source.query(`CREATE TABLE ${schema.sql}.customers (id INT PRIMARY KEY, name VARCHAR(50))`);
  await schema.source.query(`INSERT INTO ${schema.sql}.customers VALUES (1, 'Ana'), (2, 'Ben')`);
  await schema.caughtUp();
  [lockstep, browser] = await Promise.all([
    Lockstep.start({
      servers: { primary: pair.source, replica: pair.target },
      pairs: [{ name: 'shop', source: 'primary', target: 'replica' }],
      tables: [`${schema.name}.*`],
    }),
    startBrowser(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await lockstep?.[Symbol.asyncDispose]();
  await schema?.drop();
});

async function checksum(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByRole('button', { name: /^Checksum/ }).click();
}

async function underWay(): Promise<string[]> {
  const query = '{ runs(pair: "shop", first: 20) { nodes { id state } } }';
  const { runs } = await lockstep.graphql<{ runs: { nodes: { id: string; state: string }[] } }>(query);
  const over = ['FINISHED', 'CANCELLED', 'FAILED'];
  return runs.nodes.filter(({ state }) => !over.includes(state)).map(({ id }) => id);
}

test('a pair in sync is shown in sync, with its lag and its verified tables', async () => {
  const { page, complaints, elsewhere } = await openPage(browser, lockstep.address);
  await expectLink(page, 'live');
  const row = page.getByRole('row').filter({ hasText: 'shop' });
  await row.getByText('In sync').waitFor();
  await row.getByText('of 2 tables match').waitFor();
  await expect.poll(() => row.innerText()).toMatch(/2 of 2 tables match/);
  await expect.poll(() => row.innerText()).toMatch(/\b0 s\b/);
  await page.getByRole('heading', { name: 'The pair needs no attention' }).waitFor();
  expect(await page.title()).toBe('Lockstep');
  expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
});

test('the page follows the configuration while it is open: a pair comes, and goes with a word', async () => {
  const { page, complaints } = await openPage(browser, lockstep.address);
  await expectLink(page, 'live');
  await page.evaluate(() => document.body.setAttribute('data-not-loaded-again', ''));
  const pair = (name: string) => ({ name, source: 'primary', target: 'replica' });
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  // A word goes after a while: it is waited for from before it comes.
  const word = async (text: string, change: () => Promise<void>) => {
    const said = page.getByText(`The configuration was changed: ${text}.`).waitFor();
    await Promise.all([said, change()]);
  };
  onTestFinished(() => lockstep.configure({}));
  await word('spare is watched from now on', () =>
    lockstep.configure({ pairs: [pair('shop'), pair('spare')] }),
  );
  await row('spare').getByText('In sync').waitFor();
  await row('spare').getByRole('link').first().click();
  await page.getByRole('heading', { name: 'spare' }).waitFor();
  await word('spare is not watched any more', () => lockstep.configure({}));
  await page.getByRole('heading', { name: 'There is no pair named spare' }).waitFor();
  await page.getByText('taken out of the configuration').waitFor();
  await page.getByRole('link', { name: 'Overview' }).last().click();
  await row('shop').getByText('In sync').waitFor();
  expect(await row('spare').count()).toBe(0);
  expect(await page.locator('[data-not-loaded-again]').count()).toBe(1);
  expect(complaints).toEqual([]);
});

test('the first view takes at most 150 KiB of scripts, gzipped', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  // What comes some seconds later, as the other screens do, is none of the first view, however late that is.
  await page.addInitScript(() => {
    const soon = window.setTimeout;
    const never = (then: () => void, ms?: number) => (ms !== undefined && ms >= 1_000 ? 0 : soon(then, ms));
    window.setTimeout = never as typeof window.setTimeout;
  });
  const scripts: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.body());
  });
  await page.goto(lockstep.address);
  await page.getByRole('row').filter({ hasText: 'shop' }).waitFor();
  const sizes = (await Promise.all(scripts)).map((body) => gzipSync(body).length);
  expect(sizes.length).toBeGreaterThan(5);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150 * 1024);
  await context.close();
});

test('a planted difference is found, counted in the title, and its row shown with what differs', async () => {
  const { page, complaints } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  const target = await schema.target.connect();
  await target.query('SET sql_log_bin = 0');
  await target.query(`UPDATE ${schema.sql}.orders SET status = 'paid ', note = NULL WHERE id = 7`);
  await target.query(`DELETE FROM ${schema.sql}.orders WHERE id = 9`);
  await target.end();

  await checksum(page);
  const table = page.getByRole('row').filter({ hasText: 'orders' });
  await table.getByText('2 rows: 1 changed, 1 missing').waitFor();
  await expect.poll(() => page.title()).toBe('(1) shop · Lockstep');

  await table.getByRole('link').click();
  const changed = page.getByRole('article').filter({ hasText: 'id = 7' });
  await changed.getByText('NULL', { exact: true }).waitFor();
  expect(await changed.getByRole('row').filter({ hasText: 'status' }).innerText()).toMatch(/paid·/);
  await changed.getByText(/Confirmed in \d+ rounds/).click();
  expect(await changed.getByRole('table').last().getByRole('row').count()).toBeGreaterThanOrEqual(4);
  await page.getByRole('article').filter({ hasText: 'id = 9' }).waitFor();
  expect(await page.getByRole('heading', { name: /Missing on the target/ }).count()).toBe(1);

  await page.getByRole('button', { name: 'Repair SQL' }).click();
  const sql = page.getByRole('dialog').getByLabel('SQL');
  await expect.poll(() => sql.innerText()).toMatch(/INSERT INTO .*orders/);
  expect(await sql.innerText()).toMatch(/UPDATE .*orders/);
  expect(complaints).toEqual([]);
});

test('an alert is acknowledged with a note, silenced, and the silence undone', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/alerts`);
  const alert = page.getByRole('article').filter({ hasText: 'orders' });
  await alert.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByLabel('Note').fill('known, will be copied again');
  await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
  await alert.getByText('known, will be copied again').waitFor();

  await alert.getByRole('button', { name: 'Silence' }).click();
  await page.getByRole('dialog').getByText('30 minutes').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Silence' }).click();
  await page.getByText('Nothing is firing.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await alert.waitFor();
  expect(await page.getByRole('link', { name: /^Firing/ }).innerText()).toMatch(/1$/);
});

test('a silence by pattern is previewed, seen on the overview, ended, and an acknowledgement taken back', async () => {
  const { page, complaints } = await openPage(browser, `${lockstep.address}/alerts?view=silenced`);
  await page.getByRole('button', { name: 'New silence' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Say which alerts:').waitFor();
  await dialog.getByLabel('Table').fill(`${schema.name}.ord*`);
  await dialog.getByText('Fits 1 alert now, 1 in the last week.').waitFor();
  await dialog.getByLabel('Note').fill('copied again tonight');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Silence' }).click();
  const silence = page.getByRole('listitem').filter({ hasText: 'copied again tonight' });
  await silence.getByText('Holds').waitFor();
  await page.getByRole('article').filter({ hasText: 'by a silence or maintenance' }).waitFor();
  expect(await violations(page)).toEqual([]);

  await page.goto(lockstep.address);
  const seen = page.getByRole('region', { name: 'Silences' });
  await seen.getByText('copied again tonight').waitFor();
  await seen.getByRole('link', { name: '1 alert silenced' }).click();
  await silence.getByRole('button', { name: 'End' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await silence.getByText('Holds').waitFor();
  await silence.getByRole('button', { name: 'End' }).click();
  await silence.getByText('ended by').waitFor();

  await page.getByRole('link', { name: /^Firing/ }).click();
  const alert = page.getByRole('article').filter({ hasText: 'orders' });
  await alert.getByRole('button', { name: 'Take back' }).click();
  await alert.getByRole('button', { name: 'Acknowledge' }).waitFor();
  await alert.getByRole('link', { name: 'Chart of that time' }).click();
  await expect.poll(() => page.url()).toMatch(/pairs\/shop\?from=20.*&to=20/);
  expect(complaints).toEqual([]);
});

test('lists are filtered, sorted and searched by their address, and put what is chosen there', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop?order=name&q=${schema.name}`);
  const search = () => new URL(page.url()).search;
  const tables = async () => {
    const rows = await page.getByRole('row').filter({ hasText: schema.name }).allInnerTexts();
    return rows.map((row) => /customers|orders/.exec(row)?.[0]);
  };
  await expect.poll(tables).toEqual(['customers', 'orders']);
  await page.getByLabel('Sort tables').selectOption('Worst first');
  await expect.poll(tables).toEqual(['orders', 'customers']);
  await page.getByRole('button', { name: /^Not the same 1/ }).click();
  await expect.poll(tables).toEqual(['orders']);
  expect(search()).toBe(`?q=${schema.name}&verdict=wrong`);
  await page.reload();
  await expect.poll(tables).toEqual(['orders']);

  await page.goto(`${lockstep.address}/?show=stopped&q=nothing`);
  await page.getByText('No pair fits.').waitFor();
  expect(await page.getByRole('button', { name: 'Stopped 0' }).getAttribute('aria-pressed')).toBe('true');
  await page.getByRole('button', { name: 'Show all 1' }).click();
  await page.getByRole('row').filter({ hasText: 'shop' }).waitFor();
  await expect.poll(search).toBe('');

  await page.goto(`${lockstep.address}/alerts?severity=INFO`);
  await page.getByText('None of 1 fits the filter.').waitFor();
  await page.getByRole('button', { name: 'All severities' }).click();
  await page.getByRole('article').filter({ hasText: 'orders' }).waitFor();
  await page.getByLabel('Filter alerts').fill('no such alert');
  await page.getByText('None of 1 fits the filter.').waitFor();
  expect(search()).toBe('?q=no+such+alert');
});

test('a refusal of the service is shown in its words', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await page.getByRole('button', { name: 'Pause checks' }).click();
  await page.getByRole('button', { name: 'Resume checks' }).waitFor();
  await checksum(page);
  await page.getByRole('status').getByText('pair shop is paused; resume it before checking it').waitFor();
  await page.getByRole('button', { name: 'Resume checks' }).click();
  await page.getByRole('button', { name: 'Pause checks' }).waitFor();
});

test('a run is shown while it works, and ends when it is cancelled', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop?tab=runs`);
  // What the schedule began has its own panel, and may end under the click.
  await expect.poll(underWay).toEqual([]);
  const lock = await schema.target.connect();
  onTestFinished(() => lock.end());
  await lock.query(`LOCK TABLES ${schema.sql}.orders WRITE`);
  const run = page.getByRole('region', { name: 'Checksum under way' });
  // A lock is waited for a few seconds only: on a busy machine a run may end by itself before the click comes,
  // or between the click and the service that it asks.
  await vi.waitFor(async () => {
    await checksum(page);
    const soon = { timeout: unhurriedMs };
    await run.getByText('Checking').waitFor(soon);
    await run.getByRole('progressbar').waitFor(soon);
    await run.getByRole('button', { name: 'Cancel' }).click(soon);
    await page.getByRole('listitem').filter({ hasText: 'Cancelled' }).waitFor(soon);
  }, patient);
  await expect.poll(() => run.count()).toBe(0);
});

test('the keys move through rows, filter, and explain themselves', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await page.getByRole('row').filter({ hasText: 'customers' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  expect(await focused()).toContain('customers');
  await page.keyboard.press('/');
  await page.keyboard.type('orders');
  await expect.poll(() => page.getByRole('row').filter({ hasText: 'customers' }).count()).toBe(0);
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('orders');
  await page.keyboard.press('Escape');
  await page.getByRole('row').filter({ hasText: 'customers' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
});

describe('every screen', () => {
  const screens = () => [
    '/',
    '/pairs/shop',
    '/pairs/shop?tab=runs',
    '/pairs/shop?tab=events',
    '/pairs/shop?tab=replication',
    `/pairs/shop/tables/${schema.name}/orders`,
    '/topology',
    '/alerts',
    '/alerts?view=history',
    '/settings',
    '/nowhere',
  ];

  async function visit(page: Page, path: string): Promise<void> {
    await page.goto(lockstep.address + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[data-skeleton]').count()).toBe(0);
  }

  test.each(['light', 'dark'] as const)('passes the accessibility rules in the %s', async (colorScheme) => {
    const { page } = await openPage(browser, lockstep.address, { colorScheme });
    const found: string[] = [];
    for (const path of screens()) {
      await visit(page, path);
      found.push(...(await violations(page)).map((each) => `${path}: ${each}`));
    }
    expect(found).toEqual([]);
  });

  test('fits a phone without scrolling sideways', async () => {
    const { page } = await openPage(browser, lockstep.address, { viewport: { width: 390, height: 844 } });
    const wide: string[] = [];
    for (const path of screens()) {
      await visit(page, path);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) wide.push(`${path} by ${over} px`);
    }
    expect(wide).toEqual([]);
  });
});
