import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** A file with less has no page of a database; SQLite takes it for a new one, and its log of writes away. */
const leastBytes = 512;

/**
 * Throws where a file is empty that held a history, by its lock or by a log of writes beside it: nothing of it is to be
 * taken for a new one without a word. Whoever wants a new one moves it away.
 */
export function refuseEmptied(file: string): void {
  const size = sizeOf(file);
  if (size === null || size >= leastBytes) return;
  if ((sizeOf(`${file}-wal`) ?? 0) > 0 || heldHistory(`${file}-lock`)) {
    throw Object.assign(new Error(`it is empty (${size} bytes), and held a history before`), { errcode: 11 });
  }
}

/** Of the lock's database: the file beside it holds a history from now on, or none was begun yet. */
export function noteHeld(lock: DatabaseSync, held: boolean): void {
  lock.exec('CREATE TABLE IF NOT EXISTS held (history INTEGER); DELETE FROM held');
  if (held) lock.exec('INSERT INTO held VALUES (1)');
}

export function isHeld(lock: DatabaseSync): boolean {
  const isThere = lock.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'held'").get() !== undefined;
  return isThere && lock.prepare('SELECT 1 FROM held').get() !== undefined;
}

function heldHistory(lock: string): boolean {
  if (!existsSync(lock)) return false;
  try {
    const db = new DatabaseSync(lock, { timeout: 0, readOnly: true });
    try {
      return isHeld(db);
    } finally {
      db.close();
    }
  } catch {
    // Damaged itself, or not to be read: it tells nothing.
    return false;
  }
}

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null;
}
