import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from '../build-once.ts';
import { cacheFolder } from '../cache.ts';
import { hasApt, unpackWithApt } from './apt-root.ts';
import { libraryFolders, loaderIn } from './unpacked.ts';

/** How to run nginx: the one of this machine, else one unpacked into the cache from Debian's package. */
export async function findOrInstallNginx(): Promise<[string, ...string[]]> {
  for (const folder of [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin']) {
    if (folder !== '' && existsSync(join(folder, 'nginx'))) return [join(folder, 'nginx')];
  }
  if (!hasApt()) throw new Error('nginx is not on this machine, and fetching it needs apt-get and dpkg');
  const root = await buildOnce(join(cacheFolder(), 'unpacked', `nginx-${process.arch}`), (folder) =>
    unpackWithApt(folder, { packages: ['nginx-light', 'nginx'], suite: null }),
  );
  const libraries = await libraryFolders(root);
  return [await loaderIn(libraries), '--library-path', libraries.join(':'), join(root, 'usr/sbin/nginx')];
}
