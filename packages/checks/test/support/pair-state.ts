import { derivePairState, type PairStateInput } from '../../src/lag/pair-state.ts';
import type { LagSample } from '../../src/model/lag.ts';
import { channel } from './replication.ts';

/** A sample of a pair; null for a lag that is not known. */
export function lag(lagMs: number | null, but: Partial<LagSample> = {}): LagSample {
  return {
    pair: 'p',
    at: new Date(0),
    lagMs,
    uncertaintyMs: lagMs === null ? null : 250,
    method: lagMs === null ? 'none' : 'gtid',
    transactionsBehind: null,
    serverLagMs: null,
    evidence: lagMs === null ? 'lag unknown: because' : 'the evidence of the sample',
    ...but,
  };
}

export const up = (name: string) => ({ name, connected: true, evidence: 'connected' });

/** Of a healthy pair, but for what the test is about. */
export function state(but: Partial<PairStateInput>): ReturnType<typeof derivePairState> {
  return derivePairState({
    source: up('db1'),
    target: up('db2'),
    oneServer: null,
    channel: channel(),
    noChannel: null,
    lag: lag(0),
    attribution: 'none',
    warningMs: 10_000,
    repointed: null,
    stoppedSince: null,
    replicatedBefore: false,
    ...but,
  });
}
