import { findChromium } from '@lockstep/servers';
import { patienceMs } from '@lockstep/servers/patience';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser of all page tests can be reached; null without one. */
    browser: string | null;
  }
}

/** One browser for all files: to start one takes as long as most of their tests. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const executablePath = findChromium();
  if (!executablePath) {
    provide('browser', null);
    return () => Promise.resolve();
  }
  const server = await chromium.launchServer({
    executablePath,
    timeout: patienceMs,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  provide('browser', server.wsEndpoint());
  return () => server.close();
}
