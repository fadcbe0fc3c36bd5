// `npm run test:fast`: every test that needs neither servers nor a browser. Arguments go to turbo.
import { progress } from '../progress.ts';
import { endOnSignals } from '../suite/command.ts';
import { finish } from '../suite/finish.ts';
import { plainOutput } from '../suite/plain-output.ts';
import { runTests } from '../suite/run-tests.ts';

const say = progress();
endOnSignals();
finish(await runTests({ lane: 'fast', turboArgs: process.argv.slice(2), env: plainOutput, say }), say);
