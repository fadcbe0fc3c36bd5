// `npm run demo`: a real source with two real replicas under load, and Lockstep watching them. One replica is held back
// now and then and holds differences that replication does not know of. Everything ends, and goes, with this process.
import { startDemo } from './demo.ts';
import { parseOptions, usage } from './options.ts';
import { runProgram } from './program.ts';

await runProgram('The demo', usage('demo'), (say, cleanup) =>
  startDemo(parseOptions(process.argv.slice(2), { drills: true }), say, cleanup),
);
