import { patienceMs } from '@lockstep/servers/patience';
import { violations } from '@lockstep/web/test/page/support/accessibility.ts';
import type { Browser } from 'playwright-core';
import type { Screen } from '../../src/scene.ts';
import { misfits, unseenFocus } from './misfits.ts';
import { shifts, watchShifts } from './shifts.ts';
import { resize, settled, somebody } from './shown.ts';
import { smallText } from './small-text.ts';
import { tabOrder } from './tab-order.ts';

const widths = [320, 390, 768, 1024, 1280, 1440];
/** Where it is read, too: in those that people have. */
const read = [390, 1024, 1280, 1440];
/** Where it is walked through, too: in the two ways in which it is laid out. */
const walked = [390, 1440];
const schemes = ['light', 'dark'] as const;

/** As somebody sees it who opens it in a window so wide, and changes its width afterwards; by touch, or by keys. */
export async function examined(
  browser: Browser,
  address: string,
  { path, when = 'live' }: Screen,
  { width, hasTouch }: { width: number; hasTouch: boolean },
): Promise<string[]> {
  await using context = await browser.newContext(somebody(width, hasTouch));
  await watchShifts(context);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(`fails: ${error.message}`));
  await page.goto(new URL(path, address).href);
  // Who loses the link before anything came has nothing to look at.
  if (when === 'offline') await page.locator('main[data-live="true"][data-awaited="0"] h1').waitFor();
  await settled(page, when);
  // What moves because the link was lost tells just that.
  const moved = when === 'live' ? await shifts(page) : [];
  const wrong = moved.map((each) => `opened at ${width} px, ${each}`);
  if (hasTouch) {
    wrong.push(...(await misfits(page)).map((each) => `by touch at ${width} px: ${each}`));
    return [...wrong, ...errors];
  }
  for (const width of widths) {
    for (const scheme of read.includes(width) ? schemes : (['light'] as const)) {
      await resize(page, width, scheme);
      const here = await misfits(page);
      if (read.includes(width)) here.push(...(await violations(page)), ...(await smallText(page)));
      if (walked.includes(width) && scheme === 'dark') {
        here.push(...(await unseenFocus(page)), ...(await tabOrder(page)));
      }
      wrong.push(...here.map((each) => `${width} px, ${scheme}: ${each}`));
    }
  }
  return [...wrong, ...errors];
}
