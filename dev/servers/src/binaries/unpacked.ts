import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Flavour } from '../flavour.ts';
import { identify, type ServerBinaries } from './binaries.ts';

/**
 * How to run the server from a folder that packages were unpacked into: with that folder's own loader and libraries.
 */
export async function unpackedServer(root: string, flavour: Flavour): Promise<ServerBinaries> {
  const usr = join(root, 'usr');
  const shareFolder = [join(usr, 'share/mariadb'), join(usr, 'share/mysql')].find((folder) =>
    existsSync(join(folder, 'charsets', 'Index.xml')),
  );
  if (!shareFolder) throw new Error(`no charsets under ${usr}/share`);
  const command: [string, ...string[]] = [
    ...(await unpackedCommand(root, `usr/sbin/${flavour === 'mariadb' ? 'mariadbd' : 'mysqld'}`)),
    '--no-defaults',
    `--basedir=${usr}`,
    `--lc-messages-dir=${shareFolder}`,
    `--character-sets-dir=${join(shareFolder, 'charsets')}`,
    `--plugin-dir=${join(usr, 'lib/mysql/plugin')}`,
  ];
  const found = await identify(command);
  if (found?.flavour !== flavour) throw new Error(`what was unpacked into ${root} does not run`);
  return { ...found, command, shareFolder };
}

/** A program at `path` under a folder that packages were unpacked into. */
export async function unpackedCommand(root: string, path: string): Promise<[string, ...string[]]> {
  const libraries = await libraryFolders(root);
  return [await loaderIn(libraries), '--library-path', libraries.join(':'), join(root, path)];
}

/** `lib/TRIPLET` and `usr/lib/TRIPLET`: which of them is used depends on the age of the distribution. */
async function libraryFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (const base of [join(root, 'lib'), join(root, 'usr/lib')]) {
    const names = existsSync(base) ? await readdir(base) : [];
    folders.push(...names.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(base, name)));
  }
  return folders;
}

async function loaderIn(folders: string[]): Promise<string> {
  for (const folder of folders) {
    const loader = (await readdir(folder)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader) return join(folder, loader);
  }
  throw new Error(`no dynamic loader in ${folders.join(', ')}`);
}
