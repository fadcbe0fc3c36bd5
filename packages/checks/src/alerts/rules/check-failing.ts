import type { Run } from '../../model/run.ts';
import { checkKinds } from '../../model/verdict.ts';
import { formatTableName } from '../../table-name.ts';
import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot, StandingResult } from '../condition/snapshot.ts';
import { toldApart } from '../condition/told-apart.ts';
import { lostConnections } from './connections.ts';

/** A check fails as a whole, or on some tables: nothing is known about the data there. */
export function checkFailing(pair: PairSnapshot): Condition {
  const { config, results, lastRuns } = pair;
  let failed: Run | undefined;
  let notRun = 0;
  for (const check of checkKinds) {
    if (!config.checks[check].enabled) continue;
    const run = lastRuns[check];
    if (!run) notRun++;
    else if (run.state === 'failed') failed ??= run;
  }
  const { errors } = toldApart(results);
  const fails = failed !== undefined || errors.length > 0;
  return condition(
    'check-failing',
    { pair: config.name },
    {
      status: fails ? 'true' : notRun === 0 ? 'false' : 'unknown',
      severity: 'WARNING',
      summary: failed ? 'A check fails' : 'Tables cannot be checked',
      evidence: failed ? `${failed.check} run failed: ${failed.evidence}` : describe(errors, notRun),
      forMs: 0,
      keepFiringForMs: 0,
      follows: lostConnections(pair),
    },
  );
}

function describe(errors: StandingResult[], notRun: number): string {
  const [first] = errors;
  if (first) {
    const count = errors.length === 1 ? '' : `${errors.length} tables, the first is `;
    return `${count}${formatTableName(first)}: ${first.reason}`;
  }
  return notRun === 0 ? 'the last run of every check came to its end' : 'not every check has run yet';
}
