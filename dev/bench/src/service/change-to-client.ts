import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type OwnPair, startReplica, stopReplica } from '@lockstep/servers';
import type { LagClient } from './lag-client.ts';

/**
 * How long it takes until a client is told that the target fell behind: from the moment that the source has committed a
 * change which the target, its applier stopped, will not have, to the arrival of a lag above zero. In ms, one a round.
 * Nothing else may write meanwhile.
 */
export async function changeToClient(pair: OwnPair, client: LagClient, rounds: number): Promise<number[]> {
  await pair.source.query('CREATE TABLE IF NOT EXISTS shop.bench_tick (n INT NOT NULL PRIMARY KEY)');
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await client.next(({ lagMs }) => lagMs === 0);
    // At any moment of the sampler's period.
    await pause(randomInt(250));
    await stopReplica(pair.target, 'sql');
    const told = client.next(({ lagMs }) => lagMs !== null && lagMs > 0);
    await pair.source.query('INSERT INTO shop.bench_tick VALUES (?)', [round]);
    const committed = performance.now();
    await told;
    took.push(performance.now() - committed);
    await startReplica(pair.target, 'sql');
  }
  return took;
}
