import { fileURLToPath } from 'node:url';
import { lagSample } from '@lockstep/fixture';
import { chromiumToLaunch, findNginx, type Nginx, startNginx } from '@lockstep/servers';
import { patienceMs, patient } from '@lockstep/servers/patience';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Service, type ServiceOptions, startService } from '../fixture/service.ts';

const pageFolder = fileURLToPath(new URL('../../../web/build', import.meta.url));

/** A machine without it runs none of these: the suite says so. */
const behindNginx = test.runIf(await findNginx().catch(() => null));

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(chromiumToLaunch());
});
afterAll(() => browser.close());

interface Setting {
  service: Service;
  port: number;
  page: Page;
}

/** A page of a browser's, with nginx between it and the service. `locations` is told where the service is. */
async function behind(
  locations: (service: string) => string,
  options: ServiceOptions,
  act: (setting: Setting) => Promise<void>,
  tls = false,
): Promise<void> {
  await using service = await startService({ pageFolder, trustedProxies: ['127.0.0.1'], ...options });
  await using nginx: Nginx = await startNginx(locations(new URL(service.address).origin), { tls });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await act({ service, port: nginx.port, page });
  } finally {
    await context.close();
  }
}

const live = (page: Page) => page.locator('[data-testid=connection][data-state=live]').waitFor();
const host = 'proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';
const upgrade =
  'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;';

behindNginx.each([
  ['passes it on', ''],
  ['takes it away', '/'],
])('the page is live below a path of its own, where nginx %s', async (_, slash) => {
  await behind(
    (service) => `location /ops/lockstep${slash} { proxy_pass ${service}${slash}; ${host} ${upgrade} }`,
    { basePath: '/ops/lockstep' },
    async ({ port, page }) => {
      await page.goto(`http://127.0.0.1:${port}/ops/lockstep/`);
      await live(page);
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/ops/lockstep/settings');
      await page.reload();
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      await live(page);
    },
  );
});

behindNginx(
  'where nginx lets no WebSocket through, the page goes on over plain HTTP and says so',
  async () => {
    await behind(
      (service) => `location / { proxy_pass ${service}; ${host} }`,
      {},
      async ({ port, page }) => {
        await page.goto(`http://127.0.0.1:${port}/`);
        await page.getByText('lets no WebSocket through').waitFor();
        await live(page);
      },
    );
  },
);

behindNginx.each([
  ['nor WebSockets', ''],
  ['but WebSockets', upgrade],
])('where nginx does not pass on the Host %s, the page says that it has to', async (_, headers) => {
  await behind(
    (service) => `location / { proxy_pass ${service}; ${headers} }`,
    {},
    async ({ port, page }) => {
      await page.goto(`http://localhost:${port}/`);
      await page.getByText('a proxy between passes the Host header on').first().waitFor();
      await page.getByText(`The page is of http://localhost:${port}`).first().waitFor();
    },
  );
});

behindNginx('where nginx passes on a Host of its own, the page says that the name is not known', async () => {
  await behind(
    (service) =>
      `location / { proxy_pass ${service}; proxy_set_header Host upstream.example.com; ${upgrade} }`,
    {},
    async ({ port, page }) => {
      await page.goto(`http://localhost:${port}/`);
      await page.getByText('upstream.example.com').first().waitFor();
      await page.getByText('allowedOrigins').first().waitFor();
    },
  );
});

behindNginx('with TLS in front the page is live', async () => {
  await behind(
    (service) => `location / { proxy_pass ${service}; ${host} ${upgrade} }`,
    {},
    async ({ port, page }) => {
      await page.goto(`https://localhost:${port}/`);
      await live(page);
    },
    true,
  );
});

behindNginx('what a subscription tells over server-sent events comes through when it happens', async () => {
  await using service = await startService();
  await using nginx = await startNginx(
    `location / { proxy_pass ${new URL(service.address).origin}; ${host} }`,
  );
  const leaving = new AbortController();
  const query = encodeURIComponent('subscription { lag(pair: "orders") { lagMs } }');
  const answer = await fetch(`http://127.0.0.1:${nginx.port}/graphql?query=${query}`, {
    headers: { accept: 'text/event-stream' },
    signal: leaving.signal,
  });
  let heard = '';
  let tell = 1;
  for await (const bytes of answer.body ?? []) {
    heard += Buffer.from(bytes).toString();
    if (!heard.includes(`"lagMs":${tell - 1}}`)) continue;
    if (tell > 3) break;
    service.pubsub.publish({
      type: 'lag',
      pair: 'orders',
      data: lagSample('orders', { lagMs: tell++ }),
    });
  }
  expect(heard).toContain('"lagMs":3}');
  leaving.abort();
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});

test('a page that is open while nginx begins to pass another name is told why nothing is answered any more', async () => {
  await using service = await startService({ pageFolder, trustedProxies: ['127.0.0.1'] });
  const { origin } = new URL(service.address);
  const as = (headers: string) => `location / { proxy_pass ${origin}; ${headers} ${upgrade} }`;
  const first = await startNginx(as(host));
  const { port } = first;
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(`http://127.0.0.1:${port}/`);
    await live(page);
    await first[Symbol.asyncDispose]();
    await using _other = await startNginx(as('proxy_set_header Host db.example.com;'), { port });
    await page.getByText('The service is not known by this host name').waitFor();
    await _other[Symbol.asyncDispose]();
    await using _again = await startNginx(as(host), { port });
    await live(page);
    await page.getByText('The service is not known by this host name').waitFor({ state: 'detached' });
  } finally {
    await context.close();
  }
});
