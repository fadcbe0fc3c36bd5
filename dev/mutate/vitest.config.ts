import { patientTests } from '@lockstep/servers/patience';
import { defineConfig } from 'vitest/config';

/** First what is quick: the engine's tests that need nothing. What they let live goes to the simulated world. */
const killers = {
  tests: ['packages/checks/test/{position,lag,alerts,engine,verify}/**/*.test.ts'],
  worlds: ['dev/mutate/killers/worlds.test.ts'],
};

export default defineConfig({
  test: {
    ...patientTests,
    include: killers[process.env['LOCKSTEP_MUTATE_BY'] === 'worlds' ? 'worlds' : 'tests'],
    exclude: ['**/*.{servers,browser,long,clusters}.test.ts'],
  },
});
