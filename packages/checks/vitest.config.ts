import { lane, laneTests } from '@lockstep/servers/lanes';
import { patientTests } from '@lockstep/servers/patience';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    ...laneTests(),
    ...patientTests,
    // Tests wait for servers more than they compute, so more run at once than there are cores to spare. Those that need
    // nothing compute, and each worker loads the engine anew.
    maxWorkers: lane === 'fast' ? 4 : 9,
  },
});
