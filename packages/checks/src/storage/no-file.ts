import { statSync } from 'node:fs';

/** What SQLite opens of a database. */
const opened = ['', '-wal', '-shm', '-journal'];
const lock = ['-lock', '-lock-journal', '-lock-wal'];

/**
 * Throws where a folder, a pipe or a device stands in a database's place: whoever opens a pipe waits for ever. With
 * `locked` also where one stands in the place of its lock.
 */
export function refuseNoFile(file: string, { locked }: { locked: boolean }): void {
  for (const ending of locked ? [...opened, ...lock] : opened) {
    const found = statSync(file + ending, { throwIfNoEntry: false });
    if (found && !found.isFile()) {
      throw new Error(`${file}${ending} is ${found.isDirectory() ? 'a folder' : 'a pipe or a device'}`);
    }
  }
}
