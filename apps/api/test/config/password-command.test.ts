import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import { passwordFromCommand } from '../../src/config/password-command.ts';
import { Program } from '../cli/program.ts';

const ASKS = fileURLToPath(new URL('../cli/programs/asks-password.ts', import.meta.url));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lockstep-command-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A script that waits for a program that never ends, and notes its number. */
const waits = ['/bin/sh', '-c', 'sleep 100000 & echo $! > called; wait; echo password'];

function isThere(pid: number): boolean {
  try {
    // What has ended, and nobody asked about, is a zombie.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

function called(where: string): number {
  const file = join(where, 'called');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

test('a password command that does not end when it is asked to is ended', async () => {
  const script = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000)`;
  const hung = passwordFromCommand([process.execPath, '-e', script], tmpdir());
  await expect(hung).rejects.toThrow('did not end within 10 s');
});

test('what a password command called ends with it when it is ended', async () => {
  const where = folder();
  await expect(passwordFromCommand(waits, where, { timeoutMs: 1_000 })).rejects.toThrow(
    'did not end within 1 s',
  );
  expect(called(where)).toBeGreaterThan(0);
  await vi.waitFor(() => expect(isThere(called(where))).toBe(false), patient);
});

test('a password command ends, with what it called, when the program does', async () => {
  const where = folder();
  const program = new Program(process.execPath, [ASKS, where, ...waits]);
  await vi.waitFor(() => expect(called(where)).toBeGreaterThan(0), patient);
  program.child.stdin?.end();
  expect(await program.ended).toBe(0);
  await vi.waitFor(() => expect(isThere(called(where))).toBe(false), patient);
});

test('hundreds of servers that ask for their passwords at once have few commands run at a time', async () => {
  const where = folder();
  const notes = ['/bin/sh', '-c', 'echo begin >> log; sleep 0.05; echo end >> log; echo password'];
  const asked = Array.from({ length: 60 }, () => passwordFromCommand(notes, where));
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['password']));
  let [now, most] = [0, 0];
  for (const line of readFileSync(join(where, 'log'), 'utf8').trim().split('\n')) {
    now += line === 'begin' ? 1 : -1;
    most = Math.max(most, now);
  }
  expect(most).toBeLessThanOrEqual(8);
  expect(now).toBe(0);
});

test('commands that hang, and did before, keep no other from its turn', async () => {
  const where = folder();
  const hangs = ['/bin/sh', '-c', 'exec sleep 100000'];
  const late = { timeoutMs: 5_000, wasLate: true };
  const hung = Array.from({ length: 20 }, () => passwordFromCommand(hangs, where, late));
  const ended = Promise.allSettled(hung);
  const first = Promise.race(hung.map((each) => each.catch(() => 'one that hung')));
  const others = Array.from({ length: 20 }, () => passwordFromCommand(['/bin/echo', 'password'], where));
  expect(await Promise.race([first, Promise.all(others)])).toEqual(others.map(() => 'password'));
  await ended;
});
