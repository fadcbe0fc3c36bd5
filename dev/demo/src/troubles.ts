import { setTimeout as pause } from 'node:timers/promises';
import { type ServerHandle, startReplica, stopReplica } from '@lockstep/servers';
import { hotProduct } from './shop/tables.ts';

export interface Troubles {
  /** Rejects when something goes wrong that was not meant to; resolves after the signal aborted. */
  done: Promise<void>;
}

/** Every so often something holds the replica back for a while, now this, now that; in between it is healthy. */
export function startTroubles(
  replica: ServerHandle,
  name: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Troubles {
  const wait = (seconds: number) => pause(seconds * 1000, undefined, { signal });
  const done = (async () => {
    for (let round = 0; ; round++) {
      await wait(round === 0 ? 45 : 75);
      if (round % 2 === 0) {
        say(`${name}: a long transaction blocks the applier for 20 s`);
        await holdHotRow(replica, () => wait(20));
      } else {
        say(`${name}: the applier is stopped for 12 s`);
        await stopReplica(replica, 'sql');
        await wait(12);
        await startReplica(replica, 'sql');
      }
      say(`${name}: free again`);
    }
  })();
  return {
    done: done.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
  };
}

/** Reads go on meanwhile; replication stops at the next change of that row. */
async function holdHotRow(replica: ServerHandle, meanwhile: () => Promise<void>): Promise<void> {
  const connection = await replica.connect();
  try {
    await connection.query('START TRANSACTION; SELECT stock FROM shop.products WHERE id = ? FOR UPDATE', [
      hotProduct,
    ]);
    await meanwhile();
    await connection.query('ROLLBACK');
  } finally {
    connection.destroy();
  }
}
