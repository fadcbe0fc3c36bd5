import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from './file-lock.ts';

/**
 * A folder that is either complete or not there: `build` fills a folder beside it, which is renamed into place at the
 * end. Processes that want the same folder at the same time wait for the first and share its work.
 */
export async function buildOnce(folder: string, build: (into: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  return withFileLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder;
    const unfinished = await mkdtemp(`${folder}.tmp-`);
    try {
      await build(unfinished);
      await rename(unfinished, folder);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return folder;
  });
}
