import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { isPassing, ServerFault, type SqlServer } from './sql-server.ts';

/**
 * A server that goes down again at every try is not to be tried for ever: it may be what is asked that brings it
 * down.
 */
const maxAttempts = 5;

/**
 * Does `work` again after a lost connection, or where a member of a cluster refused for the moment, once the servers
 * answer: a restart of a server in the middle of a run need not cost the run. Gives up, with the last fault, when they
 * do not answer within `waitMs` of it.
 */
export async function retryConnection<T>(
  work: () => Promise<T>,
  servers: SqlServer[],
  waitMs: number,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || attempt === maxAttempts) throw error;
      await untilAllAnswer(servers, performance.now() + waitMs, signal, error);
    }
  }
}

async function untilAllAnswer(
  servers: SqlServer[],
  end: number,
  signal: AbortSignal,
  fault: unknown,
): Promise<void> {
  for (;;) {
    await delay(500, undefined, { signal });
    try {
      await Promise.all(
        servers.map((server) => server.query('SELECT 1', undefined, { signal, timeoutMs: 5000 })),
      );
      return;
    } catch (error) {
      if (performance.now() > end || signal.aborted) throw fault;
      if (!mayPass(error) && !(error instanceof ServerFault && error.kind === 'timeout')) {
        throw error;
      }
    }
  }
}

function mayPass(error: unknown): boolean {
  return isPassing(error) || (error instanceof ServerFault && error.kind === 'connection');
}
