import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { MINIMAL, writeFiles } from '../config/write.ts';
import { lockstep } from './program.ts';

test('what is written while the program starts is taken up by SIGHUP all the same', async () => {
  const servers = MINIMAL.replace(/db\d\.example\.com/g, (host) => `127.0.0.1\n    port: ${host.charAt(2)}`);
  const configuration = `${servers}http: {port: ${await freePort()}}\nstorage: {file: history.db}\n`;
  const file = join(writeFiles({ 'lockstep.yaml': configuration }), 'lockstep.yaml');
  const program = lockstep(['serve', '--config', file]);
  await vi.waitFor(() => expect(program.stdout).toContain('"starting"'), { ...patient, interval: 1 });
  writeFileSync(file, `${configuration}defaults: {lag: {warning: 7s}}\n`);
  program.child.kill('SIGHUP');
  await vi.waitFor(() => expect(program.stdout).toContain('configuration taken up'), patient);
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
});
