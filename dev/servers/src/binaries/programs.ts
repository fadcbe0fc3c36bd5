import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from '../build-once.ts';
import { cacheFolder } from '../cache.ts';
import { hasApt, unpackWithApt } from './apt-root.ts';
import { unpackedCommand } from './unpacked.ts';

interface DebianProgram {
  /** As it is spoken of. */
  name: string;
  /** Where its package puts it, from the root on. */
  path: string;
  /** In order of preference. */
  packages: string[];
}

type Say = (line: string) => void;

export const findHaproxy = finder({ name: 'HAProxy', path: 'usr/sbin/haproxy', packages: ['haproxy'] });

export const findNginx = finder({
  name: 'nginx',
  path: 'usr/sbin/nginx',
  packages: ['nginx-light', 'nginx'],
});

/** What examines rules and metrics for Prometheus. */
export const findPromtool = finder({ name: 'promtool', path: 'usr/bin/promtool', packages: ['prometheus'] });

/** Program and leading arguments: the one on PATH, else Debian's, unpacked into the cache; rejects without either. */
function finder({ name, path, packages }: DebianProgram) {
  const file = path.replace(/^.*\//, '');
  return async (onProgress: Say = () => undefined): Promise<[string, ...string[]]> => {
    const folders = (process.env['PATH'] ?? '').split(':').filter(Boolean);
    const installed = [...folders, '/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, file));
    const known = installed.find((each) => existsSync(each));
    if (known) return [known];
    const root = join(cacheFolder(), 'unpacked', `${file}-${process.arch}`);
    if (!existsSync(root)) {
      if (!hasApt()) throw new Error('it is not on this machine, and fetching it needs apt-get and dpkg');
      onProgress(`Fetching ${name} into ${cacheFolder()}, once …`);
      await buildOnce(root, (folder) => unpackWithApt(folder, { packages, suite: null }));
    }
    return unpackedCommand(root, path);
  };
}
