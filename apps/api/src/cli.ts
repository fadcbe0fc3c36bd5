import { runCli } from './cli/run.ts';

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
// What is still open belongs to nobody; what was written must arrive, though.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
