import {
  type Glance,
  lagBounds,
  type LagSample,
  type PairConfig,
  type PairStateName,
  reaches,
} from '@lockstep/checks';

/** What a plugin of Nagios ends with. */
export type NagiosCode = 0 | 1 | 2 | 3;

export interface JudgedLag {
  pair: string;
  state: PairStateName;
  /** The engine's own sentence. */
  evidence: string;
  lag: LagSample | null;
  thresholds: { warningMs: number; criticalMs: number };
  exit: NagiosCode;
}

/** By the pair's state and thresholds, as alerts go. */
export function judgeLag(pair: PairConfig, glance: Glance): JudgedLag {
  const { state, evidence } = glance.lag.state(pair.name);
  const lag = glance.lag.sample(pair.name);
  const bounds = lagBounds(lag, glance.lag.replication(pair.name)?.channel ?? null);
  const { warningMs, criticalMs } = pair.lag;
  const reached = (ms: number) => reaches(bounds, ms) === 'yes' || guessed(lag, ms);
  const exit = exitFor(state, { critical: reached(criticalMs), warning: reached(warningMs) });
  return { pair: pair.name, state, evidence, lag, thresholds: { warningMs, criticalMs }, exit };
}

/**
 * One look cannot know how old a change is that was missing before it; where the target's own figure is bad enough,
 * that raises the alarm. It never calls anything well.
 */
function guessed(lag: LagSample | null, ms: number): boolean {
  return lag?.method === 'estimate' && lag.lagMs !== null && lag.lagMs >= ms;
}

function exitFor(state: PairStateName, reached: { critical: boolean; warning: boolean }): NagiosCode {
  if (['broken', 'stopped', 'connecting', 'not-configured', 'vanished'].includes(state)) return 2;
  if (reached.critical) return 2;
  if (reached.warning) return 1;
  return state === 'in-sync' || state === 'delayed' ? 0 : 3;
}
