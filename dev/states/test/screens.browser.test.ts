import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPage } from '@lockstep/demo/src/build-page.ts';
import { findChromium } from '@lockstep/servers';
import { patienceMs, patient } from '@lockstep/servers/patience';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

/** What the page shows of what no server of a test can be brought to show. */
describe.runIf(findChromium())('the page', () => {
  const cleanup = new AsyncDisposableStack();
  const shown = [
    'all-is-well',
    'pair-states',
    'verdicts',
    'runs',
    'alerts',
    'many-pairs',
    'bad-import',
    'topology',
  ];
  let addresses: Map<string, string>;
  let browser: Browser;

  beforeAll(async () => {
    // Before it is waited for: a build takes as long as it takes.
    await buildPage();
    addresses = await serve(shown);
    browser = await chromium.launch({
      executablePath: findChromium() ?? '',
      timeout: patienceMs,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    cleanup.defer(() => browser.close());
  });
  afterAll(() => cleanup.disposeAsync());

  /** `npm run states` in a process of its own. Resolves with the address of each scene, by name. */
  async function serve(names: string[]): Promise<Map<string, string>> {
    const main = join(import.meta.dirname, '../src/main.ts');
    const child = spawn(process.execPath, [main, ...names], { stdio: ['ignore', 'pipe', 'pipe'] });
    cleanup.defer(async () => {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    return vi.waitFor(() => {
      if (!output.includes('Open http')) throw new Error(`it said so far:\n${output}`);
      return new Map(
        [...output.matchAll(/\] (\S+) {2,}(http:\S+)/g)].map(([, name = '', url = '']) => [name, url]),
      );
    }, patient);
  }

  async function open(scene: string, path: string, width = 1440, hasTouch = false): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width, height: width < 500 ? 844 : 900 },
      reducedMotion: 'reduce',
      timezoneId: 'Asia/Tokyo',
      hasTouch,
    });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(new URL(path, addresses.get(scene)).href);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[data-skeleton]').count()).toBe(0);
    return page;
  }

  const params = (page: Page) => new URL(page.url()).searchParams;
  const span = (page: Page) =>
    Date.parse(params(page).get('to') ?? '') - Date.parse(params(page).get('from') ?? '');

  test.each([960, 1024, 1190, 1280])('leaves room for the names of pairs at %d px', async (width) => {
    const page = await open('pair-states', '/', width);
    const names = page.locator('main [data-row]');
    await names.first().waitFor();
    const narrow = await names.evaluateAll((all) =>
      all.map((name) => name.closest('td, li')?.clientWidth ?? 0).filter((width) => width < 200),
    );
    expect(narrow).toEqual([]);
  });

  test('has the chart of a pair near its top, however many alerts fire', async () => {
    for (const [scene, pair] of [['bad-import', 'shop-eu-replica'] as const, ['alerts', 'orders'] as const]) {
      const page = await open(scene, `/pairs/${pair}`);
      const box = await page.getByTestId('lag-chart').boundingBox();
      expect(box?.y).toBeLessThan(1_500);
    }
  });

  test('undoes a zoom by Back, and zooms by keys', async () => {
    const page = await open('all-is-well', '/pairs/reports');
    const chart = page.getByTestId('lag-chart');
    await chart.press('+');
    await expect.poll(() => span(page)).toBeGreaterThan(0);
    const first = span(page);
    await chart.press('+');
    await expect.poll(() => span(page)).toBeLessThan(first);
    await page.goBack();
    await expect.poll(() => span(page)).toBe(first);
    await chart.press('0');
    await expect.poll(() => params(page).has('from')).toBe(false);
  });

  test('shows any stretch of time that is picked, in the zone that it says', async () => {
    const page = await open('all-is-well', '/pairs/reports');
    await page.getByRole('button', { name: 'From – to' }).click();
    await page.getByLabel(/^From, UTC\+9/).fill('2026-03-01T09:00:00');
    await page.getByLabel(/^To, UTC\+9/).fill('2026-03-01T10:30:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => params(page).get('from')).toBe('2026-03-01T00:00:00.000Z');
    expect(params(page).get('to')).toBe('2026-03-01T01:30:00.000Z');
  });

  test('switches the zone of its times on a phone, and says nothing of dragging there', async () => {
    const page = await open('all-is-well', '/pairs/reports', 390, true);
    await page.getByRole('button', { name: 'Times: Local' }).tap();
    await page.getByRole('button', { name: 'Times: UTC' }).waitFor();
    expect(await page.getByText('drag to zoom').isVisible()).toBe(false);
  });

  test('draws who reads from whom, a ring included, and says the same as a table', async () => {
    const page = await open('topology', '/topology');
    const graph = page.getByTestId('topology');
    const servers = 1 + 4 + 40 + 3 + 1;
    // And one that nobody watches.
    await expect.poll(() => graph.getByRole('listitem').count()).toBe(servers + 1);
    await graph.getByText('crm.elsewhere.example.com:3306').waitFor();
    const table = page.getByRole('region', { name: 'Topology as a table' });
    const ring = table.getByRole('row').filter({ hasText: /^ring-a/ });
    await ring.getByText('ring-c').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname).not.toBe('/topology');
  });

  test('puts pairs in groups by the address, with a sum of each', async () => {
    const page = await open('many-pairs', '/');
    await page.getByLabel('Group pairs').selectOption('By env');
    await expect.poll(() => params(page).get('group')).toBe('label:env');
    for (const [name, pairs] of [['env=prod', 200] as const, ['env=test', 100] as const]) {
      await page.getByRole('region', { name }).getByText(`of ${pairs} pairs need attention`).waitFor();
    }
  });

  test('opens a run, and sets its verdicts beside the run before', async () => {
    const page = await open('runs', '/pairs/past?tab=runs');
    await page.getByText('Its verdicts, beside the run before').first().click();
    await expect.poll(() => params(page).has('run')).toBe(true);
    await page.getByRole('columnheader', { name: 'Verdict' }).waitFor();
  });

  test('gives rows that differ away with their values', async () => {
    const page = await open('verdicts', '/pairs/shop/tables/shop/different');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text).toMatch(/^difference,rows,key\.\w+,/);
    expect(text).toMatch(/\r\nCHANGED,/);
  });

  test('begins a dialog with what it asks for', async () => {
    const page = await open('alerts', '/alerts');
    await page.getByRole('button', { name: 'Acknowledge' }).first().click();
    await page.getByRole('dialog').waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.matches('input, textarea')))
      .toBe(true);
  });

  test('prints without what can only be clicked', async () => {
    const page = await open('all-is-well', '/pairs/reports');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav, button, input').filter({ visible: true }).count()).toBe(0);
    expect(await page.getByTestId('lag-chart').isVisible()).toBe(true);
  });

  test('is described, and not for robots', async () => {
    const page = await open('all-is-well', '/');
    expect(await page.locator('meta[name=description]').getAttribute('content')).toContain('replica');
    const robots = await page.request.get(new URL('/robots.txt', page.url()).href);
    expect(await robots.text()).toContain('Disallow: /');
  });
});
