import { readFile } from 'node:fs/promises';
import { buildPage } from '@lockstep/demo/src/build-page.ts';
import { findChromium } from '@lockstep/servers';
import { patienceMs } from '@lockstep/servers/patience';
import { violations } from '@lockstep/web/test/page/support/accessibility.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Screen } from '../src/scene.ts';
import { scenes } from '../src/scenes/index.ts';
import { controls as controlsSelector, misfits, unseenFocus } from './support/misfits.ts';
import { launchBrowser, serveScenes } from './support/serve-scenes.ts';
import { follow, resize, settled, somebody } from './support/shown.ts';
import { slowLine } from './support/slow-line.ts';

/** What the page shows of what no server of a test can be brought to show. */
describe.runIf(findChromium())('the page', () => {
  const cleanup = new AsyncDisposableStack();
  let addresses: Map<string, string>;
  let browser: Browser;

  beforeAll(async () => {
    // Before it is waited for: a build takes as long as it takes.
    await buildPage();
    addresses = await serveScenes(cleanup);
    browser = await launchBrowser(cleanup);
  });
  afterAll(() => cleanup.disposeAsync());

  async function open(
    scene: string,
    path: string,
    width = 1440,
    hasTouch = false,
    when: Screen['when'] = 'live',
  ): Promise<Page> {
    const context = await browser.newContext(somebody(width, hasTouch));
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(new URL(path, addresses.get(scene)).href);
    await settled(page, when);
    return page;
  }

  /** Numbers what can be reached by Tab now, and gives it in that order: its text may change while it is walked. */
  const visibleControls = (page: Page) =>
    page.locator(controlsSelector).evaluateAll((all) =>
      all
        .filter((each) => each.checkVisibility({ visibilityProperty: true }))
        .map((each, i) => {
          each.setAttribute('data-nth', String(i));
          return each.outerHTML.slice(0, 200);
        }),
    );
  const focused = (page: Page, among: readonly string[]) =>
    page.evaluate((names) => {
      const at = document.activeElement;
      return names[Number(at?.getAttribute('data-nth') ?? NaN)] ?? at?.outerHTML.slice(0, 200) ?? 'nothing';
    }, among);

  const params = (page: Page) => new URL(page.url()).searchParams;
  const span = (page: Page) =>
    Date.parse(params(page).get('to') ?? '') - Date.parse(params(page).get('from') ?? '');

  const examined = Object.entries(scenes).filter(([name]) => ['all-is-well', 'empty-fleet'].includes(name));
  describe.each(examined)('of %s', (name, { screens }) => {
    test('fits every window, is accessible, and is used by keys', async () => {
      const [first] = Object.values(screens);
      const page = await open(name, first?.path ?? '/', 1280, false, first?.when);
      const found: string[] = [];
      for (const [i, [screen, what]] of Object.entries(screens).entries()) {
        if (i > 0) await follow(page, what);
        // Which of the two does not matter: colours and controls come from parts that screens share.
        await (i % 2 === 0 ? resize(page, 1280, 'light') : resize(page, 390, 'dark'));
        const wrong = [...(await violations(page)), ...(await unseenFocus(page))];
        for (const width of [320, 390, 768, 1024, 1280, 1440]) {
          await resize(page, width, 'light');
          wrong.push(...(await misfits(page)).map((each) => `${width} px: ${each}`));
        }
        found.push(...wrong.map((each) => `${screen}: ${each}`));
      }
      expect(found).toEqual([]);
    });
  });

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

  test('comes over a line of half a megabit, and says as of when what it shows is', async () => {
    await using line = new AsyncDisposableStack();
    const context = await browser.newContext(somebody(1440, false));
    line.defer(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(await slowLine(addresses.get('many-pairs') ?? '', 64 * 1024, line));
    await page.locator('main [data-row]').first().waitFor();
    await page
      .locator('[data-testid=connection][data-state=slow]')
      .getByText('Slow line · data from')
      .waitFor();
  });

  test('begins a long list of tables with all that are not the same, while the rest is read', async () => {
    const context = await browser.newContext(somebody(1440, false));
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    await page.route('**/graphql*', async (route) => {
      const asked = decodeURIComponent(`${route.request().url()} ${route.request().postData()}`);
      if (/TablesOfPair/.test(asked) && /"after":"/.test(asked)) await held;
      await route.continue();
    });
    await page.goto(new URL('/pairs/archive', addresses.get('at-scale')).href);
    const begun = page.getByText('519 of 20000 tables read so far');
    await begun.waitFor();
    await begun.scrollIntoViewIfNeeded();
    await page.locator('[data-row]').first().filter({ hasText: 'orders_00000' }).waitFor();
    await page.locator('[data-row]').nth(1).filter({ hasText: 'orders_01000' }).waitFor();
    const csv = page.getByRole('button', { name: 'CSV' }).last();
    expect(await csv.getAttribute('aria-disabled')).toBe('true');
    release();
    await begun.waitFor({ state: 'hidden' });
    expect(await csv.getAttribute('aria-disabled')).toBeNull();
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

  test('zooms from what was asked for last, though no frame has drawn it yet', async () => {
    const page = await open('all-is-well', '/pairs/reports');
    const chart = page.getByTestId('lag-chart');
    await chart.press('+');
    await expect.poll(() => span(page)).toBeGreaterThan(0);
    const first = span(page);
    await page.evaluate(() => (window.requestAnimationFrame = () => 1));
    await chart.press('+');
    await expect.poll(() => span(page)).toBe(first / 2);
    await chart.press('+');
    await expect.poll(() => span(page)).toBe(first / 4);
  });

  test('says what happened below the chart, led to by its marks, by keys and by the mouse', async () => {
    const page = await open('pair-states', scenes['pair-states']?.screens.happened?.path ?? '');
    const marks = page.getByRole('toolbar', { name: 'What happened' }).getByRole('button');
    const told = page.getByRole('list', { name: 'What happened, the newest first' });
    const reading = () => page.evaluate(() => document.activeElement?.closest('li')?.textContent ?? '');
    await expect.poll(() => marks.count()).toBe(4);
    expect(await marks.evaluateAll((all) => all.filter(({ tabIndex }) => tabIndex === 0).length)).toBe(1);
    await marks.first().press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await expect.poll(reading).toContain('shop.orders is defined in another way');
    expect(await told.getByRole('listitem').count()).toBe(5);
    await marks.last().click();
    await expect.poll(reading).toContain('alert fires: Replica is lagging');
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
    // What is in trouble stands above all else, and comes first by keys.
    const cards = graph.getByRole('listitem');
    await expect.poll(() => cards.nth(2).innerText()).toMatch(/^ber-05\s+Stopped/);
    const tops = await cards.evaluateAll((all) => all.map((card) => card.getBoundingClientRect().top));
    expect(tops[2]).toBe(Math.min(...tops));
    // Then what keeps up and has transactions of its own.
    await expect.poll(() => cards.nth(3).innerText()).toMatch(/^ber-06\s+In sync[^]+3 errant/);
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
    const changes = page.getByRole('table', { name: 'Tables with another verdict than in the run before' });
    await changes.getByRole('row', { name: /order_lines Match .+ Different 2 rows changed/ }).waitFor();
    await changes.getByRole('row', { name: /returns not looked at Match/ }).waitFor();
  });

  test('gives rows that differ away with their values', async () => {
    const page = await open('verdicts', '/pairs/shop/tables/shop/different');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text).toMatch(/^difference,rows,key\.\w+,/);
    expect(text).toMatch(/\r\nCHANGED,/);
    // A row on one side only has its values, and nothing is said to be NULL that is not there.
    expect(text).toMatch(/\r\nMISSING,1,1234,,email,yes,eve@example.com,text,,absent/);
    expect(text).toMatch(/\r\nMISSING,1,1234,,note,yes,,NULL,,absent/);
  });

  test('begins a dialog with what it asks for', async () => {
    const page = await open('alerts', '/alerts');
    await page.getByRole('button', { name: 'Acknowledge' }).first().click();
    await page.getByRole('dialog').waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.matches('input, textarea')))
      .toBe(true);
  });

  const tabbed: [scene: string, path: string][] = [
    ['alerts', '/'],
    ['bad-import', '/pairs/shop-eu-replica'],
    ['runs', '/pairs/held'],
    ['lag', '/pairs/beside-heartbeat-writer?tab=replication'],
    ['verdicts', '/pairs/shop/tables/shop/different'],
    ['alerts', '/alerts'],
    ['alerts', '/alerts?view=silenced'],
    ['alerts', '/settings'],
    ['audit', '/audit'],
  ];
  test.each(tabbed)('is walked through by Tab, in the order in which it is read: %s %s', async (...at) => {
    const page = await open(...at);
    const controls = await visibleControls(page);
    const walked: string[] = [];
    for (const _ of controls) {
      await page.keyboard.press('Tab');
      walked.push(await focused(page, controls));
    }
    expect(walked).toEqual(controls);
  });

  const dialogs: [scene: string, path: string, button: string][] = [
    ['alerts', '/alerts', 'Acknowledge'],
    ['alerts', '/alerts', 'Silence'],
    ['alerts', '/alerts?view=silenced', 'New silence'],
    ['verdicts', '/pairs/shop/tables/shop/different', 'Repair SQL'],
    ['all-is-well', '/', 'Keys and help'],
  ];
  test.each(dialogs)(
    'keeps the focus in a dialog, and gives it back: %s %s, %s',
    async (scene, path, name) => {
      const page = await open(scene, path);
      const button = page.getByRole('button', { name, exact: true }).first();
      await button.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      const controls = await dialog.locator(controlsSelector).count();
      for (let i = 0; i <= controls; i++) {
        await page.keyboard.press('Tab');
        // Past its last control lies the browser itself, which is no element.
        expect(await page.evaluate(() => document.activeElement?.matches('dialog *, body'))).toBe(true);
      }
      await page.keyboard.press('Escape');
      await expect.poll(() => dialog.count()).toBe(0);
      expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    },
  );

  test.each([
    ['Check now', 'Checksum'],
    ['From – to', 'Show'],
  ])('closes %s by Escape, and gives the focus back', async (name, inside) => {
    const page = await open('all-is-well', '/pairs/reports');
    const button = page.getByRole('button', { name, exact: true }).first();
    const shown = page.getByRole('button', { name: inside }).first();
    await button.press('Enter');
    await shown.waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.matches('[popover] *'))).toBe(true);
    await page.keyboard.press('Escape');
    await shown.waitFor({ state: 'hidden' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test.each(dialogs.slice(0, 4))(
    'opens and closes a dialog by touch, all of it in view: %s %s, %s',
    async (...of) => {
      const [scene, path, name] = of;
      const page = await open(scene, path, 390, true);
      await page.getByRole('button', { name, exact: true }).first().tap();
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      const box = await dialog.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
      await dialog.getByRole('button', { name: 'Close' }).tap();
      await expect.poll(() => dialog.count()).toBe(0);
    },
  );

  test('offers nothing that only a mouse over it shows', async () => {
    const page = await open('all-is-well', '/', 390, true);
    const revealing = await page.evaluate(() => {
      const rules = (list: CSSRuleList): CSSStyleRule[] =>
        [...list].flatMap((rule) => [
          ...(rule instanceof CSSStyleRule ? [rule] : []),
          ...('cssRules' in rule ? rules(rule.cssRules as CSSRuleList) : []),
        ]);
      return [...document.styleSheets]
        .flatMap((sheet) => rules(sheet.cssRules))
        .filter(({ style }) => style.opacity || style.visibility || style.display)
        .map(({ cssText }) => cssText)
        .filter((text) => text.includes(':hover'));
    });
    expect(revealing).toEqual([]);
  });

  test.each([390, 1440])('has room for a run before one comes, at %d px', async (width) => {
    const page = await open('runs', '/pairs/checksum-finished', width);
    const room = await page.getByRole('region', { name: 'What the checks found' }).boundingBox();
    await follow(page, { path: '/pairs/checksum-running' });
    const run = await page.getByTestId('run').boundingBox();
    expect(run?.height).toBe(room?.height);
  });

  test('offers to resume what a person holds, and only to hold what the throttle does', async () => {
    const page = await open('runs', '/pairs/checksum-paused');
    const run = page.getByTestId('run');
    await run.getByText('lag 12 s ≥ 10 s').waitFor();
    expect(await run.getByRole('button').allInnerTexts()).toEqual(['Pause', 'Cancel']);
    await follow(page, { path: '/pairs/held' });
    await run.getByText('held by anna').waitFor();
    expect(await run.getByRole('button').allInnerTexts()).toEqual(['Resume', 'Cancel']);
  });

  test('has what was wrong first, at its worst and last, each once, of an alert', async () => {
    const page = await open('alerts', '/alerts?view=history');
    const alert = page.getByRole('article');
    for (const said of [
      'At first, .*lag 50 s',
      'Worst, .*lag 3 min 11 s',
      'Last, .*lag 49 s',
      'Over: lag 0 ms',
    ]) {
      await alert.getByText(new RegExp(said)).waitFor();
    }
  });

  test('puts what is silenced after what is not, of the alerts of a pair', async () => {
    const page = await open('alerts', '/pairs/orders');
    const firing = page.getByRole('region', { name: 'Firing alerts of this pair' });
    await firing.getByRole('article').first().waitFor();
    expect(await firing.getByText('Silenced', { exact: true }).count()).toBe(0);
  });

  test('prints without what can only be clicked', async () => {
    const page = await open('all-is-well', '/pairs/reports');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav, button, input').filter({ visible: true }).count()).toBe(0);
    expect(await page.getByTestId('lag-chart').isVisible()).toBe(true);
  });

  test('leaves what was done most of the room at 1024 px, beside who did it and from where', async () => {
    const page = await open('audit', '/audit', 1024);
    const widths = await page
      .getByRole('list', { name: 'Who did what, newest first' })
      .getByRole('listitem')
      .first()
      .evaluate((entry) => [...entry.children].map((part) => part.getBoundingClientRect().width));
    expect(widths[1]).toBeGreaterThan(1.5 * (widths[2] ?? 0));
  });

  test('is described, and not for robots', async () => {
    const page = await open('all-is-well', '/');
    expect(await page.locator('meta[name=description]').getAttribute('content')).toContain('replica');
    const robots = await page.request.get(new URL('/robots.txt', page.url()).href);
    expect(await robots.text()).toContain('Disallow: /');
  });
});
