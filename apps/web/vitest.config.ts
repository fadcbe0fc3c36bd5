import { findChromium } from '@lockstep/servers';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

const chromium = findChromium();

const unit: TestProjectConfiguration = {
  test: { name: 'unit', include: ['test/unit/**/*.test.ts'] },
};

/** Components, drawn by a real browser. */
const components = (executablePath: string): TestProjectConfiguration => ({
  extends: './vite.config.ts',
  test: {
    name: 'components',
    include: ['test/components/**/*.test.ts'],
    expect: { poll: { timeout: 10_000 } },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
});

/** The built page, served by the real service, on real servers. */
const page: TestProjectConfiguration = {
  test: {
    name: 'page',
    include: ['test/page/**/*.test.ts'],
    globalSetup: ['@lockstep/servers/vitest/global-setup', './test/page/support/built-page.ts'],
    // Real servers and a browser on a busy machine: slow is not broken.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000,
  },
};

export default defineConfig({
  // Without a browser there is nothing to show the page in; `npm test` says so.
  test: { projects: chromium ? [unit, components(chromium), page] : [unit] },
});
