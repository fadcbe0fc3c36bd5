import { repairScript } from '../repair-script.ts';
import { type PairOutcome, worstFirst } from './outcome.ts';

/**
 * The report and the repairs as one script: the report's lines are comments in it, so that all of the output can be
 * saved, read and run.
 */
export function repairReport(
  report: string,
  outcomes: readonly PairOutcome[],
  { onTerminal }: { onTerminal: boolean },
): string {
  const lines = report.split('\n').map((line) => (line === '' ? '' : `-- ${line}`));
  const scripts = outcomes.flatMap(({ pair, target, tables, repairs }) =>
    worstFirst(tables).flatMap((result) => {
      const made = repairs.get(result);
      return made ? [repairScript({ ...result, ...made, pair, target }, { onTerminal })] : [];
    }),
  );
  return [lines.join('\n'), ...scripts].join('\n');
}
