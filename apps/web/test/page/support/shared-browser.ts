import { chromiumToLaunch, findChromium } from '@lockstep/servers';
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
  if (!findChromium()) {
    provide('browser', null);
    return () => Promise.resolve();
  }
  const server = await chromium.launchServer(chromiumToLaunch());
  provide('browser', server.wsEndpoint());
  return () => server.close();
}
