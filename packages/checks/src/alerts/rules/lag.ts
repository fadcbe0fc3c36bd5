import type { Severity } from '../../model/alert.ts';
import { type LagBounds, lagBounds, reaches } from '../../position/lag-bounds.ts';
import { formatDuration } from '../../time/duration.ts';
import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { replicationFaults } from './replication.ts';

/** A sample older than this says nothing of now. */
const staleMs = 15_000;
/** An alert ends below this part of the threshold that raised it, so that lag around the threshold is one alert. */
const clearAt = 0.8;

/** Lag beyond what is intended, against the pair's two thresholds. */
export function lag(pair: PairSnapshot, at: Date): Condition {
  const { config, state } = pair;
  const { warningMs, criticalMs, forMs } = config.lag;
  const said = { summary: 'Replica is lagging', forMs, follows: replicationFaults(pair) };
  const subject = { pair: config.name };

  const sample = state.lag;
  // One of the future is of before the clock was set back.
  const age = sample ? Math.abs(at.getTime() - sample.at.getTime()) : 0;
  const channel = state.replication?.channel ?? null;
  const bounds = lagBounds(sample, channel, state.replication?.delayBeforeMs);
  if (!sample || !bounds || age > staleMs) {
    const evidence =
      sample && age > staleMs
        ? `the last measurement is ${formatDuration(age)} old: ${sample.evidence}`
        : (sample?.evidence ?? 'not measured yet');
    return condition('lag', subject, { ...said, status: 'unknown', severity: 'WARNING', evidence });
  }

  const raises = severityAt(bounds, 1, ['yes'], { warningMs, criticalMs });
  const keeps = severityAt(bounds, clearAt, ['yes', 'unknown'], { warningMs, criticalMs });
  const delayMs = channel?.intendedDelayMs ?? 0;
  const over = reaches(bounds, warningMs);
  const lagMs = formatDuration(lagBounds(sample, null)?.atLeastMs ?? 0);
  const threshold = formatDuration(delayMs + (raises === 'CRITICAL' ? criticalMs : warningMs));
  const compared = {
    yes: `lag ${lagMs} ≥ ${threshold}`,
    no: `lag ${lagMs} < ${threshold}`,
    unknown: `lag at least ${lagMs}, perhaps ≥ ${threshold}`,
  }[over];
  const delay = delayMs > 0 ? `, ${formatDuration(delayMs)} of it intended` : '';
  return condition('lag', subject, {
    ...said,
    status: raises ? 'true' : over === 'no' ? 'false' : 'unknown',
    severity: raises ?? 'WARNING',
    ...(keeps && { keeps }),
    evidence: `${compared}${delay}: ${sample.evidence}`,
    size: bounds.atLeastMs,
  });
}

/** The gravest severity whose threshold the lag has come to, or may have. */
function severityAt(
  bounds: LagBounds,
  part: number,
  answers: ReturnType<typeof reaches>[],
  { warningMs, criticalMs }: { warningMs: number; criticalMs: number },
): Severity | null {
  if (answers.includes(reaches(bounds, criticalMs * part))) return 'CRITICAL';
  return answers.includes(reaches(bounds, warningMs * part)) ? 'WARNING' : null;
}
