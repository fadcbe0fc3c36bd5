import { closeSync, existsSync, mkdirSync, openSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { StorageConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import { Database } from './database.ts';
import { refuseEmptied } from './emptied.ts';
import { lockFile } from './file-lock.ts';
import { pagesInLog, sayLost } from './lost-writes.ts';
import { migrate, refuseUnknown } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { refuseNoFile } from './no-file.ts';
import { OpenFile } from './open-file.ts';
import { isOfCode, remedyOf } from './remedies.ts';
import { StorageError, wordsOf } from './storage-error.ts';
import type { WriterOptions } from './writer.ts';

export interface OpenOptions {
  log: Logger;
  /** Milliseconds since 1970; the system's clock unless told otherwise. */
  now?: () => number;
  /** Monotonic milliseconds: by them a clock that is set ahead deletes nothing at once. Without them it does. */
  elapsed?: () => number;
  /** Rows that wait in memory at most while the file cannot be written; some 40 MB unless told otherwise. */
  bufferRows?: number;
}

export function optionsOf(
  config: StorageConfig,
  { log, now = Date.now, elapsed, bufferRows = 200_000 }: OpenOptions,
): WriterOptions {
  return { config, log, now, elapsed, bufferRows };
}

/** Opens or makes the file; throws StorageError. `onClosed` is called once it is closed. */
export function openFile(options: WriterOptions, onClosed = (): void => {}): OpenFile {
  const named = options.config.file;
  if (named === ':memory:') return new OpenFile(connect(named, options.log), options, onClosed);

  return explained(named, () => {
    const file = realPath(resolve(named));
    refuseNoFile(file, { locked: true });
    refuseEmptied(file);
    const lock = lockFile(file);
    try {
      createPrivate(file);
      const db = connect(file, options.log);
      try {
        lock.held();
      } catch (error) {
        db.close();
        throw error;
      }
      return new OpenFile(db, options, () => {
        lock.letGo();
        onClosed();
      });
    } catch (error) {
      lock.letGo();
      throw error;
    }
  });
}

/** An open connection to a file of this program's schema. */
function connect(file: string, log: Logger): Database {
  const pages = pagesInLog(file);
  const db = new Database(file);
  try {
    refuseUnknown(db, migrations);
    sayLost(db, pages, log);
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
    throw error instanceof StorageError ? error : unusable(file, inSystemsWords(file, error));
  }
}

/** SQLite does not tell why a file cannot be made; the system does. */
function inSystemsWords(file: string, error: unknown): unknown {
  if (!isOfCode(error, 14)) return error;
  const probe = `${file}-probe`;
  try {
    closeSync(openSync(probe, 'w', 0o600));
    rmSync(probe);
    return error;
  } catch (why) {
    return why;
  }
}

/** What the system or the database said of the file, with the remedy. */
export function unusable(file: string, error: unknown): StorageError {
  const remedy = remedyOf(error) ?? 'storage.file must be in a folder that Lockstep may write';
  return new StorageError('unusable', `cannot use ${file} for the history: ${wordsOf(error)}; ${remedy}`, {
    cause: error,
  });
}
