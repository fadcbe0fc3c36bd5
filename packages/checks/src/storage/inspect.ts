import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { StorageConfig } from '../config.ts';
import { Database } from './database.ts';
import { refuseEmptied } from './emptied.ts';
import { refuseUnknown } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { refuseNoFile } from './no-file.ts';
import { unusable } from './opening.ts';
import { StorageError } from './storage-error.ts';

/** With less than this left on the disk, history ends soon. */
const leastFreeBytes = 16 * 2 ** 20;

/**
 * Why the history could not be kept in its file, as far as can be told without writing anything: it is damaged, or
 * locked, or another program's, or its disk is full or read-only. Null when all is well, also while a Lockstep has it.
 */
export function inspectStorage({ file }: StorageConfig): string | null {
  if (file === ':memory:') return null;
  try {
    const path = resolve(file);
    refuseNoFile(path, { locked: true });
    const folder = existing(dirname(path));
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < leastFreeBytes) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    // Only then: on a full disk nothing can be read either, in words that would mislead.
    if (existsSync(path)) {
      accessSync(path, constants.R_OK | constants.W_OK);
      refuseEmptied(path);
      examine(path);
    }
    return null;
  } catch (error) {
    return error instanceof StorageError ? error.message : unusable(file, error).message;
  }
}

function examine(path: string): void {
  const db = new Database(path, { readOnly: true });
  try {
    refuseUnknown(db, migrations);
    const sound = db.get<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check;
    if (sound !== 'ok') throw Object.assign(new Error(sound ?? 'it cannot be examined'), { errcode: 11 });
  } finally {
    db.close();
  }
}

function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}
