import type { Lane } from '../lanes.ts';
import { startBroker } from '../vitest/broker.ts';
import { command } from './command.ts';
import { add, fail, forgetReport, lastLine, reportFile, type Tally, tally } from './report.ts';
import { testedWorkspaces } from './workspaces.ts';

export interface TestRun {
  lane: Lane;
  /** For turbo, e.g. `--filter=lockstep`. */
  turboArgs: string[];
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
}

/** Runs a lane of every workspace's tests, against one set of shared servers, and adds up their results. */
export async function runTests({ lane, turboArgs, env, say }: TestRun): Promise<Tally> {
  const workspaces = await testedWorkspaces(turboArgs);
  workspaces.forEach(forgetReport);
  say(`Testing ${workspaces.map(({ name }) => name).join(', ')}`);
  const broker = lane === 'fast' ? null : await startBroker();
  const code = await command(
    'turbo',
    [
      ...[
        'run',
        'test',
        '--concurrency=10',
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
      ...(broker && { LOCKSTEP_TEST_SERVERS: broker.url }),
    },
  );
  await broker?.close();
  let sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
  for (const workspace of workspaces) {
    const result = tally(workspace, { mayBeEmpty: lane !== 'all' });
    forgetReport(workspace);
    console.log(`  ${workspace.name}: ${lastLine(result)}`);
    sum = add(sum, result);
  }
  if (sum.passed + sum.failed === 0) fail(sum, 'no test was run');
  if (code !== 0 && sum.failed === 0) fail(sum, `turbo run test ended with ${code}`);
  return sum;
}
