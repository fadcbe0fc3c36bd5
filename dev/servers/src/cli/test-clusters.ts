// `npm run test:clusters`: installs what is missing, then runs the tests that start clusters of three servers.
// Arguments go to turbo. What kind of cluster cannot be had is said in one line.
import { availableClusters } from '../cluster/available.ts';
import { progress } from '../progress.ts';
import { endOnSignals } from '../suite/command.ts';
import { finish } from '../suite/finish.ts';
import { whatTheMachineLacks } from '../suite/machine.ts';
import { onlyRunHere } from '../suite/only-run-here.ts';
import { plainOutput } from '../suite/plain-output.ts';
import { fail, type Tally } from '../suite/report.ts';
import { runTests } from '../suite/run-tests.ts';

const say = progress();
let sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
endOnSignals();

const lacking = await whatTheMachineLacks();
if (lacking !== null) {
  fail(sum, lacking);
  finish(sum, say);
}
await onlyRunHere(say);
say('Finding MariaDB with Galera, and MySQL with Group Replication');
const { kinds, notRun } = await availableClusters();
const env = { ...plainOutput, LOCKSTEP_TEST_CLUSTERS: kinds.join(',') };
if (kinds.length > 0) sum = await runTests({ lane: 'clusters', turboArgs: process.argv.slice(2), env, say });
for (const line of notRun) console.log(`not run: ${line}`);
if (notRun.length > 0 && process.env['CI'] === 'true') fail(sum, 'CI must run everything');
finish(sum, say);
