import { chromiumToLaunch } from '@lockstep/servers';
import { type Browser, chromium } from 'playwright-core';

/** The browser that the page's tests use, too. */
export async function startBrowser(cleanup: AsyncDisposableStack): Promise<Browser> {
  const browser = await chromium.launch(chromiumToLaunch());
  cleanup.defer(() => browser.close());
  return browser;
}
