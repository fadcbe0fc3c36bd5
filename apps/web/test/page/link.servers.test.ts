import { type FreshSchema, type PausingProxy, pausingProxy } from '@lockstep/servers';
import { freshSchema, sharedPair } from '@lockstep/servers/vitest';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { expectLink, openPage, startBrowser } from './support/browser.ts';
import { flavour } from './support/flavour.ts';
import { Lockstep } from './support/lockstep.ts';

let schema: FreshSchema;
let lockstep: Lockstep;
/** Between the browser and the service. */
let proxy: PausingProxy;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const pair = await sharedPair(flavour);
  schema = await freshSchema(pair);
  await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
  await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1)`);
  await schema.caughtUp();
  [lockstep, browser] = await Promise.all([
    Lockstep.start({
      servers: { primary: pair.source, replica: pair.target },
      pairs: [{ name: 'shop', source: 'primary', target: 'replica' }],
      tables: [`${schema.name}.*`],
    }),
    startBrowser(),
  ]);
  proxy = await pausingProxy(lockstep.port);
});

afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await lockstep?.[Symbol.asyncDispose]();
  await schema?.drop();
});

beforeEach(async () => {
  // Whatever a test that failed has left behind.
  proxy.resume();
  await lockstep.start();
  ({ page } = await openPage(browser, `http://127.0.0.1:${proxy.port}/`));
  await expectLink(page, 'live');
  await row().getByText('In sync').waitFor();
});

const row = () => page.getByRole('row').filter({ hasText: 'shop' });
const pill = () => page.getByTestId('connection');
const greyed = () => page.locator('main').getAttribute('data-live');

test('a link that is cut is said to be, keeps what was shown, and heals', async () => {
  await lockstep.kill();
  await expectLink(page, 'reconnecting');
  expect(await pill().innerText()).toMatch(/Reconnecting… data from \d\d:\d\d:\d\d/);
  expect(await greyed()).toBe('false');
  // Nothing goes blank, and nothing pretends to be of now.
  await row()
    .getByText(/last .+ ago/)
    .waitFor();
  await row().getByText('In sync').waitFor();

  await lockstep.start();
  await expectLink(page, 'live');
  await expect.poll(() => row().innerText()).not.toMatch(/unknown/);
  expect(await greyed()).toBe('true');
});

test('a link that hangs while it stays open is noticed, and heals', async () => {
  proxy.pause();
  await expectLink(page, 'reconnecting');
  proxy.resume();
  await expectLink(page, 'live');
});

test('without a link nothing is said to be well, and every screen still opens', async () => {
  await page.getByRole('heading', { name: 'The pair needs no attention' }).waitFor();
  await page.locator('main[data-whole="true"]').waitFor();
  proxy.pause();
  await expectLink(page, 'reconnecting');
  await page.getByRole('heading', { name: 'What needs attention now is not known' }).waitFor();
  expect(await page.locator('main').innerText()).not.toMatch(/no attention/);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  proxy.resume();
  await expectLink(page, 'live');
});

test('a link that hangs for good is given up for a new one', async () => {
  let links = 0;
  let frozen = false;
  await page.routeWebSocket(/\/graphql$/, (client) => {
    const mine = ++links;
    const isFrozen = () => frozen && mine === 1;
    const service = client.connectToServer();
    client.onMessage((message) => {
      if (!isFrozen()) service.send(message);
    });
    service.onMessage((message) => {
      if (!isFrozen()) client.send(message);
    });
  });
  await page.reload();
  await expectLink(page, 'live');
  frozen = true;
  await expect.poll(() => links).toBe(2);
  await expectLink(page, 'live');
  await expect.poll(() => row().innerText()).not.toMatch(/unknown/);
});

test('a question that is never answered is asked anew when the link comes back', async () => {
  let questions = 0;
  await page.route(/\/graphql$/, async (route) => {
    const isFleet = route.request().postData()?.includes('query Fleet') ?? false;
    // The first is left without an answer.
    if (!isFleet || ++questions > 1) await route.continue();
  });
  await page.reload();
  await expectLink(page, 'live');
  await expect.poll(() => questions).toBe(1);
  proxy.cut();
  await row().getByText('In sync').waitFor();
});

test('a run that ended while the link was lost is not shown for ever', async () => {
  const lock = await schema.target.connect();
  await lock.query(`LOCK TABLES ${schema.sql}.t WRITE`);
  await page.goto(`http://127.0.0.1:${proxy.port}/pairs/shop`);
  const { startRun } = await lockstep.graphql<{ startRun: { id: string } }>(
    'mutation { startRun(pair: "shop") { ... on Run { id } } }',
  );
  const run = page.getByTestId('run');
  await run.waitFor();
  proxy.pause();
  await expectLink(page, 'reconnecting');
  await lockstep.graphql('mutation ($id: ID!) { cancelRun(id: $id) { __typename } }', { id: startRun.id });
  await lock.end();
  proxy.cut();
  proxy.resume();
  await expectLink(page, 'live');
  await expect.poll(() => run.count()).toBe(0);
});

test('what happened while the link was lost is on the page after it came back', async () => {
  proxy.pause();
  await expectLink(page, 'reconnecting');
  await lockstep.graphql('mutation { pausePair(name: "shop") { __typename } }');
  proxy.cut();
  proxy.resume();
  await row().getByText('Paused').waitFor();
  await lockstep.graphql('mutation { resumePair(name: "shop") { __typename } }');
  await expect.poll(() => row().getByText('Paused').count()).toBe(0);
});
