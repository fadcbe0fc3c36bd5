// `npm run dev`: the demo's servers, and Lockstep over them as it is written at this moment. The API starts again when
// its sources change, the page in the browser follows its own. Everything ends, and goes, with this process.
import { startDev } from './dev.ts';
import { parseOptions, usage } from './options.ts';
import { runProgram } from './program.ts';

await runProgram('npm run dev', usage('dev'), (say, cleanup) =>
  startDev(parseOptions(process.argv.slice(2)), say, cleanup),
);
