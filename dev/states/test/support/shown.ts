import type { BrowserContextOptions, Page } from 'playwright-core';
import type { PillState, Screen } from '../../src/scene.ts';

const sized = (width: number) => ({ width, height: width < 500 ? 844 : 900 });

/** As of somebody elsewhere on the earth who wants nothing to move. */
export function somebody(width: number, hasTouch = false): BrowserContextOptions {
  return { viewport: sized(width), reducedMotion: 'reduce', timezoneId: 'Asia/Tokyo', hasTouch };
}

/** What a screen is found in once everything that it asks for has come. */
export async function settled(page: Page, when: PillState): Promise<void> {
  // Known at once, where a page that only hears nothing more waits for half a minute.
  if (when === 'offline') await page.context().setOffline(true);
  if (when === null) return page.locator('main').waitFor();
  await page.locator(`[data-testid=connection][data-state=${when}]`).waitFor();
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (when !== 'live') return;
  await page.locator('main[data-awaited="0"]').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-skeleton]') === null);
}

/** By a link of the page itself, whose code is there already. */
export async function follow(page: Page, { path, when = 'live' }: Screen): Promise<void> {
  await page.locator('main').evaluate((main, href) => {
    const link = Object.assign(document.createElement('a'), { href });
    main.append(link);
    link.click();
    link.remove();
  }, path);
  await page.waitForURL((url) => url.pathname + url.search === path);
  await settled(page, when);
}

export async function resize(page: Page, width: number, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(sized(width));
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}
