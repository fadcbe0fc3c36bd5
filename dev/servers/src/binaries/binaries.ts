import { type Flavour, parseVersion } from '../flavour.ts';
import { run } from '../run.ts';

/** A server program that can be run on this machine. */
export interface ServerBinaries {
  flavour: Flavour;
  /** e.g. [10, 11, 18]. */
  version: [number, number, number];
  /** Program and leading arguments; `--no-defaults` is the last that must come first. */
  command: [string, ...string[]];
  /** The folder with `charsets/` and, for MariaDB, the SQL files that make a new data folder. */
  shareFolder: string;
}

/** The server could not be found, nor installed; the message says in one sentence what to do. */
export class ServerUnavailable extends Error {
  readonly flavour: Flavour;
  constructor(flavour: Flavour, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServerUnavailable';
    this.flavour = flavour;
  }
}

/** Asks a server program which flavour and version it is; null when it cannot be run. */
export async function identify(
  command: [string, ...string[]],
): Promise<Pick<ServerBinaries, 'flavour' | 'version'> | null> {
  const [program, ...args] = command;
  try {
    const text = await run(program, [...args, '--version']);
    return {
      flavour: /mariadb/i.test(text) ? 'mariadb' : 'mysql',
      version: parseVersion(text.replace(/^.*?\bVer\b/, '')),
    };
  } catch {
    return null;
  }
}
