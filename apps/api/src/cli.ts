import './small-heap.ts';
import { runCli } from './cli/run.ts';
import { exitCodeOf } from './cli/signals.ts';

for (const stream of [process.stdout, process.stderr]) {
  let lost = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) is no error.
    if (error.code === 'EPIPE') process.exit(exitCodeOf('SIGPIPE'));
    // The terminal is closed, and the shell told nobody: as if it had.
    if (error.code !== 'EIO') throw error;
    if (!lost) process.kill(process.pid, 'SIGTERM');
    lost = true;
  });
}

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
// What is still open belongs to nobody; what was written must arrive, though.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
