/**
 * `in-use`: another Lockstep has the file; `newer`: a newer Lockstep wrote it; `foreign`: it is not Lockstep's;
 * `unusable`: it cannot be opened or written; `unreadable`: a read failed while running.
 */
export type StorageErrorCode = 'in-use' | 'newer' | 'foreign' | 'unusable' | 'unreadable';

/** The history file cannot be used. The message is a sentence for the person who runs Lockstep, with the remedy. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
  }
}

/** The database's or the system's own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What was read; where the database cannot be read, which it says by itself, the other. */
export function ifReadable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StorageError) return otherwise;
    throw error;
  }
}
