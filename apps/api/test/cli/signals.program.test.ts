import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patient } from '@lockstep/servers/patience';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
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

describe('a program that was started in a terminal, which is closed', () => {
  const PROGRAM = fileURLToPath(new URL('./programs/in-a-terminal.ts', import.meta.url));

  /** What it noted by the time that it has noted a signal. */
  async function closed(started: (command: string) => string): Promise<string[]> {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-terminal-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'noted');
    const noted = () => readFileSync(file, 'utf8').trim().split('\n');
    const command = started(`${process.execPath} ${PROGRAM} ${file}`);
    const terminal = new Program('script', ['-qec', `exec ${command}`, '/dev/null']);
    await vi.waitFor(() => expect(noted()[0]).toMatch(/^ready/), patient);
    onTestFinished(() => {
      try {
        process.kill(Number(noted()[0]?.split(' ')[1]), 'SIGKILL');
      } catch {
        // It has ended.
      }
    });
    terminal.child.kill('SIGKILL');
    await vi.waitFor(() => expect(noted()).toHaveLength(2), patient);
    return noted().slice(1);
  }

  test('stops', async () => {
    expect(await closed((command) => command)).toEqual(['SIGTERM']);
  });

  test('stops, whatever its output goes to', async () => {
    expect(await closed((command) => `${command} >/dev/null 2>&1`)).toEqual(['SIGTERM']);
  });

  test('lives on by nohup, and takes the signal as any other', async () => {
    expect(await closed((command) => `nohup ${command} >/dev/null 2>&1`)).toEqual(['reload']);
  });
});
