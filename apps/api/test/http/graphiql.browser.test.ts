import { lagSample } from '@lockstep/fixture';
import { chromiumToLaunch } from '@lockstep/servers';
import { patienceMs, patient } from '@lockstep/servers/patience';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { operatorToken, type Service, startService, tokens } from '../fixture/service.ts';

let service: Service;
let browser: Browser;
let page: Page;
const complaints: string[] = [];
beforeAll(async () => {
  service = await startService({ auth: tokens });
  browser = await chromium.launch(chromiumToLaunch());
  page = await browser.newPage();
  page.setDefaultTimeout(patienceMs);
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});
afterAll(async () => {
  await browser.close();
  await service.stop();
});

test('GraphiQL sends whoever did not sign in to the page', async () => {
  const response = await service.fetch('/graphql', { headers: { accept: 'text/html' }, redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([302, '/']);
});

test('GraphiQL works without the internet, subscriptions included, under its policy', async () => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== service.address) elsewhere.push(request.url());
  });
  await page.request.post(`${service.address}/api/session`, { data: { token: operatorToken } });
  const query = encodeURIComponent('subscription { lag(pair: "orders") { lagMs } }');
  await page.goto(`${service.address}/graphql?query=${query}`);
  await page.click('.graphiql-execute-button');
  await vi.waitFor(() => expect(service.listeners()).toBe(1), patient);
  service.pubsub.publish({ type: 'lag', pair: 'orders', data: lagSample('orders', { lagMs: 4711 }) });
  await page.locator('.result-window', { hasText: '4711' }).waitFor();
  expect({ elsewhere, complaints }).toEqual({ elsewhere: [], complaints: [] });
});
