import { findChromium } from '@lockstep/servers';
import { type Browser, chromium } from 'playwright-core';

/** The browser that the page's tests use, too. */
export async function startBrowser(cleanup: AsyncDisposableStack): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error('the page is measured in Chromium: put "chromium" on PATH, or set LOCKSTEP_CHROMIUM');
  }
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ];
  const browser = await chromium.launch({ executablePath, args });
  cleanup.defer(() => browser.close());
  return browser;
}
