import type { CheckConfig } from '../config.ts';
import type { Basis } from '../model/basis.ts';
import type { TableCheckpoint } from '../model/checkpoint.ts';
import type { Run } from '../model/run.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { ifReadable } from '../storage/storage-error.ts';
import { cronOf } from '../time/cron.ts';
import { closesAt } from '../time/daily-window.ts';
import { formatInstant } from '../time/instant.ts';
import { whyOther } from '../verify/run/basis.ts';
import type { InterruptedRun } from '../verify/run/pair-check.ts';
import type { PairBoard } from './pair-board.ts';

/** Runs further back are not looked for. */
const newest = 100;

/**
 * Takes up what earlier processes left of a pair's runs: the last whole ones, and of each check the newest that was cut
 * off, to be gone on with. Older ones that were cut off are closed, or they would look as if they went on for ever.
 * `before`: of a pair that is begun anew, what is known of them though the history cannot be read just now, or has them
 * no more.
 */
export function recallRuns(board: PairBoard, storage: MetricsStorage, before?: PairBoard): void {
  const pair = board.config.name;
  const runs = ifReadable(() => storage.runs({ pair }, { limit: newest }).items, null);
  for (const run of Object.values(before?.lastRuns ?? {})) board.ended(run);
  if (runs === null) {
    for (const [check, left] of before?.interrupted ?? []) board.interrupted.set(check, left);
    return;
  }
  for (const run of runs.toReversed()) {
    if (run.finishedAt !== null) {
      board.ended(run);
      continue;
    }
    const older = board.interrupted.get(run.check)?.run;
    if (older) closeRun(older, 'cut off when Lockstep ended', storage);
    const done = storage.results(pair).filter(({ runId }) => runId === run.id);
    board.interrupted.set(run.check, {
      run,
      done,
      checkpoint: ifReadable(() => storage.checkpoint(run.id), null),
    });
  }
}

/**
 * The same for what can be read only now: what was cut off then is closed, for this process has begun its own.
 * `own`: the ids of its runs that are not at their end.
 */
export function recallRunsLater(board: PairBoard, own: ReadonlySet<string>, storage: MetricsStorage): void {
  const runs = ifReadable(() => storage.runs({ pair: board.config.name }, { limit: newest }).items, []);
  for (const run of runs.toReversed()) {
    if (run.finishedAt !== null) board.ended(run);
    else if (!own.has(run.id)) closeRun(run, 'cut off when Lockstep ended', storage);
  }
}

/**
 * Why a run that was cut off is begun anew instead of gone on with; null when everything is still as it was, and not
 * for longer than until the check is due again. What has a window has until the end of the next one.
 */
export function whyAnew(
  { run, done, checkpoint }: InterruptedRun,
  now: Basis | null,
  { schedule, window }: Pick<CheckConfig, 'schedule' | 'window'>,
): string | null {
  if (!run.basis || !now) return 'what it was compared with is not known';
  const other = whyOther(run.basis, now);
  if (other !== null) return other;
  const signs = [...done.map(({ finishedAt }) => finishedAt), run.startedAt, madeAt(checkpoint)];
  const cutOff = new Date(Math.max(...signs.map(Number)));
  if (cutOff > new Date()) return 'when it was cut off is not known, for the clock was set back since';
  if (window && run.trigger === 'schedule') {
    const missed = closesAt(window, closesAt(window, cutOff));
    if (missed > new Date()) return null;
    return `it was cut off at ${formatInstant(cutOff)}, and a whole window has passed since`;
  }
  const due =
    'everyMs' in schedule ? new Date(cutOff.getTime() + schedule.everyMs) : cronOf(schedule).nextRun(cutOff);
  if (due === null || due > new Date()) return null;
  return `it was cut off at ${formatInstant(cutOff)}, and the check is due again since`;
}

function madeAt(checkpoint: TableCheckpoint | null): Date {
  return new Date(checkpoint?.madeAt ?? 0);
}

/** Of one that is not gone on with. */
export function closeRun(run: Run, evidence: string, storage: MetricsStorage): Run {
  const closed: Run = { ...run, state: 'cancelled', evidence, finishedAt: new Date() };
  storage.recordRun(closed);
  storage.recordCheckpoint(run.id, null);
  return closed;
}
