import type { StorageConfig } from '../config.ts';
import { openFile, type OpenOptions, optionsOf } from './opening.ts';
import { SqliteStorage } from './sqlite-storage.ts';
import { standIn } from './stand-in.ts';
import type { MetricsStorage } from './storage.ts';
import { StorageError } from './storage-error.ts';

/**
 * The history, whatever becomes of its file: one that cannot be opened or written costs the history, and neither
 * measuring nor alerting. Then what happens is kept in memory for some time, `health` says why, and the file is gone on
 * with as soon as it can be used. Throws StorageError all the same where going on would do harm: another Lockstep has
 * the file, a newer one wrote it, or it is another program's.
 */
export function openStorageOrGoOn(config: StorageConfig, options: OpenOptions): MetricsStorage {
  try {
    return openStorage(config, options);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'unusable') throw error;
    return standIn(config, options, error);
  }
}

/**
 * Opens the history, creating file and folder where needed and migrating an older file. Throws StorageError: the file
 * cannot be written, another Lockstep has it, a newer one wrote it, or it is not Lockstep's.
 */
export function openStorage(config: StorageConfig, options: OpenOptions): MetricsStorage {
  const whole = optionsOf(config, options);
  return new SqliteStorage(openFile(whole), whole);
}
