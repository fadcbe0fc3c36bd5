import type { StorageConfig } from '../../src/config.ts';
import type {
  Alert,
  AuditEntry,
  Delivery,
  LagSample,
  PairEvent,
  RowDifference,
  Run,
  TableResult,
} from '../../src/model/index.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Where the tests' time begins: a whole hour. */
export const START = Date.UTC(2026, 2, 1, 12);

export function storageConfig(file: string): StorageConfig {
  return { file, rawLagMs: DAY, minuteLagMs: 30 * DAY, historyMs: 30 * DAY };
}

export function lagSample(at: number, lagMs: number | null, pair = 'orders'): LagSample {
  return {
    pair,
    at: new Date(at),
    lagMs,
    uncertaintyMs: lagMs === null ? null : 250,
    method: 'gtid',
    transactionsBehind: null,
    serverLagMs: null,
    evidence: 'measured',
  };
}

export function event(id: string, at: number, pair = 'orders'): PairEvent {
  return { id, pair, at: new Date(at), kind: 'state', state: 'lagging', message: `event ${id}` };
}

export function run(id: string, startedAt: number, changes: Partial<Run> = {}): Run {
  return {
    id,
    pair: 'orders',
    check: 'checksum',
    state: 'finished',
    evidence: 'finished: 1 match',
    trigger: 'schedule',
    only: null,
    startedAt: new Date(startedAt),
    finishedAt: new Date(startedAt + 1_000),
    progress: {
      tablesDone: 1,
      tablesTotal: 1,
      chunksDone: 3,
      rowsDone: 1_000,
      rowsEstimated: 1_000,
      rowsPerSecond: 500.5,
      remainingMs: null,
      current: null,
    },
    verdicts: { MATCH: 1 },
    ...changes,
  };
}

export function difference(id: number): RowDifference {
  return {
    kind: 'changed',
    key: { id: String(id), at: '1772366400000' },
    columns: ['name'],
    cells: [
      {
        column: 'name',
        source: { text: 'Zoë', encoding: 'text', bytes: 4, truncated: false },
        target: { text: null, encoding: 'text', bytes: null, truncated: false },
      },
    ],
    count: 1,
    rounds: [
      { at: new Date(START + id), position: 'gtid:1-9', sourceBefore: 'ab', target: 'cd', sourceAfter: 'ab' },
    ],
  };
}

export function result(runId: string, finishedAt: number, changes: Partial<TableResult> = {}): TableResult {
  return {
    pair: 'orders',
    check: 'checksum',
    schema: 'shop',
    table: 'orders',
    verdict: 'MATCH',
    reason: 'all 3 chunks match',
    method: 'rows',
    runId,
    startedAt: new Date(finishedAt - 500),
    finishedAt: new Date(finishedAt),
    rowsCompared: 1_000,
    sourceRows: 1_000,
    targetRows: 1_000,
    chunks: 3,
    position: 'gtid:1-9',
    differences: { missing: 0, surplus: 0, changed: 0 },
    schemaDifferences: [],
    rows: [],
    ...changes,
  };
}

export function alert(id: string, startedAt: number, changes: Partial<Alert> = {}): Alert {
  return {
    id,
    fingerprint: `lag/orders/${id}`,
    rule: 'lag',
    severity: 'WARNING',
    state: 'firing',
    pair: 'orders',
    server: null,
    table: null,
    tableName: null,
    summary: 'Replica is lagging',
    evidence: 'lag 12 s ≥ 10 s',
    startedAt: new Date(startedAt),
    firedAt: new Date(startedAt + 1_000),
    updatedAt: new Date(startedAt + 2_000),
    resolvedAt: null,
    noData: false,
    acknowledged: null,
    silencedUntil: null,
    inhibitedBy: null,
    ...changes,
  };
}

export function delivery(
  key: string,
  alertId: string,
  createdAt: number,
  changes: Partial<Delivery> = {},
): Delivery {
  return {
    key,
    destination: 'ops',
    alert: alert(alertId, createdAt),
    state: 'waiting',
    createdAt: new Date(createdAt),
    endedAt: null,
    attempts: 0,
    error: null,
    ...changes,
  };
}

export function auditEntry(id: string, at: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    at: new Date(at),
    who: 'anna',
    role: 'operator',
    way: 'token',
    address: '10.0.0.1',
    action: 'pausePair',
    subject: 'orders',
    outcome: 'done',
    message: null,
    times: 1,
    ...changes,
  };
}
