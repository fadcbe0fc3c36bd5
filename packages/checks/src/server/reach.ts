import type { ConnectionConfig } from '../config.ts';
import { formatDuration } from '../time/duration.ts';
import { sleep } from '../time/sleep.ts';
import type { Server } from './server.ts';

/** Between attempts, while a person waits: three against a server that is silent for 5 s each are over in 18 s. */
const delays = { firstDelayMs: 500, maxDelayMs: 1_000 };
const reachMs = 18_000;

/** For a command that a person waits for: the attempts as configured, but soon after one another. */
export function hurried(connection: ConnectionConfig): ConnectionConfig {
  return {
    ...connection,
    firstDelayMs: Math.min(connection.firstDelayMs, delays.firstDelayMs),
    maxDelayMs: Math.min(connection.maxDelayMs, delays.maxDelayMs),
  };
}

/**
 * Resolves when each server is connected or was given up, at the latest when attempts take too long: with a sentence
 * of those that were not reached, with the attempts that were made; null when all were. On an abort: null.
 */
export async function reachAll(
  servers: readonly Server[],
  { connectTimeoutMs }: ConnectionConfig,
  signal: AbortSignal,
): Promise<string | null> {
  const began = performance.now();
  const limitMs = Math.max(reachMs, connectTimeoutMs + 1_000);
  const open = () => servers.filter(({ state }) => state.connection === 'connecting');
  while (open().length > 0 && performance.now() - began < limitMs) {
    if (!(await sleep(20, signal))) return null;
  }
  const away = servers.filter(({ connected }) => !connected);
  if (away.length === 0 || signal.aborted) return null;
  return away.map((server) => unreached(server, performance.now() - began)).join('; ');
}

/** e.g. "db2 was not reached in 3 attempts within 1.5 s: connection refused; …". */
function unreached({ name, state, lastFault }: Server, ms: number): string {
  const attempts = `${state.attempts} ${state.attempts === 1 ? 'attempt' : 'attempts'}`;
  return `${name} was not reached in ${attempts} within ${formatDuration(ms)}: ${lastFault ?? state.evidence}`;
}
