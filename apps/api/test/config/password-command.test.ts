import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { passwordFromCommand } from '../../src/config/password-command.ts';
import { called, folder, isThere, waits } from './waiting-command.ts';

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
