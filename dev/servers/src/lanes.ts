import { ServersFirst } from './vitest/servers-first.ts';

/**
 * Which tests run: `fast` needs nothing and takes little, `long` is long by nature, `clusters` starts clusters of
 * three servers, `all` is what must hold, and `servers` is of that what depends on the servers it runs on.
 */
const lanes = ['fast', 'all', 'long', 'servers', 'clusters', 'watch'] as const;
export type Lane = (typeof lanes)[number];

/** That of this run, from the environment. */
export const lane: Lane = lanes.find((name) => name === process.env['LOCKSTEP_TEST_LANE']) ?? 'all';

/** A part of a workspace's tests, for vitest's `projects`. */
export interface TestProject {
  extends: true;
  test: {
    name: string;
    include: string[];
    exclude?: string[];
    isolate?: boolean;
    setupFiles?: string[];
    globalSetup?: string[];
  };
}

const needy = '**/*.{servers,browser,program,load,long,clusters}.test.ts';
const globalSetup = ['@lockstep/servers/vitest/global-setup'];

/**
 * Files that follow each other in a worker share its modules: to start a worker and load them takes about as long as
 * half a file's tests. So a file ends what it started.
 */
export const sharedWorkers = {
  isolate: false,
  setupFiles: ['@lockstep/servers/vitest/ends-its-work'],
};

/** What a test needs stands in its file's name. Those of the other lanes are few, and begin afresh. */
function plain(folder: string): TestProject {
  return {
    extends: true,
    test: { name: 'plain', include: [`${folder}/**/*.test.ts`], exclude: [needy], ...sharedWorkers },
  };
}

/** They start Lockstep itself, or work it as hard as a crowd does: nobody waits for them at every change. */
function heavy(folder: string): TestProject {
  return {
    extends: true,
    test: { name: 'heavy', include: [`${folder}/**/*.{program,load}.test.ts`], ...sharedWorkers },
  };
}

function servers(folder: string): TestProject {
  return {
    extends: true,
    test: {
      name: 'servers',
      include: [`${folder}/**/*.{servers,browser}.test.ts`],
      ...sharedWorkers,
      globalSetup,
    },
  };
}

function long(folder: string): TestProject {
  return { extends: true, test: { name: 'long', include: [`${folder}/**/*.long.test.ts`], globalSetup } };
}

/** They start what they need, and nothing else. */
function clusters(folder: string): TestProject {
  return { extends: true, test: { name: 'clusters', include: [`${folder}/**/*.clusters.test.ts`] } };
}

interface LaneTests {
  passWithNoTests: boolean;
  experimental: { viteModuleRunner: boolean };
  execArgv: string[];
  sequence: { sequencer: typeof ServersFirst };
  projects: TestProject[];
}

/**
 * For `test` in a workspace's `vitest.config.ts`: what this run's lane has of it. Modules are Node's own, as in
 * production, since each test file's worker loads them anew and Node keeps what it compiled; only who watches needs
 * vitest to know which of them changed. And more workers than cores collect their garbage seldom, each alone.
 */
export function laneTests(folder = 'test'): LaneTests {
  const projects = {
    fast: [plain],
    all: [plain, heavy, servers],
    long: [long],
    servers: [servers],
    clusters: [clusters],
    watch: [plain, heavy, servers, long, clusters],
  }[lane].map((project) => project(folder));
  const experimental = { viteModuleRunner: lane === 'watch' };
  const execArgv = ['--max-semi-space-size=32', '--single-threaded-gc'];
  const sequence = { sequencer: ServersFirst };
  return { passWithNoTests: lane !== 'all', experimental, execArgv, sequence, projects };
}
