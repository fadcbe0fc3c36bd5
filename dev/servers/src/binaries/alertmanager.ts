import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnce } from '../build-once.ts';
import { cacheFolder } from '../cache.ts';
import { hasApt, unpackWithApt } from './apt-root.ts';
import { unpackedCommand } from './unpacked.ts';

export interface AlertmanagerProgram {
  command: string[];
  /** The folder that it has to be run in. */
  folder?: string;
}

const program = 'usr/bin/prometheus-alertmanager';
/** Where Debian's looks for its templates, and nowhere else. */
const templates = '/usr/share/prometheus/alertmanager';

/** Prometheus' Alertmanager: the one on PATH, else Debian's, unpacked into the cache; rejects without either. */
export async function findAlertmanager(): Promise<AlertmanagerProgram> {
  const folders = (process.env['PATH'] ?? '').split(':').filter(Boolean);
  const names = ['alertmanager', 'prometheus-alertmanager'];
  const installed = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const known = installed.find((path) => existsSync(path));
  if (known) return { command: [known] };
  if (!hasApt()) throw new Error('it is not on this machine, and fetching it needs apt-get and dpkg');
  const root = await buildOnce(
    join(cacheFolder(), 'unpacked', `alertmanager-${process.arch}`),
    async (folder) => {
      await unpackWithApt(folder, { packages: ['prometheus-alertmanager'], suite: null });
      await movable(join(folder, program));
    },
  );
  return { command: await unpackedCommand(root, program), folder: join(root, templates) };
}

/** Has a program look in the folder that it runs in: a path of the same length in place of the one built into it. */
async function movable(file: string): Promise<void> {
  const content = (await readFile(file)).toString('latin1');
  const here = `.${'/'.repeat(templates.length - 1)}`;
  await writeFile(file, content.replaceAll(templates, here), 'latin1');
}
