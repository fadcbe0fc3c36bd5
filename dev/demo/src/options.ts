import { parseArgs } from 'node:util';
import type { Flavour } from '@lockstep/servers';

export interface Options {
  /** Null: MariaDB, or MySQL where there is no MariaDB to be had. */
  flavour: Flavour | null;
  /** Where the page is. Null: the usual one, or a free one where that is taken. */
  port: number | null;
}

export const usage = (command: string) => `npm run ${command} [-- --flavour mariadb|mysql] [--port N]`;

/** A mistake in how a program was called, in words for the person who did. */
export class UsageError extends Error {}

/** Throws `UsageError` on anything it does not understand. */
export function parseOptions(args: string[]): Options {
  const { flavour = null, port = null } = values(args);
  if (flavour !== null && flavour !== 'mariadb' && flavour !== 'mysql') {
    throw new UsageError(`--flavour ${flavour}: it is mariadb or mysql`);
  }
  if (port !== null && !(/^\d+$/.test(port) && Number(port) > 0 && Number(port) < 65536)) {
    throw new UsageError(`--port ${port}: it is a number from 1 to 65535`);
  }
  return { flavour, port: port === null ? null : Number(port) };
}

function values(args: string[]): { flavour?: string; port?: string } {
  try {
    return parseArgs({ args, options: { flavour: { type: 'string' }, port: { type: 'string' } } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
