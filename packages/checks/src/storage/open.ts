import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { StorageConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import { Database } from './database.ts';
import { lockFile } from './file-lock.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { SqliteStorage } from './sqlite-storage.ts';
import type { MetricsStorage } from './storage.ts';
import { StorageError, wordsOf } from './storage-error.ts';

export interface OpenOptions {
  log: Logger;
  /** Milliseconds since 1970; the system's clock unless told otherwise. */
  now?: () => number;
  /** Rows that wait in memory at most while the file cannot be written; some 40 MB unless told otherwise. */
  bufferRows?: number;
}

/**
 * Opens the history, creating file and folder where needed and migrating an older file. Throws StorageError: the file
 * cannot be written, another Lockstep has it, a newer one wrote it, or it is not Lockstep's.
 */
export function openStorage(
  config: StorageConfig,
  { log, now = Date.now, bufferRows = 200_000 }: OpenOptions,
): MetricsStorage {
  const options = { config, log, now, bufferRows };
  if (config.file === ':memory:') return new SqliteStorage(connect(config.file), options, () => {});

  return explained(config.file, () => {
    const file = realPath(resolve(config.file));
    const unlock = lockFile(file);
    try {
      createPrivate(file);
      return new SqliteStorage(connect(file), options, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  });
}

/** An open connection to a file of this program's schema. */
function connect(file: string): Database {
  const db = new Database(file);
  try {
    migrate(db, migrations);
    if (file !== ':memory:') useWriteAheadLog(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function useWriteAheadLog(db: Database): void {
  const mode = db.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode;
  if (mode !== 'wal') throw new Error(`the file system allows no write-ahead log (journal mode is ${mode})`);
  // A power cut may cost the last seconds of history, never the file; without a sync at every flush.
  db.exec('PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864');
}

/** The same file has the same name, and so the same lock, whichever link leads to it. Creates the folder. */
function realPath(file: string): string {
  if (existsSync(file)) return realpathSync(file);
  mkdirSync(dirname(file), { recursive: true });
  return join(realpathSync(dirname(file)), basename(file));
}

/** For the owner alone: differences hold values of people's rows. */
function createPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
}

function explained<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(
      'unusable',
      `cannot use ${file} for the history: ${wordsOf(error)}; storage.file must be in a folder that Lockstep may write`,
      { cause: error },
    );
  }
}
