import './small-heap.ts';
import { runCli } from './cli/run.ts';
import { exitCodeOf } from './cli/signals.ts';

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodeOf('SIGPIPE'));
});

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
// What is still open belongs to nobody; what was written must arrive, though.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
