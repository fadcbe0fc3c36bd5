import { startReplica, stopReplica } from '@lockstep/servers';
import type { TendedPair } from '@lockstep/servers/vitest';
import { onTestFinished } from 'vitest';

/** For a test that kills a server of a pair that others use: at its end both run, and the target replicates. */
export function startAgain(pair: TendedPair): void {
  onTestFinished(async () => {
    for (const server of [pair.source, pair.target]) await server.start();
    await stopReplica(pair.target);
    await startReplica(pair.target);
  });
}
