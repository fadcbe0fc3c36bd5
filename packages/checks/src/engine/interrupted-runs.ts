import type { Run } from '../model/run.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import type { PairBoard } from './pair-board.ts';

/** Runs further back are not looked for. */
const newest = 100;

/**
 * Takes up what earlier processes left of a pair's runs: the last whole ones, and of each check the newest that was cut
 * off, to be gone on with. Older ones that were cut off are closed, or they would look as if they went on for ever.
 */
export function recallRuns(board: PairBoard, storage: MetricsStorage): void {
  const pair = board.config.name;
  for (const run of storage.runs({ pair }, { limit: newest }).items.toReversed()) {
    if (run.finishedAt !== null) {
      board.ended(run);
      continue;
    }
    const older = board.interrupted.get(run.check)?.run;
    if (older) close(older, storage);
    const done = storage.results(pair).filter(({ runId }) => runId === run.id);
    board.interrupted.set(run.check, { run, done, checkpoint: storage.checkpoint(run.id) });
  }
}

function close(run: Run, storage: MetricsStorage): void {
  const evidence = 'cut off when Lockstep ended';
  storage.recordRun({ ...run, state: 'cancelled', evidence, finishedAt: new Date() });
  storage.recordCheckpoint(run.id, null);
}
