import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['@lockstep/servers/vitest/global-setup'],
    // Tests wait for servers more than they compute, so more run at once than there are cores to spare.
    maxWorkers: 3,
    // Real servers on a busy machine: slow is not broken.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
