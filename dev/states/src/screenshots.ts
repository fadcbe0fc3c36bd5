import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromiumToLaunch } from '@lockstep/servers';
import { chromium, type Page } from 'playwright-core';
import type { ServedScene } from './contents-page.ts';
import type { Screen } from './scene.ts';

const widths = { 1440: 900, 1280: 800, 1024: 768, 390: 844 };
const schemes = ['light', 'dark'] as const;
/** A page on a busy machine, or one that says that it is offline only after half a minute. */
const patienceMs = 90_000;

/** One picture of every screen for each width and colour scheme: `SCENE-SCREEN-1440-dark.png`. */
export async function takeScreenshots(
  served: ServedScene[],
  folder: string,
  say: (line: string) => void,
  cleanup: AsyncDisposableStack,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const browser = await chromium.launch(chromiumToLaunch());
  cleanup.defer(() => browser.close());
  await using context = await browser.newContext({ reducedMotion: 'reduce' });
  context.setDefaultTimeout(patienceMs);
  for (const { name, address, scene } of served) {
    for (const [screen, what] of Object.entries(scene.screens)) {
      await using page = await context.newPage();
      await page.goto(new URL(what.path, address).href);
      await settled(page, what);
      for (const [width, height] of Object.entries(widths)) {
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme });
          await show(page, Number(width), height, what);
          await page.screenshot({ path: join(folder, `${name}-${screen}-${width}-${colorScheme}.png`) });
        }
      }
    }
    say(`${name}: ${Object.keys(scene.screens).join(', ')}`);
  }
}

/** On a lost link nothing comes any more: there only what the pill says is waited for. */
async function settled(page: Page, { when = 'live' }: Screen): Promise<void> {
  if (when === null) await page.waitForSelector('main');
  else await page.waitForSelector(`[data-testid=connection][data-state=${when}]`);
  if (when !== 'live') return;
  await page.waitForSelector('main[data-awaited="0"]');
  await page.waitForFunction(() => document.querySelector('[data-skeleton]') === null);
  await page.waitForLoadState('networkidle');
}

/** In a window as high as the page, since what sticks to the window's edge would lie across a picture of all of it. */
async function show(
  page: Page,
  width: number,
  height: number,
  { firstViewOnly = false }: Screen,
): Promise<void> {
  await page.setViewportSize({ width, height });
  await painted(page);
  if (firstViewOnly) return;
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(height, whole) });
  await painted(page);
}

async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}
