import type { Severity } from '../../model/alert.ts';
import { beyondIntended } from '../../position/beyond-intended.ts';
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
  const age = sample ? at.getTime() - sample.at.getTime() : 0;
  if (sample?.lagMs == null || age > staleMs) {
    const evidence =
      sample && age > staleMs
        ? `the last measurement is ${formatDuration(age)} old: ${sample.evidence}`
        : (sample?.evidence ?? 'not measured yet');
    return condition('lag', subject, { ...said, status: 'unknown', severity: 'WARNING', evidence });
  }

  const channel = state.replication?.channel ?? null;
  const delayMs = channel?.intendedDelayMs ?? 0;
  const excess = beyondIntended(sample.lagMs, channel);
  const raises = severityAt(excess, warningMs, criticalMs);
  const keeps = severityAt(excess, warningMs * clearAt, criticalMs * clearAt);
  const thresholdMs = raises === 'CRITICAL' ? criticalMs : warningMs;
  const compared = `lag ${formatDuration(sample.lagMs)} ${raises ? '≥' : '<'} ${formatDuration(delayMs + thresholdMs)}`;
  const delay = delayMs > 0 ? `, ${formatDuration(delayMs)} of it intended` : '';
  return condition('lag', subject, {
    ...said,
    status: raises ? 'true' : 'false',
    severity: raises ?? 'WARNING',
    ...(keeps && { keeps }),
    evidence: `${compared}${delay}: ${sample.evidence}`,
  });
}

function severityAt(ms: number, warningMs: number, criticalMs: number): Severity | null {
  if (ms >= criticalMs) return 'CRITICAL';
  return ms >= warningMs ? 'WARNING' : null;
}
