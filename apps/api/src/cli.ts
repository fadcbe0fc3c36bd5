import './small-heap.ts';
import { endInSpiteOfDisks, filesAreDone } from './cli/disks.ts';
import { EXIT } from './cli/exit-code.ts';
import { runCli } from './cli/run.ts';
import { exitCodeOf } from './cli/signals.ts';

/** Why what was to be said is not there. */
let unwritten: Error | undefined;

for (const stream of [process.stdout, process.stderr]) {
  let lost = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    endIfUnread(error);
    if (error.code !== 'EIO' || !stream.isTTY) {
      // A full disk is no reason to end: a log goes on when it can, and a report is not all that a command says.
      if (stream === process.stdout) noteUnwritten(error);
      return;
    }
    // The terminal is closed, and the shell told nobody: as if it had.
    if (!lost) process.kill(process.pid, 'SIGTERM');
    lost = true;
  });
}

endInSpiteOfDisks();
const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
await filesAreDone();
// What is still open belongs to nobody; what was written must arrive, though.
process.stdout.write('', (error) => {
  if (error) noteUnwritten(error);
  if (unwritten) process.stderr.write(`standard output could not be written: ${unwritten.message}\n`);
  process.stderr.write('', () => process.exit(unwritten && code === EXIT.ok ? EXIT.usage : code));
});

/** A reader that has seen enough (`| head`) is no error; one of a log who has gone is no reason to end. */
function endIfUnread({ code }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE' && !writesLog()) process.exit(exitCodeOf('SIGPIPE'));
}

function noteUnwritten(error: Error): void {
  endIfUnread(error);
  // Of a log the lines are counted there.
  if (!writesLog()) unwritten ??= error;
}

/** It has a listener of its own. */
function writesLog(): boolean {
  return process.stdout.listenerCount('error') > 1;
}
