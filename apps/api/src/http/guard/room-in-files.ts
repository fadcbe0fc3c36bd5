import { readFileSync } from 'node:fs';

/** How many sockets may be open at a time. */
export interface Sockets {
  /** That are served. */
  served: number;
  /** That wait, are silent, or are refused. */
  waiting: number;
}

/** Beside those two: who goes may still be here when the next one comes. */
export const sparePlaces = 100;

/** Of the store, the log, what is being sent, and what the program itself has open. */
const own = 64;
/** Connections to one database server, also while some are being made anew. */
const ofServer = 8;

/**
 * Sockets of strangers count as open files, as connections to database servers do: where the process may have few,
 * those that measuring needs are set aside, and what is left is shared.
 */
export function roomInFiles(wanted: Sockets, servers: number, files = openFilesLimit()): Sockets {
  const left = Math.max(2, files - own - sparePlaces - ofServer * servers);
  if (wanted.served + wanted.waiting <= left) return wanted;
  const waiting = Math.min(wanted.waiting, Math.ceil(left / 2));
  return { served: Math.min(wanted.served, left - waiting), waiting };
}

/** The limit of this process, which Node itself raises as far as it may; infinite where the system does not tell. */
export function openFilesLimit(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}
