import { fileURLToPath } from 'node:url';
import { patient } from '@lockstep/servers/patience';
import { describe, expect, test, vi } from 'vitest';
import { Program } from './program.ts';

const HANGS = fileURLToPath(new URL('./programs/hangs.ts', import.meta.url));

async function ready(): Promise<Program> {
  const program = new Program(process.execPath, [HANGS]);
  await vi.waitFor(() => expect(program.stdout).toContain('ready'), patient);
  return program;
}

describe('a program that hangs while it stops', () => {
  test('is ended by a second signal', async () => {
    const program = await ready();
    const again = setInterval(() => program.child.kill('SIGINT'), 100);
    expect(await program.ended).toBe(130);
    clearInterval(again);
    expect(program.stdout.match(/first SIGINT/g)).toHaveLength(1);
  });

  test('is not ended by the echo of the first', async () => {
    const program = await ready();
    program.child.kill('SIGINT');
    program.child.kill('SIGTERM');
    await vi.waitFor(() => expect(program.stdout).toContain('first'), patient);
    program.child.stdin?.write('end\n');
    expect(await program.ended).toBe(7);
  });
});
