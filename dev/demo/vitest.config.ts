import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['@lockstep/servers/vitest/global-setup'],
    // Real servers on a busy machine: slow is not broken.
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
