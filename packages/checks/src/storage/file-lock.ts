import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { isHeld, noteHeld } from './emptied.ts';
import { isOfCode } from './remedies.ts';
import { StorageError, wordsOf } from './storage-error.ts';

interface Holder {
  pid: number;
  host: string;
  since: string;
}

export interface FileLock {
  /** That the file holds a history from now on. Throws StorageError where another took the lock in that moment. */
  held(): void;
  letGo(): void;
}

/**
 * Makes sure that one file serves one Lockstep: two would both raise alerts and overwrite each other's. The lock is a
 * write transaction held open on a small database beside the file, so the system frees it however the process ends,
 * while SQLite's tools can still read the file itself. Throws StorageError.
 */
export function lockFile(file: string): FileLock {
  const path = `${file}-lock`;
  const isNew = !existsSync(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  let isOfLock = false;
  try {
    if (isNew && existsSync(file)) refuseUsed(file);
    isOfLock = true;
    lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT)');
    lock.exec('BEGIN IMMEDIATE; DELETE FROM holder');
    lock
      .prepare('INSERT INTO holder VALUES (?, ?, ?)')
      .run(process.pid, hostname(), new Date().toISOString());
    if (!existsSync(file)) noteHeld(lock, false);
    commitAndKeep(lock);
  } catch (error) {
    const refused = isOfLock && isDamage(error) ? lockDamaged(file, error) : inUse(file, lock, error);
    lock.close();
    // Ours, and nobody's lock: the next one is not to take it for one.
    if (isNew) rmSync(path, { force: true });
    throw refused;
  }
  return {
    held: () => {
      if (isHeld(lock)) return;
      try {
        noteHeld(lock, true);
        commitAndKeep(lock);
      } catch (error) {
        throw inUse(file, lock, error);
      }
    },
    letGo: () => lock.close(),
  };
}

function isDamage(error: unknown): boolean {
  return isOfCode(error, 11) || isOfCode(error, 26);
}

/** Of the history itself nothing is damaged, and nobody is to move that away. */
function lockDamaged(file: string, error: unknown): StorageError {
  return new StorageError(
    'unusable',
    `cannot use ${file} for the history: its lock is damaged (${wordsOf(error)}); move ${file}-lock away`,
    { cause: error },
  );
}

/** Others can read what is written here only when it is committed; the next transaction is the one that stays. */
function commitAndKeep(lock: DatabaseSync): void {
  lock.exec('COMMIT; BEGIN IMMEDIATE');
}

/** What an error of the lock means. */
function inUse(file: string, lock: DatabaseSync, error: unknown): unknown {
  if (!isBusy(error)) return error;
  return new StorageError(
    'in-use',
    `${file} is in use by another Lockstep${described(lock)}; one file serves one Lockstep: stop the other one or give this one a file of its own (storage.file)`,
    { cause: error },
  );
}

/**
 * A file whose lock is gone may be in use all the same: somebody cleaned up. Whoever works on it keeps others from
 * having it for themselves alone. Throws the database's own error.
 */
function refuseUsed(file: string): void {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK');
  } finally {
    db.close();
  }
}

function described(lock: DatabaseSync): string {
  try {
    const holder = lock.prepare('SELECT pid, host, since FROM holder').get() as Holder | undefined;
    return holder ? ` (process ${holder.pid} on ${holder.host}, since ${holder.since})` : '';
  } catch {
    return '';
  }
}

export function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
