import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.ts';

/** What to unpack: package names in order of preference, and the Debian suite (null: the machine's own sources). */
export interface AptRequest {
  packages: string[];
  suite: string | null;
}

/** Whether this machine has what unpacking Debian packages takes. Being root is not needed. */
export function hasApt(): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  return ['apt-get', 'dpkg'].every((name) => folders.some((folder) => existsSync(join(folder, name))));
}

/**
 * Fetches a package with everything it needs (its C library too) and unpacks all of it into `root`. Nothing of the
 * machine changes: apt works on a state of its own, on the mirrors and with the proxies that the machine is configured
 * for, and checks signatures as always.
 */
export async function unpackWithApt(root: string, request: AptRequest): Promise<void> {
  const work = join(root, '.apt');
  const options = await privateState(work, request.suite);
  const apt = (...args: string[]) => run('apt-get', [...options, ...args], { env: { LC_ALL: 'C.UTF-8' } });
  await apt('-qq', 'update');
  await apt('-qq', '-y', '--download-only', 'install', await firstKnown(options, request.packages));
  const archives = join(work, 'archives');
  for (const name of await readdir(archives)) {
    if (name.endsWith('.deb')) await run('dpkg', ['-x', join(archives, name), root]);
  }
  await rm(work, { recursive: true });
}

/** An empty dpkg status, so that every dependency counts as missing and is fetched. */
async function privateState(work: string, suite: string | null): Promise<string[]> {
  for (const folder of ['lists/partial', 'archives/partial', 'state']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  await writeFile(join(work, 'status'), '');
  const options = [
    `Dir::State=${join(work, 'state')}`,
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::State::status=${join(work, 'status')}`,
    `Dir::Cache=${work}`,
    'Acquire::Languages=none',
    'APT::Install-Recommends=false',
    // The download user may not enter a private folder, and there is nothing else here for it to be kept from.
    'APT::Sandbox::User=root',
  ];
  if (suite !== null) {
    const list = join(work, 'sources.list');
    await writeFile(list, `deb [signed-by=${debianKeys}] ${await debianMirror()} ${suite} main\n`);
    options.push(`Dir::Etc::sourcelist=${list}`, 'Dir::Etc::sourceparts=-', 'Dir::Etc::preferencesparts=-');
  }
  return options.flatMap((option) => ['-o', option]);
}

const debianKeys = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The mirror of Debian that this machine's apt already uses; rejects where it uses none. */
export async function debianMirror(): Promise<string> {
  const targets = await run('apt-get', ['indextargets', '--format', '$(LABEL) $(REPO_URI)']);
  const mirror = /^Debian (\S+)$/m.exec(targets)?.[1];
  if (!mirror || !existsSync(debianKeys)) throw new Error("apt here does not use Debian's archive");
  return mirror;
}

async function firstKnown(options: string[], packages: string[]): Promise<string> {
  for (const name of packages) {
    const known = await run('apt-cache', [...options, 'show', '--no-all-versions', name]).catch(() => '');
    if (known) return name;
  }
  throw new Error(`apt knows none of ${packages.join(', ')}`);
}
