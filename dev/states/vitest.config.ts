import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A page may have to be built, and a browser started, on a busy machine: slow is not broken.
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
