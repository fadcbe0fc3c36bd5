import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { atMost, type Figure, plainFigure } from '../report/figure.ts';
import { median, quantile } from '../report/statistics.ts';
import { milliseconds, percent, plain, seconds } from '../report/units.ts';

const usableMs = 2_000;
const keyMs = 100;
const busyShare = 0.1;
/** A page that takes longer is not waited for. */
const patienceMs = 120_000;
const views = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

export interface Measured {
  browser: Browser;
  address: string;
  view: keyof typeof views;
  /** How long nothing is done but look. */
  seconds: number;
  /** Opened so often; the median counts. */
  rounds: number;
}

/** A screen as a person meets it: opened, looked at, and asked by keys. */
export async function measureScreen(measured: Measured): Promise<Figure[]> {
  const { browser, address, view, rounds } = measured;
  const opened: number[] = [];
  for (let round = 1; round < rounds; round++) {
    await using context = await browser.newContext({ viewport: views[view] });
    opened.push(await open(await context.newPage(), address));
  }
  await using context = await browser.newContext({ viewport: views[view] });
  const page = await context.newPage();
  opened.push(await open(page, address));
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  const loaded = await settled(page, devtools);
  const busy = await busyShareOver(devtools, measured.seconds);
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  const keys = await keysToPaint(page);
  return [
    atMost(
      `rows fill the window and wait for a key after, median of ${opened.length}`,
      median(opened),
      usableMs,
      seconds,
    ),
    plainFigure('  slowest', seconds(Math.max(...opened))),
    plainFigure('quiet after', seconds(loaded)),
    plainFigure('elements in the page', plain(nodes)),
    atMost(`main thread busy over ${measured.seconds} s of looking`, busy, busyShare, percent),
    atMost(
      `key to paint, slowest of ${keys.rows.length} times j`,
      Math.max(...keys.rows),
      keyMs,
      milliseconds,
    ),
    atMost(
      `letter to paint, slowest of ${keys.letters.length} in the search`,
      Math.max(...keys.letters),
      keyMs,
      milliseconds,
    ),
    plainFigure('  median of both', milliseconds(median([...keys.rows, ...keys.letters]))),
    plainFigure('  p90 of both', milliseconds(quantile([...keys.rows, ...keys.letters], 0.9))),
  ];
}

/** Resolves to ms from the start of the navigation until rows fill the window and the page has time for a key. */
async function open(page: Page, address: string): Promise<number> {
  page.setDefaultTimeout(patienceMs);
  await page.goto(address, { waitUntil: 'commit' });
  const at = await page.waitForFunction(
    () => {
      const state = window as unknown as { usableAt?: number | Promise<void> };
      const rows = [...document.querySelectorAll('[data-row]')];
      // Of a list that begins below the window no row is there until somebody scrolls to it.
      if (rows.length === 0) scrollBy(0, innerHeight / 2);
      if (!rows.some((row) => row.getBoundingClientRect().bottom >= innerHeight)) return undefined;
      state.usableAt ??= new Promise<void>((resolve) => {
        requestAnimationFrame(() => setTimeout(resolve));
      }).then(() => void (state.usableAt = performance.now()));
      return typeof state.usableAt === 'number' ? state.usableAt : undefined;
    },
    undefined,
    { polling: 'raf', timeout: patienceMs },
  );
  return (await at.jsonValue()) ?? NaN;
}

/** Resolves to ms since the start of the navigation when a second has passed in which little was done. */
async function settled(page: Page, devtools: CDPSession): Promise<number> {
  for (const started = Date.now(); Date.now() - started < patienceMs;) {
    if ((await busyShareOver(devtools, 1)) < 2 * busyShare) break;
  }
  return page.evaluate(() => performance.now());
}

async function busyShareOver(devtools: CDPSession, durationSeconds: number): Promise<number> {
  const before = await metrics(devtools);
  await sleep(durationSeconds * 1000);
  const after = await metrics(devtools);
  return (after.busy - before.busy) / (after.at - before.at);
}

async function metrics(devtools: CDPSession): Promise<{ at: number; busy: number }> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((each) => each.name === name)?.value ?? NaN;
  return { at: of('Timestamp'), busy: of('TaskDuration') };
}

/** Ms from a key, as the browser dates it, to the frame after what it caused; it waits for what was under way, too. */
async function keysToPaint(page: Page): Promise<{ rows: number[]; letters: number[] }> {
  await page.evaluate(() => {
    const state = window as unknown as { painted: number[] };
    state.painted = [];
    const note = ({ timeStamp }: KeyboardEvent) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => state.painted.push(performance.now() - timeStamp);
        port2.postMessage(null);
      });
    };
    addEventListener('keydown', note, { capture: true });
  });
  const press = async (keys: readonly string[]) => {
    const taken: number[] = [];
    for (const key of keys) {
      await page.keyboard.press(key);
      const painted = await page.waitForFunction(
        () => (window as unknown as { painted: number[] }).painted.shift(),
        undefined,
        { polling: 20, timeout: patienceMs },
      );
      taken.push((await painted.jsonValue()) ?? NaN);
      await sleep(150);
    }
    return taken;
  };
  const rows = await press(Array.from({ length: 30 }, () => 'j'));
  await press(['/']);
  return { rows, letters: await press([...'er_0', 'Backspace', 'Backspace', 'Backspace', 'Backspace']) };
}
