import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { Program } from './program.ts';

const READS = fileURLToPath(new URL('./programs/reads.ts', import.meta.url));

test('a program ends while a file that it reads does not come, and with its exit code where it does', async () => {
  const folder = writeFiles({ file: 'content' });
  const pipe = join(folder, 'pipe');
  // Nobody writes into it: whoever opens it waits in a call of the system's, as on a mount whose server is away.
  execFileSync('mkfifo', [pipe]);
  expect(await new Program(process.execPath, [READS, pipe]).ended).toBe('SIGKILL');
  expect(await new Program(process.execPath, [READS, join(folder, 'file')]).ended).toBe(7);
});
