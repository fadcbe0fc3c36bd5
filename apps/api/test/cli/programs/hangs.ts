import { onStopSignal } from '../../../src/cli/signals.ts';

// Takes note of the first signal and then never stops by itself; `end` on standard input ends it with 7.
onStopSignal((signal) => console.log(`first ${signal}`));
process.stdin.on('data', (chunk) => {
  if (chunk.toString().includes('end')) process.exit(7);
});
console.log('ready');
