import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../config/environment.ts';

/** Where a command reads and writes. */
export interface Io {
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number };
  env: Environment;
  /** Default: the process's. */
  stdin?: Readable & { isTTY?: boolean };
}

/** A mistake in how the program was called, in words for the person who did. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
