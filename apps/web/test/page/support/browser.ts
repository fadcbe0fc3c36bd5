import { patienceMs } from '@lockstep/servers/patience';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, inject, onTestFinished } from 'vitest';

export interface OpenPage {
  page: Page;
  /** Console errors, failed scripts and refused resources so far. */
  complaints: string[];
  /** Requests that left the host. */
  elsewhere: string[];
}

/** The browser that all page tests share; `close` leaves it, with all that was opened. */
export async function startBrowser(): Promise<Browser> {
  const address = inject('browser');
  if (!address) throw new Error('page tests need Chromium: put it on PATH, or set LOCKSTEP_CHROMIUM');
  return chromium.connect(address, { timeout: patienceMs });
}

/**
 * A page of its own at an address of the service, with everything noted that should not be; it is closed when the test
 * ends, for what stays open goes on drawing.
 */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const complaints: string[] = [];
  const elsewhere: string[] = [];
  const { host } = new URL(address);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.host !== host) elsewhere.push(url.href);
  });
  await page.goto(address);
  return { page, complaints, elsewhere };
}

/** The connection pill's state. */
export async function expectLink(page: Page, state: string): Promise<void> {
  await expect.poll(() => page.getByTestId('connection').getAttribute('data-state')).toBe(state);
}
