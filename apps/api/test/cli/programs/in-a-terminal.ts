import { appendFileSync } from 'node:fs';
import { onReloadSignal, onStopSignal } from '../../../src/cli/signals.ts';

// Takes signals as `serve` does, and notes them in a file, for its terminal is taken away.
const [file = ''] = process.argv.slice(2);
const note = (text: string) => appendFileSync(file, `${text}\n`);
onStopSignal((signal) => {
  note(signal);
  process.exit(0);
});
onReloadSignal(() => note('reload'));
setInterval(() => undefined, 60_000);
note(`ready ${process.pid}`);
