import { parseArgs } from 'node:util';
import type { Flavour } from '@lockstep/servers';

export interface Options {
  /** Null: MariaDB, or MySQL where there is no MariaDB to be had. */
  flavour: Flavour | null;
  /** Where the page is. Null: the usual one, or a free one where that is taken. */
  port: number | null;
  /** A night on call in two minutes, in place of the shop. */
  drill?: boolean;
}

export const usage = (command: string) =>
  `npm run ${command} [-- --flavour mariadb|mysql] [--port N]${command === 'demo' ? ' [--drill]' : ''}`;

/** A mistake in how a program was called, in words for the person who did. */
export class UsageError extends Error {}

/** `drills`: it may be a drill. Throws `UsageError` on anything it does not understand. */
export function parseOptions(args: string[], { drills = false } = {}): Options {
  const { flavour = null, port = null, drill = false } = values(args, drills);
  if (flavour !== null && flavour !== 'mariadb' && flavour !== 'mysql') {
    throw new UsageError(`--flavour ${flavour}: it is mariadb or mysql`);
  }
  if (port !== null && !(/^\d+$/.test(port) && Number(port) > 0 && Number(port) < 65536)) {
    throw new UsageError(`--port ${port}: it is a number from 1 to 65535`);
  }
  return { flavour, port: port === null ? null : Number(port), ...(drill && { drill }) };
}

function values(args: string[], drills: boolean): { flavour?: string; port?: string; drill?: boolean } {
  try {
    const options = {
      flavour: { type: 'string' },
      port: { type: 'string' },
      drill: { type: 'boolean' },
    } as const;
    const { drill, ...others } = parseArgs({ args, options }).values;
    if (drill && !drills) throw new UsageError("Unknown option '--drill'");
    return drill ? { ...others, drill } : others;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
