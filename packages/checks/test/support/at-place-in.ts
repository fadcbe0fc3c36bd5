import { vi } from 'vitest';
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
  return new Promise((resolve) => {
    const spy = vi.spyOn(storage, 'recordCheckpoint').mockImplementation((run, checkpoint) => {
      keep(run, checkpoint);
      if (checkpoint?.table !== table) return;
      spy.mockRestore();
      resolve(act(run));
    });
  });
}
