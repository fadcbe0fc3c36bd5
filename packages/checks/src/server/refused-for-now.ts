import { sleep } from '../time/sleep.ts';
import { askedBy } from './asked-by.ts';
import { isNotReady, type SqlServer } from './sql-server.ts';

const firstPauseMs = 50;
const longestPauseMs = 1000;

/**
 * The same server, which is asked the same again while it refuses because it is not ready in its cluster: it may be
 * out for a moment between two looks at its state, and what may not be read tells nothing of what is in it. So for
 * `waitMs` at most; where that was in vain nothing more waits, until it was not refused for as long.
 */
export function waitingWhileRefused(server: SqlServer, waitMs: number): SqlServer {
  const refusals = { since: 0, last: -Infinity };
  // It may be long before it refuses, as where it holds what is asked for a while.
  const noteRefusal = (askedAt: number) => {
    const now = performance.now();
    if (askedAt - refusals.last > Math.max(waitMs, longestPauseMs * 2)) refusals.since = askedAt;
    refusals.last = now;
    return refusals.since + waitMs - now;
  };
  return askedBy(server, async (ask, signal) => {
    for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
      const askedAt = performance.now();
      try {
        return await ask();
      } catch (error) {
        if (!isNotReady(error)) throw error;
        const leftMs = noteRefusal(askedAt);
        if (leftMs <= 0) throw error;
        await sleep(Math.min(pause, leftMs), signal);
        signal?.throwIfAborted();
      }
    }
  });
}
