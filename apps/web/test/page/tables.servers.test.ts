import type { FreshSchema } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { freshSchema, sharedPair } from '@lockstep/servers/vitest';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openPage, startBrowser } from './support/browser.ts';
import { flavour } from './support/flavour.ts';
import { Lockstep } from './support/lockstep.ts';

let schema: FreshSchema;
let lockstep: Lockstep;
let browser: Browser;

const oddName = 'dot.ted `or not`';
const odd = `\`${oddName.replaceAll('`', '``')}\``;

beforeAll(async () => {
  const pair = await sharedPair(flavour);
  schema = await freshSchema(pair);
  for (const table of [odd, 'counted']) {
    await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES (1, 1), (2, 2)`);
  }
  await schema.caughtUp();
  [lockstep, browser] = await Promise.all([
    Lockstep.start({
      servers: { primary: pair.source, replica: pair.target },
      pairs: [{ name: 'shop', source: 'primary', target: 'replica' }],
      tables: [`${schema.name}.*`],
      // Nobody listens there.
      notifications: [{ name: 'on call at night', type: 'webhook', url: 'http://127.0.0.1:1/' }],
    }),
    startBrowser(),
  ]);
  await allMatch();
});

afterAll(async () => {
  await browser?.close();
  await lockstep?.[Symbol.asyncDispose]();
  await schema?.drop();
});

interface Listed {
  name: string;
  qualifiedName: string;
  checksum: { verdict: string } | null;
  consistency: { verdict: string } | null;
}

async function tables(): Promise<Listed[]> {
  const { pair } = await lockstep.graphql<{ pair: { tables: { nodes: Listed[] } } }>(
    '{ pair(name: "shop") { tables { nodes { name qualifiedName checksum { verdict } consistency { verdict } } } } }',
  );
  return pair.tables.nodes;
}

/** The checks that run at the start have been made. */
async function allMatch(): Promise<void> {
  await vi.waitFor(async () => {
    const verdicts = (await tables()).flatMap(({ checksum, consistency }) => [checksum, consistency]);
    expect(verdicts.map((result) => result?.verdict)).toEqual(Array(4).fill('MATCH'));
  }, patient);
}

async function check(kind: 'CHECKSUM' | 'CONSISTENCY', name: string): Promise<void> {
  const table = (await tables()).find((each) => each.name === name)?.qualifiedName;
  await lockstep.graphql(
    `mutation ($kind: CheckKind!, $tables: [String!]) {
       startRun(pair: "shop", check: $kind, tables: $tables) { __typename }
     }`,
    { kind, tables: [table] },
  );
}

/** On the target alone. */
async function plant(...statements: string[]): Promise<void> {
  const target = await schema.target.connect();
  await target.query('SET sql_log_bin = 0');
  for (const statement of statements) await target.query(statement);
  await target.end();
}

test('a table that was compared and found the same since its counts differed is said to match', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop?q=counted`);
  const row = page.getByRole('row').filter({ hasText: 'counted' });
  await plant(`DELETE FROM ${schema.sql}.counted WHERE id = 2`);
  await check('CONSISTENCY', 'counted');
  await row.getByText('Different').waitFor();
  await plant(`INSERT INTO ${schema.sql}.counted VALUES (2, 2)`);
  await check('CHECKSUM', 'counted');
  await row.getByText('Match').waitFor();
  await page.reload();
  await row.getByText('Match').waitFor();
  await row.getByRole('link').click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('paragraph').filter({ hasText: '2 rows compared, all the same' }).waitFor();
});

test('a table whose name has dots, backticks and spaces is checked, and its alert leads to it', async () => {
  const { page, complaints } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await plant(`UPDATE ${schema.sql}.${odd} SET v = 9 WHERE id = 2`);
  await page.getByRole('link', { name: oddName }).click();
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByRole('button', { name: /^Checksum/ }).click();
  await page.getByText('id = 2').waitFor();
  await page.getByText(/^Different since \d{4}-\S+ \S+ · match before, at \d{4}-/).waitFor();
  const history = page.getByRole('region', { name: 'What each run said' }).getByRole('listitem');
  await expect.poll(() => history.count()).toBe(2);
  expect(await history.first().innerText()).toContain('Different');
  expect(await history.last().innerText()).toContain('Match');
  await page.goto(`${lockstep.address}/alerts`);
  await page.getByRole('article').getByRole('link', { name: odd }).click();
  await page.getByRole('heading', { level: 1 }).filter({ hasText: oddName }).waitFor();
  await page.getByText('id = 2').waitFor();
  expect(complaints).toEqual([]);
});

test('a destination whose name has spaces gets its answer to a test', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/settings`);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('listitem').filter({ hasText: 'on call at night' }).getByText('failed').waitFor();
});
