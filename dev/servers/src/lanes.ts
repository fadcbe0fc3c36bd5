/** Which tests run: `fast` needs neither servers nor a browser, `long` is long by nature, `all` is what must hold. */
export const lanes = ['fast', 'all', 'long', 'watch'] as const;
export type Lane = (typeof lanes)[number];

/** That of this run, from the environment. */
export const lane: Lane = lanes.find((name) => name === process.env['LOCKSTEP_TEST_LANE']) ?? 'all';

const slow = '**/*.{servers,browser}.test.ts';
const long = '**/*.long.test.ts';

/** What a lane's tests are, by their names, for vitest's configuration. A file's name says what it needs. */
const files: Record<Lane, { include: string[]; exclude: string[] }> = {
  fast: { include: ['**/*.test.ts'], exclude: [slow, long] },
  all: { include: ['**/*.test.ts'], exclude: [long] },
  long: { include: [long], exclude: [] },
  watch: { include: ['**/*.test.ts'], exclude: [] },
};

/** For `test` in a workspace's `vitest.config.ts`; `folder` as seen from there. */
export function laneTests(folder = 'test'): {
  include: string[];
  exclude: string[];
  globalSetup: string[];
  passWithNoTests: boolean;
} {
  const { include, exclude } = files[lane];
  return {
    include: include.map((pattern) => `${folder}/${pattern}`),
    exclude: ['**/node_modules/**', ...exclude],
    globalSetup: lane === 'fast' ? [] : ['@lockstep/servers/vitest/global-setup'],
    passWithNoTests: lane === 'long',
  };
}
