import { join } from 'node:path';
import type { OtherRelease } from '../flavour.ts';
import type { Lane } from '../lanes.ts';
import { startBroker } from '../vitest/broker.ts';
import { command, repository } from './command.ts';
import { add, fail, forgetReport, lastLine, reportFile, type Tally, tally } from './report.ts';
import { testedWorkspaces } from './workspaces.ts';

export interface TestRun {
  lane: Lane;
  /** For turbo, e.g. `--filter=lockstep`. */
  turboArgs: string[];
  /** MariaDB's that it runs on, instead of the one that most people run. */
  release?: OtherRelease;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}

/** What Node has compiled, for some hundred programs and workers that load the same modules. */
const compiled = join(repository, 'node_modules/.cache/compiled');

/** Runs a lane of every workspace's tests, against one set of shared servers, and adds up their results. */
export async function runTests({ lane, turboArgs, release, env, say }: TestRun): Promise<Tally> {
  const workspaces = await testedWorkspaces(turboArgs);
  workspaces.forEach(forgetReport);
  const on = release ? ` on MariaDB ${release}` : '';
  say(`Testing ${workspaces.map(({ name }) => name).join(', ')}${on}`);
  const broker = lane === 'fast' ? null : await startBroker(release);
  const code = await command(
    'turbo',
    [
      ...[
        'run',
        'test',
        // Two of them at once would start six servers and more.
        `--concurrency=${lane === 'clusters' ? 1 : 10}`,
        '--log-order=grouped',
        '--ui=stream',
        '--continue',
        ...turboArgs,
      ],
      ...['--', '--reporter=dot', '--reporter=json', `--outputFile.json=${reportFile}`],
    ],
    {
      ...env,
      LOCKSTEP_TEST_LANE: lane,
      NODE_COMPILE_CACHE: compiled,
      ...(release && { LOCKSTEP_TEST_MARIADB: release, LOCKSTEP_TEST_FLAVOURS: 'mariadb' }),
      ...(broker && { LOCKSTEP_TEST_SERVERS: broker.url }),
    },
  );
  await broker?.close();
  let sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
  for (const workspace of workspaces) {
    const name = `${workspace.name}${on}`;
    const result = tally({ ...workspace, name }, { mayBeEmpty: lane !== 'all' });
    forgetReport(workspace);
    console.log(`  ${name}: ${lastLine(result)}`);
    sum = add(sum, result);
  }
  if (sum.passed + sum.failed === 0) fail(sum, 'no test was run');
  if (code !== 0 && sum.failed === 0) fail(sum, `turbo run test ended with ${code}`);
  return sum;
}
