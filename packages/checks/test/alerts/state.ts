import type { PairSnapshot, Snapshot, StandingResult } from '../../src/alerts/condition/snapshot.ts';
import type { PairState, Run, RunState, ServerState } from '../../src/model/index.ts';
import { pairConfig } from '../support/config.ts';
import { channel } from '../support/replication.ts';
import { HOUR, SECOND, START } from './fixtures.ts';

/** Two servers, one pair, one table, and all is well. */
export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    at: new Date(START),
    servers: [server('db1'), server('db2')],
    pairs: [pair()],
    storage: {
      ok: true,
      file: '/var/lib/lockstep.db',
      evidence: 'all is written',
      buffered: 0,
      dropped: 0,
      bytes: 0,
    },
    unverifiedForMs: 24 * HOUR,
    ...changes,
  };
}

export function server(name: string, changes: Partial<ServerState> = {}): ServerState {
  return {
    name,
    host: '10.0.0.1',
    port: 3306,
    connection: 'connected',
    evidence: 'connected since 12:00',
    since: new Date(START),
    lastContact: new Date(START),
    attempts: 0,
    flavour: 'mysql',
    version: '9.7.0',
    identity: 'uuid',
    readOnly: true,
    readOnlyChanged: null,
    clockAheadMs: 0,
    replaced: null,
    broken: null,
    missingPrivileges: [],
    ...changes,
  };
}

export function pair(changes: Partial<PairSnapshot> = {}): PairSnapshot {
  return {
    config: orders,
    state: pairState(),
    results: [result()],
    lastRuns: { checksum: run('finished'), consistency: run('finished') },
    ...changes,
  };
}

const check = { enabled: true, schedule: { everyMs: HOUR }, method: 'rows' } as const;

const orders = pairConfig(['*.*'], {
  name: 'orders',
  source: 'db1',
  target: 'db2',
  lag: { warningMs: 10 * SECOND, criticalMs: 60 * SECOND, forMs: 30 * SECOND },
  checks: { checksum: check, consistency: check },
});

function pairState(): PairState {
  return {
    name: 'orders',
    source: 'db1',
    target: 'db2',
    labels: {},
    state: 'in-sync',
    evidence: 'the target has all that the source has',
    since: new Date(START),
    paused: false,
    lag: {
      pair: 'orders',
      at: new Date(START),
      lagMs: 0,
      uncertaintyMs: 0,
      method: 'gtid',
      transactionsBehind: 0,
      serverLagMs: 0,
      evidence: 'the target has all that the source has',
    },
    heartbeat: null,
    replication: {
      pair: 'orders',
      at: new Date(START),
      channels: [channel()],
      channel: channel(),
      attribution: 'none',
      errant: '',
      errantCount: 0,
      direct: true,
      repointed: null,
      evidence: 'both threads run',
    },
    thresholds: { warningMs: 10 * SECOND, criticalMs: 60 * SECOND },
    tables: {
      total: 1,
      match: 1,
      different: 0,
      schemaDiffers: 0,
      missing: 0,
      unverified: 0,
      error: 0,
      pending: 0,
    },
    oldestVerification: new Date(START),
  };
}

export function result(changes: Partial<StandingResult> = {}): StandingResult {
  return {
    pair: 'orders',
    check: 'checksum',
    schema: 'shop',
    table: 'items',
    verdict: 'MATCH',
    reason: 'all rows match',
    method: 'rows',
    runId: 'r1',
    startedAt: new Date(START - SECOND),
    finishedAt: new Date(START),
    rowsCompared: 10,
    sourceRows: 10,
    targetRows: 10,
    chunks: 1,
    position: null,
    differences: { missing: 0, surplus: 0, changed: 0 },
    schemaDifferences: [],
    ...changes,
  };
}

export function run(state: RunState, evidence = `${state}`): Run {
  return {
    id: 'r1',
    pair: 'orders',
    check: 'checksum',
    state,
    evidence,
    trigger: 'schedule',
    only: null,
    startedAt: new Date(START - SECOND),
    finishedAt: new Date(START),
    progress: {
      tablesDone: 1,
      tablesTotal: 1,
      chunksDone: 1,
      rowsDone: 10,
      rowsEstimated: 10,
      rowsPerSecond: 10,
      remainingMs: null,
      current: null,
    },
    verdicts: { MATCH: 1 },
  };
}
