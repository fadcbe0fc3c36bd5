import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from '../build-once.ts';
import { cacheFolder } from '../cache.ts';
import { hasApt, unpackWithApt } from './apt-root.ts';
import { unpackedCommand } from './unpacked.ts';

/** Program and leading arguments: the one on PATH, else Debian's, unpacked into the cache; rejects without either. */
export async function findHaproxy(onProgress: (line: string) => void = () => undefined): Promise<string[]> {
  const folders = (process.env['PATH'] ?? '').split(':').filter(Boolean);
  const installed = [...folders, '/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, 'haproxy'));
  const known = installed.find((path) => existsSync(path));
  if (known) return [known];
  const root = join(cacheFolder(), 'unpacked', `haproxy-${process.arch}`);
  if (!existsSync(root)) {
    if (!hasApt()) throw new Error('it is not on this machine, and fetching it needs apt-get and dpkg');
    onProgress(`Fetching HAProxy into ${cacheFolder()}, once …`);
    await buildOnce(root, (folder) => unpackWithApt(folder, { packages: ['haproxy'], suite: null }));
  }
  return await unpackedCommand(root, 'usr/sbin/haproxy');
}
