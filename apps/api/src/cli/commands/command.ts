import type { Command } from 'commander';
import type { Verify } from '../check.ts';
import type { Io } from '../io.ts';

/** What a command works with, and whom it tells its exit code. */
export interface Setting {
  io: Io;
  exit: (code: number) => void;
  /** A test's own. */
  verify?: Verify;
}

/**
 * Adds one command to the program. What the command does is loaded when it is called: `--help` and a mistyped option
 * need no driver, no schema and no engine.
 */
export type AddCommand = (program: Command, setting: Setting) => void;

/** Of an option that may be repeated. */
export const append = (value: string, list: string[] = []): string[] => [...list, value];
