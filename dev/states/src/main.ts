// `npm run states`: the page in every state that a person may find it in, over an engine that says what a scene tells
// it to; no database server is needed. With --screenshots, a picture of each screen instead; with --edit and one scene,
// the page as it is being written.
import { runProgram } from '@lockstep/demo/src/program.ts';
import { parseOptions, usage } from './options.ts';
import { startStates } from './states.ts';

await runProgram('npm run states', usage, (say, cleanup, finish) =>
  startStates(parseOptions(process.argv.slice(2)), say, cleanup, finish),
);
