import type { FreshSchema } from '@lockstep/servers';
import { freshSchema, sharedPair } from '@lockstep/servers/vitest';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from './support/accessibility.ts';
import { expectLink, openPage, startBrowser } from './support/browser.ts';
import { flavour } from './support/flavour.ts';
import { Lockstep } from './support/lockstep.ts';

const viewerToken = 'viewer-token-0123456789';
const operatorToken = 'operator-token-0123456789';

let schema: FreshSchema;
let lockstep: Lockstep;
let browser: Browser;

beforeAll(async () => {
  const pair = await sharedPair(flavour);
  schema = await freshSchema(pair);
  [lockstep, browser] = await Promise.all([
    Lockstep.start({
      servers: { primary: pair.source, replica: pair.target },
      pairs: [{ name: 'shop', source: 'primary', target: 'replica' }],
      tables: [`${schema.name}.*`],
      http: {
        auth: {
          tokens: [
            { name: 'ana', role: 'operator', token: operatorToken },
            { name: 'wall', role: 'viewer', token: viewerToken },
          ],
        },
      },
    }),
    startBrowser(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await lockstep?.[Symbol.asyncDispose]();
  await schema?.drop();
});

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('whoever is not signed in sees the form and nothing else, and a wrong token is refused', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await page.getByLabel('Token').waitFor();
  expect(await page.getByText('shop').count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await signIn(page, 'not-a-token-0123456789');
  await page.getByRole('alert').getByText('This token is not known here.').waitFor();
});

test('an operator signs in, stays on the address, may act, and signs out', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await signIn(page, operatorToken);
  await page.getByRole('heading', { name: 'shop' }).waitFor();
  await expectLink(page, 'live');
  await page.getByRole('button', { name: 'Pause checks' }).click();
  await page.getByRole('button', { name: 'Resume checks' }).click();
  await page.getByRole('button', { name: 'Pause checks' }).waitFor();

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
  // No script of the page can read what it is signed in by.
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('the settings lead to GraphiQL', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/settings`);
  await signIn(page, viewerToken);
  await page.getByRole('link', { name: 'GraphiQL' }).click();
  await page.locator('.graphiql-execute-button').waitFor();
});

test('a viewer sees everything and is told why not to touch it', async () => {
  const { page } = await openPage(browser, `${lockstep.address}/pairs/shop`);
  await signIn(page, viewerToken);
  const pause = page.getByRole('button', { name: 'Pause checks' });
  await pause.waitFor();
  expect(await pause.getAttribute('aria-disabled')).toBe('true');
  expect(await pause.getAttribute('title')).toMatch(/viewer/);
  await pause.click({ force: true });
  expect(await page.getByRole('button', { name: 'Resume checks' }).count()).toBe(0);
});
