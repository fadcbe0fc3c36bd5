import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['@lockstep/servers/vitest/global-setup'],
    // Real servers on a busy machine: slow is not broken.
    // Modules as Node itself resolves them in production: graphql must not be loaded twice.
    experimental: { viteModuleRunner: false },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
