import { sleep } from '../time/sleep.ts';
import { askedBy } from './asked-by.ts';
import { ServerFault, type SqlServer } from './sql-server.ts';

/** `ER_QUERY_INTERRUPTED`, `ER_LOCK_DEADLOCK` (so do clusters end what is in the way of a write). */
const endedErrnos = new Set([1317, 1213]);
const pauseMs = 100;

/** The statement was ended by somebody else, which says nothing of what it asked for. */
export function wasEnded(error: unknown): boolean {
  return error instanceof ServerFault && endedErrnos.has(error.errno);
}

/** Who may have done it. */
export function whoEnds({ server, errno }: ServerFault): string {
  return errno === 1317
    ? `somebody ends Lockstep's statements on ${server} (a kill policy such as pt-kill?)`
    : `${server} ends Lockstep's statements in favour of others`;
}

/** The same server, which is asked once more when somebody ended the statement. */
export function askingAgain(server: SqlServer): SqlServer {
  return askedBy(server, async (ask, signal) => {
    try {
      return await ask();
    } catch (error) {
      if (!wasEnded(error)) throw error;
      await sleep(pauseMs, signal);
      signal?.throwIfAborted();
      return await ask();
    }
  });
}
