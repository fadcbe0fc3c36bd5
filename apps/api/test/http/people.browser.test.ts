import { fileURLToPath } from 'node:url';
import { chromiumToLaunch, freePort } from '@lockstep/servers';
import { patienceMs } from '@lockstep/servers/patience';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { violations } from '../../../web/test/page/support/accessibility.ts';
import { clientSecret, startProvider } from '../fixture/oidc-provider.ts';
import { startService } from '../fixture/service.ts';

const pageFolder = fileURLToPath(new URL('../../../web/build', import.meta.url));

test('a person signs in with the provider, sees what was done and by whom, and signs out', async () => {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  await using provider = await startProvider(publicUrl);
  const oidc = {
    issuer: provider.issuer,
    clientId: 'lockstep',
    clientSecret,
    scopes: ['openid', 'profile'],
    roleClaim: 'groups',
    roles: { operator: ['dba'], viewer: [], otherwise: null },
    label: 'Example Login',
    sessionMs: 3_600_000,
  };
  await using _ = await startService({
    port,
    publicUrl,
    pageFolder,
    auth: { kind: 'tokens', tokens: [], oidc },
  });
  await using browser = await chromium.launch(chromiumToLaunch());
  const page = await browser.newPage();
  page.setDefaultTimeout(patienceMs);
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));

  // What it says without the page: styled, and by nothing that its policy refuses.
  await page.goto(`${publicUrl}/oidc/callback`);
  await page.getByRole('heading', { name: 'Not signed in' }).waitFor();
  expect(await page.evaluate(() => getComputedStyle(document.body).maxWidth)).toBe('640px');
  expect(complaints.filter((text) => !text.includes('status of 400'))).toEqual([]);
  expect(await violations(page)).toEqual([]);

  await page.goto(`${publicUrl}/audit`);
  await page.getByRole('link', { name: 'Sign in with Example Login' }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await page.getByLabel('Token').count()).toBe(0);
  await page.getByRole('link', { name: 'Sign in with Example Login' }).click();

  await page.getByRole('heading', { name: 'Who did what' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/audit');
  await page.getByRole('listitem').filter({ hasText: 'anna signed in as id of anna' }).waitFor();
  const tried = page.getByRole('listitem').filter({ hasText: 'Somebody tried to sign in' });
  await tried.waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('combobox', { name: 'What' }).selectOption('Sign-outs');
  await page.getByText('Nobody has done this.').waitFor();
  await page.getByRole('combobox', { name: 'What' }).selectOption('Sign-ins');
  await page.getByRole('combobox', { name: 'When' }).selectOption('Last 24 hours');
  await tried.waitFor();
  await page.getByRole('combobox', { name: 'Person' }).selectOption('anna');
  await page.waitForURL(`${publicUrl}/audit?who=anna&what=signIn&since=day`);
  await tried.waitFor({ state: 'detached' });
  await page.getByRole('listitem').filter({ hasText: 'operator · by the provider · 127.0.0.1' }).waitFor();

  await page.goto(`${publicUrl}/settings`);
  await page.getByText('Signed in as anna, operator').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  // The provider asks whether to end its session as well.
  await page.waitForURL((url) => url.origin === provider.issuer);
});
