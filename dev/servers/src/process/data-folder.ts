import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerBinaries } from '../binaries/binaries.ts';
import { buildOnce } from '../build-once.ts';
import { cacheFolder } from '../cache.ts';
import { atLeast } from '../flavour.ts';
import { run } from '../run.ts';
import { storageOptions } from './server-options.ts';

/** What MySQL is told when its data is made, and never otherwise again. */
const lasting = /^--lower-case-table-names=/;

/**
 * Makes `folder` a fresh data folder: a copy of one that was initialised once for this version and kept. `given`: the
 * options that the server will run with.
 */
export async function createDataFolder(
  binaries: ServerBinaries,
  folder: string,
  given: readonly string[] = [],
): Promise<void> {
  const options = [...storageOptions(binaries), ...given.filter((option) => lasting.test(option))];
  const recipe = createHash('sha256')
    .update(JSON.stringify([binaries.command, options, 'sparse']))
    .digest('hex')
    .slice(0, 12);
  const name = `${binaries.flavour}-${binaries.version.join('.')}-${recipe}`;
  const template = await buildOnce(join(cacheFolder(), 'templates', name), async (into) => {
    const whole = `${into}.whole`;
    try {
      await mkdir(whole);
      await (binaries.flavour === 'mariadb'
        ? initMariadb(binaries, whole)
        : initMysql(binaries, options, whole));
      // More than half of it is zeros. What are holes here need not be read to be found empty, for each copy anew.
      await copy(whole, into, '--sparse=always');
    } finally {
      await rm(whole, { recursive: true, force: true });
    }
  });
  await copy(template, folder, '--sparse=auto');
}

/** Node's own copy takes five times the processor's time, for some two hundred files and every server of a test. */
async function copy(from: string, to: string, sparse: string): Promise<void> {
  await run('cp', ['-rT', '--reflink=auto', sparse, from, to]);
}

async function initMysql(binaries: ServerBinaries, given: readonly string[], folder: string): Promise<void> {
  const [program, ...args] = binaries.command;
  const options = [...given, '--skip-log-bin', `--datadir=${folder}`];
  await run(program, [...args, ...options, '--initialize-insecure']);
  // The identity: every copy makes its own.
  await rm(join(folder, 'auto.cnf'));
}

/** What `mariadb-install-db` does, without the tools around the server that it calls for. */
async function initMariadb(binaries: ServerBinaries, folder: string): Promise<void> {
  const [program, ...args] = binaries.command;
  const input = [
    'create database mysql;',
    'use mysql;',
    'set @auth_root_socket=NULL;',
    'set @skip_auth_anonymous=1;',
  ];
  for (const name of ['system_tables', 'performance_tables', 'system_tables_data', 'sys_schema']) {
    // Without the schema `sys` before 10.6.
    if (name === 'sys_schema' && !atLeast(binaries.version, 10, 6)) continue;
    input.push(await readFile(shareFile(binaries, `mariadb_${name}.sql`, `mysql_${name}.sql`), 'utf8'));
  }
  await run(
    program,
    [
      ...args,
      ...storageOptions(binaries),
      `--datadir=${folder}`,
      '--bootstrap',
      '--enforce-storage-engine=',
      '--max-allowed-packet=8M',
      '--net-buffer-length=16K',
    ],
    { input: input.join('\n') + '\n' },
  );
}

function shareFile({ shareFolder }: ServerBinaries, ...names: string[]): string {
  const file = names.map((name) => join(shareFolder, name)).find((path) => existsSync(path));
  if (!file) throw new Error(`none of ${names.join(', ')} in ${shareFolder}`);
  return file;
}
