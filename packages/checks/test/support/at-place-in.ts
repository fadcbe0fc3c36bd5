import { patient } from '@lockstep/servers/patience';
import { expect, vi } from 'vitest';
import type { MonitoringEngine } from '../../src/engine/monitoring-engine.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';

/**
 * Acts at the very moment at which a run keeps its place in a table, once, and resolves with what came of it: who waits
 * to see that sees it, on a busy machine, when the run is over.
 */
export function atPlaceIn<T>(
  storage: MetricsStorage,
  table: string,
  act: (run: string) => T | Promise<T>,
): Promise<T> {
  const keep = storage.recordCheckpoint.bind(storage);
  return new Promise((resolve, reject) => {
    const spy = vi.spyOn(storage, 'recordCheckpoint').mockImplementation((run, checkpoint) => {
      keep(run, checkpoint);
      if (checkpoint?.table !== table) return;
      spy.mockRestore();
      new Promise<T>((done) => done(act(run))).then(resolve, reject);
    });
  });
}

/**
 * The same with a run of a pair that somebody asks for, begun again where it kept no place there, as where a difference
 * at the beginning of the table waited for a busy replica until the end of it. Resolves with the id.
 */
export async function cutOffIn(
  { engine, storage }: { engine: MonitoringEngine; storage: MetricsStorage },
  table: string,
  act: () => unknown,
): Promise<string> {
  await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
  let isCutOff = false;
  const done = atPlaceIn(storage, table, () => {
    isCutOff = true;
    return act();
  });
  for (;;) {
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(isCutOff || engine.run(id)?.finishedAt).toBeTruthy(), patient);
    if (!isCutOff) continue;
    await done;
    return id;
  }
}
