// `npm run test:clusters`: installs what is missing, then runs the tests that start clusters of three servers.
// Arguments go to turbo. What kind of cluster cannot be had is said in one line.
import { availableClusters } from '../cluster/available.ts';
import { progress } from '../progress.ts';
import { begin } from '../suite/begin.ts';
import { endOnSignals } from '../suite/command.ts';
import { finish } from '../suite/finish.ts';
import { plainOutput } from '../suite/plain-output.ts';
import { fail } from '../suite/report.ts';
import { runTests } from '../suite/run-tests.ts';

const say = progress();
endOnSignals();

let sum = await begin(say);
say('Finding MariaDB with Galera, and MySQL with Group Replication');
const { kinds, notRun } = await availableClusters();
const env = { ...plainOutput, LOCKSTEP_TEST_CLUSTERS: kinds.join(',') };
if (kinds.length > 0) sum = await runTests({ lane: 'clusters', turboArgs: process.argv.slice(2), env, say });
for (const line of notRun) console.log(`not run: ${line}`);
if (notRun.length > 0 && process.env['CI'] === 'true') fail(sum, 'CI must run everything');
finish(sum, say);
