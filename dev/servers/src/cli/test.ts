// `npm test`: installs what is missing, checks the code, then runs every workspace's tests against one set of real
// servers. Arguments (e.g. --filter=lockstep) go to turbo. The last line counts; the exit code is 0 only without
// failures.
import { progress } from '../progress.ts';
import { command, interrupt } from '../suite/command.ts';
import { prepare } from '../suite/prerequisites.ts';
import { add, fail, forgetReport, lastLine, reportFile, type Tally, tally } from '../suite/report.ts';
import { testedWorkspaces } from '../suite/workspaces.ts';
import { startBroker } from '../vitest/broker.ts';

const say = progress();
const turboArgs = process.argv.slice(2);
const quiet = ['--output-logs=errors-only', '--log-order=grouped', '--ui=stream', '--continue', ...turboArgs];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop(signal));
// Whoever started it, with a channel to tell, is gone.
process.once('disconnect', () => stop('SIGTERM'));

say('Finding MariaDB, MySQL and Chromium');
const { flavours, chromium, notRun } = await prepare(say);
const env: NodeJS.ProcessEnv = {
  LOCKSTEP_TEST_FLAVOURS: flavours.join(','),
  ...(chromium === null ? {} : { LOCKSTEP_CHROMIUM: chromium }),
  TURBO_TELEMETRY_DISABLED: '1',
  ...(process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' }),
};

let sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
await staticCheck('formatting (prettier --check)', 'prettier', ['--check', '--log-level=warn', '.']);
await staticCheck('building (turbo run build)', 'turbo', ['run', 'build', ...quiet]);
await staticCheck('types and lint (turbo run check lint)', 'turbo', [
  'run',
  'check',
  'lint',
  '--concurrency=2',
  ...quiet,
]);
await tests();

for (const problem of sum.problems) console.log(`failed: ${problem}`);
for (const line of notRun) console.log(`not run: ${line}`);
if (notRun.length > 0 && process.env['CI'] === 'true') fail(sum, 'CI must run everything');
say('Finished');
console.log(lastLine(sum));
process.exit(sum.failed === 0 ? 0 : 1);

function stop(signal: NodeJS.Signals): void {
  interrupt(signal);
  // The servers end with this process.
  process.exit(130);
}

async function staticCheck(name: string, program: string, args: string[]): Promise<void> {
  say(`Checking: ${name}`);
  if ((await command(program, args, env)) !== 0) fail(sum, name);
}

async function tests(): Promise<void> {
  const workspaces = await testedWorkspaces(turboArgs);
  workspaces.forEach(forgetReport);
  say(`Testing ${workspaces.map(({ name }) => name).join(', ')} on ${flavours.join(' and ') || 'no server'}`);
  const broker = await startBroker();
  const code = await command(
    'turbo',
    [
      ...['run', 'test', '--concurrency=2', '--log-order=grouped', '--ui=stream', '--continue', ...turboArgs],
      ...['--', '--reporter=dot', '--reporter=json', `--outputFile.json=${reportFile}`],
    ],
    { ...env, LOCKSTEP_TEST_SERVERS: broker.url },
  );
  await broker.close();
  const before = sum.failed;
  for (const workspace of workspaces) {
    const result = tally(workspace);
    console.log(`  ${workspace.name}: ${lastLine(result)}`);
    sum = add(sum, result);
  }
  if (code !== 0 && sum.failed === before) fail(sum, `turbo run test ended with ${code}`);
}
