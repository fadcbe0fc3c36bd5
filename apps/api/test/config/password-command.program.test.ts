import { fileURLToPath } from 'node:url';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { passwordFromCommand } from '../../src/config/password-command.ts';
import { Program } from '../cli/program.ts';
import { called, folder, isThere, waits } from './waiting-command.ts';

const ASKS = fileURLToPath(new URL('../cli/programs/asks-password.ts', import.meta.url));

test('a password command ends, with what it called, when the program does', async () => {
  const where = folder();
  const program = new Program(process.execPath, [ASKS, where, ...waits]);
  await vi.waitFor(() => expect(called(where)).toBeGreaterThan(0), patient);
  program.child.stdin?.end();
  expect(await program.ended).toBe(0);
  await vi.waitFor(() => expect(isThere(called(where))).toBe(false), patient);
});

test('commands that hang, and did before, keep no other from its turn', async () => {
  const where = folder();
  const hangs = ['/bin/sh', '-c', 'exec sleep 100000'];
  const late = { timeoutMs: 20_000, wasLate: true };
  const hung = Array.from({ length: 20 }, () => passwordFromCommand(hangs, where, late));
  const ended = Promise.allSettled(hung);
  const first = Promise.race(hung.map((each) => each.catch(() => 'one that hung')));
  const others = Array.from({ length: 20 }, () => passwordFromCommand(['/bin/echo', 'password'], where));
  expect(await Promise.race([first, Promise.all(others)])).toEqual(others.map(() => 'password'));
  await ended;
});
