// `npm test`: installs what is missing, then checks the code while it runs every workspace's tests against one set
// of real servers; `--long` runs those that are long by nature instead, and the engine's on other releases of MariaDB.
// Arguments (e.g. --filter=lockstep) go to turbo. The last line counts; the exit code is 0 only without failures.
import { progress } from '../progress.ts';
import { begin } from '../suite/begin.ts';
import { command, endOnSignals } from '../suite/command.ts';
import { finish } from '../suite/finish.ts';
import { plainOutput } from '../suite/plain-output.ts';
import { prepare } from '../suite/prerequisites.ts';
import { add, fail } from '../suite/report.ts';
import { runOnReleases } from '../suite/run-on-releases.ts';
import { runTests } from '../suite/run-tests.ts';

const say = progress();
const lane = process.argv[2] === '--long' ? 'long' : 'all';
const turboArgs = process.argv.slice(lane === 'long' ? 3 : 2);
endOnSignals();

let sum = await begin(say);
say('Finding MariaDB, MySQL and Chromium');
const { flavours, chromium, notRun } = await prepare(say);
const env: NodeJS.ProcessEnv = {
  ...plainOutput,
  LOCKSTEP_TEST_FLAVOURS: flavours.join(','),
  ...(chromium === null ? {} : { LOCKSTEP_CHROMIUM: chromium }),
};
say(`On ${flavours.join(' and ') || 'no server'}, ${chromium === null ? 'no browser' : 'Chromium'}`);

const turbo = ['--output-logs=errors-only', '--log-order=grouped', '--ui=stream', '--continue', ...turboArgs];
if (lane === 'all') await check('building (turbo run build)', 'turbo', ['run', 'build', ...turbo]);
// Tests wait for servers much of their time, which is when the code is checked.
const [tested] = await Promise.all([
  runTests({ lane, turboArgs, env, say }),
  lane === 'all' ? checkCode() : undefined,
]);
sum = add(sum, tested);
if (lane === 'long') sum = add(sum, await runOnReleases({ turboArgs, env, say }, notRun));

for (const line of notRun) console.log(`not run: ${line}`);
if (notRun.length > 0 && process.env['CI'] === 'true') fail(sum, 'CI must run everything');
finish(sum, say);

/** All workspaces at once: what they share is read once, and a program of its own for each is most of the work. */
async function checkCode(): Promise<void> {
  await check('formatting (oxfmt --check)', 'oxfmt', ['--check', '.']);
  await check('types (tsc)', 'tsc', ['-p', '.']);
  await check("the page's types (svelte-check)", 'npm', [
    'run',
    '--silent',
    'check',
    '--workspace=@lockstep/web',
  ]);
  await check("the page's lint (eslint)", 'eslint', ['apps/web/src']);
  await check('lint (oxlint)', 'oxlint', []);
}

async function check(name: string, program: string, args: string[]): Promise<void> {
  say(`Checking: ${name}`);
  if ((await command(program, args, env)) !== 0) fail(sum, name);
}
