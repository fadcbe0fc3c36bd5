import type { ConnectionConfig } from '../config.ts';
import { formatDuration } from '../time/duration.ts';
import { sleep } from '../time/sleep.ts';
import type { Server } from './server.ts';

/** Between attempts, while a person waits. */
const delays = { firstDelayMs: 500, maxDelayMs: 1_000 };
/** As long as two attempts at a silent server take by default: a third would tell a person who waits nothing new. */
export const reachMs = 11_000;
/** Of that, for one of which not even the first attempt has come to an end. */
const untriedFactor = 5;
/** How long a server that was given up is not tried again: it may come back while a command checks other pairs. */
const awayMs = 60_000;

/** For a command that a person waits for: the attempts as configured, but soon after one another. */
export function hurried(connection: ConnectionConfig): ConnectionConfig {
  return {
    ...connection,
    firstDelayMs: Math.min(connection.firstDelayMs, delays.firstDelayMs),
    maxDelayMs: Math.min(connection.maxDelayMs, delays.maxDelayMs),
  };
}

/** Servers that were given up lately, shared by the parts of one command, of which the others do not wait for them. */
export class GivenUp {
  readonly #servers = new Map<string, { why: string; at: number }>();

  add({ server, why }: Unreached): void {
    this.#servers.set(server, { why, at: performance.now() });
  }

  /** Why it was given up, if that is not long ago; else null. */
  why(server: string): string | null {
    const found = this.#servers.get(server);
    return found && performance.now() - found.at < awayMs ? found.why : null;
  }
}

export interface Unreached {
  server: string;
  /** e.g. "db2 was not reached in 3 attempts within 1.5 s: connection refused; …". */
  why: string;
}

/**
 * Resolves when each server is connected or was given up, at the latest when attempts take too long: with those that
 * were not reached, and the attempts that were made. On an abort: with none.
 */
export async function reachAll(
  servers: readonly Server[],
  { connectTimeoutMs }: ConnectionConfig,
  signal: AbortSignal,
  patienceMs = reachMs,
): Promise<Unreached[]> {
  const began = performance.now();
  // Who configured a longer one knows of a server that takes its time.
  const limitMs = Math.max(patienceMs, connectTimeoutMs + 1_000);
  const isOpen = () => {
    const open = servers.filter(({ state }) => state.connection === 'connecting');
    const ms = performance.now() - began;
    if (ms < limitMs) return open.length > 0;
    // A machine that is too busy to try one even once has found out nothing about it.
    return ms < untriedFactor * limitMs && open.some(({ state }) => state.attempts === 0);
  };
  while (isOpen()) {
    if (!(await sleep(20, signal))) return [];
  }
  if (signal.aborted) return [];
  const away = servers.filter(({ connected }) => !connected);
  return away.map((server) => unreached(server, performance.now() - began));
}

function unreached({ name, state, lastFault }: Server, ms: number): Unreached {
  const attempts = `${state.attempts} ${state.attempts === 1 ? 'attempt' : 'attempts'}`;
  const why = `${name} was not reached in ${attempts} within ${formatDuration(ms)}: ${lastFault ?? state.evidence}`;
  return { server: name, why };
}
