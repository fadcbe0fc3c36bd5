import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasApt, unpackWithApt } from '../binaries/apt-root.ts';
import { type ServerBinaries, ServerUnavailable } from '../binaries/binaries.ts';
import { findOrInstall } from '../binaries/find-or-install.ts';
import { buildOnce } from '../build-once.ts';
import { cacheFolder } from '../cache.ts';

export interface GaleraBinaries {
  binaries: ServerBinaries;
  /** The library that MariaDB loads. */
  provider: string;
}

const installed = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so'];

/**
 * MariaDB and the library that makes a cluster of it: the one on this machine, else Debian's, unpacked into the cache.
 * Rejects with `ServerUnavailable`.
 */
export async function findGalera(): Promise<GaleraBinaries> {
  const binaries = await findOrInstall('mariadb');
  const known = installed.find((path) => existsSync(path));
  if (known) return { binaries, provider: known };
  const root = join(cacheFolder(), 'unpacked', `galera-${process.arch}`);
  try {
    if (!existsSync(root)) {
      if (!hasApt()) throw new Error('fetching it needs apt-get and dpkg');
      await buildOnce(root, (folder) => unpackWithApt(folder, { packages: ['galera-4'], suite: null }));
    }
  } catch (cause) {
    throw new ServerUnavailable('mariadb', `Galera is not on this machine and could not be fetched`, {
      cause,
    });
  }
  return {
    binaries: { ...binaries, command: await withLibraries(binaries.command, root) },
    provider: join(root, 'usr/lib/galera/libgalera_smm.so'),
  };
}

/** What is unpacked runs with its own loader, which has to find the library's libraries as well. */
async function withLibraries(
  command: ServerBinaries['command'],
  root: string,
): Promise<ServerBinaries['command']> {
  const at = command.indexOf('--library-path') + 1;
  if (at === 0) return command;
  const lib = join(root, 'usr/lib');
  const names = (await readdir(lib)).filter((name) => name.endsWith('-linux-gnu'));
  const [program, ...args] = command;
  args[at - 1] = [args[at - 1], ...names.map((name) => join(lib, name))].join(':');
  return [program, ...args];
}
