import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Flavour } from '../flavour.ts';
import { run } from '../run.ts';
import { identify, type ServerBinaries } from './binaries.ts';

/** The server that this machine already has on PATH (or where packages put it); null for none. */
export async function findInstalled(flavour: Flavour): Promise<ServerBinaries | null> {
  const folders = (process.env['PATH'] ?? '').split(':').filter(Boolean);
  for (const folder of new Set([...folders, '/usr/sbin', '/usr/local/sbin', '/usr/libexec'])) {
    for (const name of flavour === 'mariadb' ? ['mariadbd', 'mysqld'] : ['mysqld']) {
      const program = join(folder, name);
      if (!existsSync(program)) continue;
      const command: [string, ...string[]] = [program, '--no-defaults'];
      // A `mysqld` may well be MariaDB's.
      const found = await identify(command);
      if (found?.flavour !== flavour) continue;
      return { ...found, command, shareFolder: await shareFolderOf(command) };
    }
  }
  return null;
}

async function shareFolderOf([program, ...args]: [string, ...string[]]): Promise<string> {
  const help = await run(program, [...args, '--verbose', '--help']);
  const charsets = /^character-sets-dir\s+(\/\S+)/m.exec(help)?.[1];
  if (!charsets) throw new Error(`${program} --verbose --help names no character-sets-dir`);
  return dirname(charsets.replace(/\/$/, ''));
}
