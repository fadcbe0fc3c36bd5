import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { MINIMAL, writeFiles } from '../config/write.ts';
import { lockstep } from './program.ts';

const pipe = (file: string) => void execFileSync('mkfifo', [file]);

async function serving(more: (folder: string) => string) {
  const port = await freePort();
  const servers = MINIMAL.replace(/db\d\.example\.com/g, (host) => `127.0.0.1\n    port: ${host.charAt(2)}`);
  const folder = writeFiles({});
  const text = `${servers}http: {port: ${port}}\nstorage: {file: ':memory:'}\n${more(folder)}`;
  const file = join(folder, 'lockstep.yaml');
  writeFileSync(file, text);
  const program = lockstep(['serve', '--config', file]);
  await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);
  const timesRefused = () => program.stdout.split('configuration refused').length - 1;
  return {
    file,
    folder,
    program,
    /** Resolves with what was said of it, once it was refused; whoever asks is answered. */
    reloadInVain: async (): Promise<string> => {
      const before = timesRefused();
      program.child.kill('SIGHUP');
      await vi.waitFor(() => expect(timesRefused()).toBe(before + 1), patient);
      const { status } = await fetch(`http://127.0.0.1:${port}/api/health/live`);
      expect(status).toBe(200);
      return program.stdout.slice(program.stdout.lastIndexOf('configuration refused'));
    },
  };
}

test('a configuration that is a pipe, a folder or longer than any is refused by a reload, and the service goes on', async () => {
  const { file, program, reloadInVain } = await serving(() => '');

  rmSync(file);
  pipe(file);
  expect(await reloadInVain()).toContain('it is a pipe or a device, not a file');

  rmSync(file);
  mkdirSync(file);
  expect(await reloadInVain()).toContain('it is a folder, not a file');

  rmSync(file, { recursive: true });
  writeFileSync(file, '');
  truncateSync(file, 50 * 2 ** 20);
  expect(await reloadInVain()).toContain('it has 50 MB; more than 2 MB are not read');

  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
});

test('a secret that is a pipe is refused by a reload, and the service goes on', async () => {
  const { folder, reloadInVain } = await serving((at) => {
    writeFileSync(join(at, 'hook'), 'http://127.0.0.1:9/hook');
    return `notifications: [{type: webhook, name: hook, urlFile: hook}]\n`;
  });
  rmSync(join(folder, 'hook'));
  pipe(join(folder, 'hook'));
  const said = await reloadInVain();
  expect(said).toContain('it is a pipe or a device, not a file');
  expect(said).toContain('urlFile');
});
