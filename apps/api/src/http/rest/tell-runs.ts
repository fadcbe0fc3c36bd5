import type { Engine, Run, Tallies } from '@lockstep/checks';
import { type Exposition, type Sample, seconds } from './exposition.ts';

export function tellRuns(text: Exposition, engine: Engine, { differingRows, lastRuns }: Tallies): void {
  text.add(
    'lockstep_differing_rows',
    'gauge',
    'Rows that are not the same in all tables of a pair together, by what is known now.',
    differingRows.flatMap(({ pair, missing, surplus, changed }): Sample[] => [
      [{ pair, kind: 'missing' }, missing],
      [{ pair, kind: 'surplus' }, surplus],
      [{ pair, kind: 'changed' }, changed],
    ]),
  );
  const last = (value: (run: Run) => number | null) =>
    lastRuns.map((run): Sample => [{ pair: run.pair, check: run.check }, value(run)]);
  text.add(
    'lockstep_last_run_timestamp_seconds',
    'gauge',
    'When the last run over all tables came to its end; absent while none did.',
    last(({ finishedAt }) => seconds(finishedAt?.getTime())),
  );
  text.add(
    'lockstep_last_run_duration_seconds',
    'gauge',
    'How long it took, pauses included.',
    last(({ startedAt, finishedAt }) => finishedAt && seconds(finishedAt.getTime() - startedAt.getTime())),
  );
  text.add(
    'lockstep_last_run_success',
    'gauge',
    '1 if it got through, whatever it found, 0 if it failed.',
    last(({ state }) => Number(state === 'finished')),
  );
  const active = new Map<string, Run>();
  for (const run of engine.activeRuns()) {
    const line = `${run.check} ${run.pair}`;
    // Of one check one is under way; others wait for their turn.
    if (!active.has(line)) active.set(line, run);
  }
  text.add(
    'lockstep_active_run_start_timestamp_seconds',
    'gauge',
    'When the run that is under way began; absent while none is.',
    [...active.values()].map(({ pair, check, startedAt }) => [{ pair, check }, seconds(startedAt.getTime())]),
  );
}
