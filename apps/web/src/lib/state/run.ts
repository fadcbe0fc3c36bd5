import type { CheckKind, Run } from '#lib/api/documents/run.ts';
import type { StateWord } from './tone.ts';

const words: Record<Run['state'], StateWord> = {
  QUEUED: { tone: 'busy', word: 'Queued' },
  RUNNING: { tone: 'busy', word: 'Checking' },
  PAUSED: { tone: 'paused', word: 'Paused' },
  FINISHED: { tone: 'ok', word: 'Finished' },
  CANCELLED: { tone: 'unknown', word: 'Cancelled' },
  FAILED: { tone: 'stopped', word: 'Failed' },
};

/** A finished run that found something is not simply "finished". */
export function runWord(run: Run): StateWord {
  if (run.state !== 'FINISHED') return words[run.state];
  const count = new Map(run.verdicts.map((each) => [each.verdict, each.count]));
  const found =
    (count.get('DIFFERENT') ?? 0) + (count.get('SCHEMA_DIFFERS') ?? 0) + (count.get('MISSING') ?? 0);
  if (found > 0) return { tone: 'different', word: 'Finished, differences' };
  if ((count.get('ERROR') ?? 0) > 0) return { tone: 'stopped', word: 'Finished, errors' };
  if ((count.get('UNVERIFIED') ?? 0) > 0) return { tone: 'unknown', word: 'Finished, unverified' };
  return words.FINISHED;
}

export const checkNames: Record<CheckKind, string> = { CHECKSUM: 'Checksum', CONSISTENCY: 'Row counts' };

/** What a person can ask of it. To what the throttle holds, resuming means nothing. */
export function runChange({ state, heldBy }: Run): 'pause' | 'resume' | null {
  if (state === 'RUNNING' || heldBy === 'THROTTLE') return 'pause';
  return state === 'PAUSED' ? 'resume' : null;
}

/** 0 … 1 by rows, which is where the time goes; null while nothing can be told. */
export function runFraction({ progress }: Run): number | null {
  const rows = Number(progress.rowsEstimated);
  if (rows > 0) return Math.min(1, Number(progress.rowsDone) / rows);
  return progress.tablesTotal > 0 ? progress.tablesDone / progress.tablesTotal : null;
}

/** The run before this one that did the same over the same tables and came to its end. `runs`: the newest first. */
export function runBefore(runs: readonly Run[], run: Run): Run | null {
  const tables = ({ only }: Run) => JSON.stringify(only && [...only].sort());
  const older = runs.slice(runs.findIndex(({ id }) => id === run.id) + 1);
  return (
    older.find(
      (each) => each.state === 'FINISHED' && each.check === run.check && tables(each) === tables(run),
    ) ?? null
  );
}

export interface VerdictChange {
  verdict: Run['verdicts'][number]['verdict'];
  count: number;
  /** More than in the run before; null without one. */
  more: number | null;
}

/** How many tables got each verdict, beside the run before; also those that none gets any more. */
export function verdictChanges(run: Run, before: Run | null): VerdictChange[] {
  const of = ({ verdicts }: Run) => new Map(verdicts.map(({ verdict, count }) => [verdict, count]));
  const now = of(run);
  const then = before && of(before);
  return [...new Set([...now.keys(), ...(then?.keys() ?? [])])]
    .map((verdict) => {
      const count = now.get(verdict) ?? 0;
      return { verdict, count, more: then && count - (then.get(verdict) ?? 0) };
    })
    .filter(({ count, more }) => count !== 0 || (more ?? 0) !== 0);
}
