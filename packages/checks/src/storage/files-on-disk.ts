import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { wordsOf } from './storage-error.ts';
import { walMagic } from './wal-magic.ts';

/**
 * A database's file with its write-ahead log and the log's index, as the file system has them. SQLite looks at none of
 * them again: it writes to those that it opened, wherever they are by now, and takes for written what nobody will read.
 */
export class FilesOnDisk {
  readonly #file: string;
  /** The inode that each was first seen with. */
  readonly #inodes = new Map<string, number>();

  constructor(file: string) {
    this.#file = file;
    for (const ending of ['', '-wal', '-shm'] as const) this.#isAnother(ending);
  }

  /** Null where there is no file, or none that can be seen any more. */
  get bytes(): number | null {
    const main = seen(this.#file);
    return main && main.size + (seen(`${this.#file}-wal`)?.size ?? 0);
  }

  /** What somebody else did to them, in a sentence; null when they are what they were. */
  get meddled(): string | null {
    const hidden = outOfSight(this.#file);
    if (hidden !== null) {
      return `${this.#file} is out of sight (${hidden}): what is written goes into it as long as Lockstep runs; give Lockstep its folder back`;
    }
    if (this.#isAnother('')) {
      return 'the file was removed or replaced by another while Lockstep used it; restart Lockstep to begin a new one';
    }
    if (this.#isAnother('-wal') || this.#isAnother('-shm')) {
      return `${this.#file}-wal or -shm was removed or replaced while Lockstep used it: what was written since is kept only when Lockstep is ended in order; restart Lockstep`;
    }
    if (this.#isOverwritten()) {
      return `${this.#file}-wal was overwritten or cut while Lockstep used it: what was written last is lost, and the file may be damaged; restart Lockstep`;
    }
    return null;
  }

  #isAnother(ending: '' | '-wal' | '-shm'): boolean {
    const inode = seen(this.#file + ending)?.ino ?? null;
    const first = this.#inodes.get(ending);
    if (first !== undefined) return inode !== first;
    if (inode !== null) this.#inodes.set(ending, inode);
    return false;
  }

  #isOverwritten(): boolean {
    try {
      // Of the log alone: to close another of a database's files gives up the locks that SQLite holds on it.
      const log = openSync(`${this.#file}-wal`, 'r');
      try {
        const head = Buffer.alloc(4);
        return readSync(log, head, 0, 4, 0) === 4 && !walMagic.has(head.readUInt32BE());
      } finally {
        closeSync(log);
      }
    } catch {
      return false;
    }
  }
}

/** The system's words where it does not say whether there is such a file; null where it does. */
function outOfSight(file: string): string | null {
  try {
    statSync(file, { throwIfNoEntry: false });
    return null;
  } catch (error) {
    return wordsOf(error);
  }
}

function seen(file: string): { ino: number; size: number } | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
