import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { passwordFromCommand } from '../../src/config/password-command.ts';

test('a password command that does not end when it is asked to is ended', async () => {
  const script = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000)`;
  const hung = passwordFromCommand([process.execPath, '-e', script], tmpdir());
  await expect(hung).rejects.toThrow('did not end within 10 s');
});
