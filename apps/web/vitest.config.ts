import { chromiumToLaunch, findChromium } from '@lockstep/servers';
import { lane, sharedWorkers } from '@lockstep/servers/lanes';
import { patientTests } from '@lockstep/servers/patience';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

const hasChromium = findChromium() !== null;

const unit: TestProjectConfiguration = {
  test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...sharedWorkers, ...patientTests },
};

/** Components, drawn by a real browser. */
const components = (): TestProjectConfiguration => ({
  extends: './vite.config.ts',
  test: {
    name: 'components',
    include: ['test/components/**/*.test.ts'],
    isolate: false,
    ...patientTests,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: chromiumToLaunch() }),
      instances: [{ browser: 'chromium' }],
    },
  },
});

/** Of these lanes nothing but what is named for them. */
const apart = (['long', 'clusters'] as const).find((name) => name === lane);

/** The built page, served by the real service, on real servers. */
const page: TestProjectConfiguration = {
  test: {
    name: 'page',
    include: [`test/page/**/*.${apart ?? 'servers'}.test.ts`],
    ...sharedWorkers,
    globalSetup: [
      '@lockstep/servers/vitest/global-setup',
      './test/page/support/built-page.ts',
      './test/page/support/shared-browser.ts',
    ],
    ...patientTests,
  },
};

/** Without a browser there is nothing to show the page in; `npm test` says so. */
function projects(): TestProjectConfiguration[] {
  if (!hasChromium || lane === 'fast') return [unit];
  return apart ? [page] : [unit, components(), page];
}

export default defineConfig({ test: { passWithNoTests: apart !== undefined, projects: projects() } });
