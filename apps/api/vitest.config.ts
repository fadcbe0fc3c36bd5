import { lane, laneTests } from '@lockstep/servers/lanes';
import { patientTests } from '@lockstep/servers/patience';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    ...laneTests(),
    ...patientTests,
    // Tests wait for programs and timers more than they compute. Where there are two cores, one file at a time takes
    // as long as the whole run. In the fast lane nothing is beside them that takes long.
    maxWorkers: lane === 'fast' ? 8 : 3,
    // Modules as Node itself resolves them in production: graphql must not be loaded twice.
    experimental: { viteModuleRunner: false },
  },
});
