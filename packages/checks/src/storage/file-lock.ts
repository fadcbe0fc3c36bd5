import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { StorageError } from './storage-error.ts';

interface Holder {
  pid: number;
  host: string;
  since: string;
}

/**
 * Makes sure that one file serves one Lockstep: two would both raise alerts and overwrite each other's. The lock is a
 * write transaction held open on a small database beside the file, so the system frees it however the process ends,
 * while SQLite's tools can still read the file itself. Answers the function that lets go. Throws StorageError.
 */
export function lockFile(file: string): () => void {
  const path = `${file}-lock`;
  const isNew = !existsSync(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    if (isNew && existsSync(file)) refuseUsed(file);
    lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT)');
    lock.exec('BEGIN IMMEDIATE; DELETE FROM holder');
    lock
      .prepare('INSERT INTO holder VALUES (?, ?, ?)')
      .run(process.pid, hostname(), new Date().toISOString());
    // Others can read who holds the lock only when it is committed; the next transaction is the one that stays.
    lock.exec('COMMIT; BEGIN IMMEDIATE');
    return () => lock.close();
  } catch (error) {
    const holder = isBusy(error) ? `another Lockstep${described(lock)}` : null;
    lock.close();
    // Ours, and nobody's lock: the next one is not to take it for one.
    if (isNew) rmSync(path, { force: true });
    if (holder === null) throw error;
    throw new StorageError(
      'in-use',
      `${file} is in use by ${holder}; one file serves one Lockstep: stop the other one or give this one a file of its own (storage.file)`,
      { cause: error },
    );
  }
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
