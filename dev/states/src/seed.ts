import {
  type Alert,
  type ChannelStatus,
  noTables,
  type PairState,
  type ReplicationStatus,
  type ServerState,
  type TableResult,
  type TableState,
} from '@lockstep/checks';
import { alert, lagSample, pairState, serverState, tableResult } from '@lockstep/fixture';

/** Everything in a scene is some minutes old: it was made when the program started. */
const now = Date.now();
export const ago = (minutes: number) => new Date(now - minutes * 60_000);
export const ahead = (minutes: number) => ago(-minutes);

const shop = ['addresses', 'customers', 'invoices', 'order_lines', 'orders', 'payments', 'products', 'stock'];

/** A server that answers; `name.db.example.com` unless told otherwise. */
export function server(name: string, more: Partial<ServerState> = {}): ServerState {
  return serverState(name, {
    host: `${name}.db.example.com`,
    evidence: 'connected since 12:00',
    since: ago(300),
    lastContact: ago(0),
    readOnly: name !== 'primary',
    ...more,
  });
}

export function channel(more: Partial<ChannelStatus> = {}): ChannelStatus {
  return {
    name: '',
    sourceHost: 'primary.db.example.com',
    sourcePort: 3306,
    sourceIdentity: '1',
    receiver: 'running',
    applier: 'running',
    receiverError: null,
    applierError: null,
    applierActivity: 'Slave has read all relay log; waiting for more updates',
    intendedDelayMs: 0,
    serverLagMs: 0,
    usesGtid: true,
    parallelWorkers: 4,
    relayLogBytes: 18_874_368,
    appliedFile: 'binlog.000042',
    appliedOffset: 73_180_221,
    receivedFile: 'binlog.000042',
    receivedOffset: 73_180_221,
    receivedGtid: '0-1-918273',
    filters: [],
    ...more,
  };
}

export function replication(
  pair: string,
  channels: Partial<ChannelStatus>[] | null,
  more: Partial<ReplicationStatus> = {},
): ReplicationStatus {
  const all = channels?.map(channel) ?? null;
  return {
    pair,
    at: ago(0),
    channels: all,
    channel: all?.[0] ?? null,
    attribution: 'none',
    errant: '',
    errantCount: 0,
    direct: true,
    repointed: null,
    evidence: channels ? 'reads from primary.db.example.com:3306' : 'the status was not read',
    ...more,
  };
}

/** A pair that keeps up, of `primary` and a server of the pair's own name, unless told otherwise. */
export function pair(name: string, more: Partial<PairState> = {}): PairState {
  return pairState(name, {
    target: name,
    evidence: 'has all changes of primary up to 90 ms ago',
    since: ago(200),
    lag: lagSample(name, {
      at: ago(0),
      uncertaintyMs: 90,
      evidence: 'has all changes of primary up to 90 ms ago',
    }),
    replication: replication(name, [{}]),
    tables: { ...noTables, total: shop.length, match: shop.length },
    oldestVerification: ago(50),
    ...more,
  });
}

type Result = Omit<TableResult, 'rows'>;

/** A result of some minutes ago; everything matches unless told otherwise. */
export function result(pair: string, schema: string, table: string, more: Partial<Result> = {}): Result {
  return tableResult(table, {
    pair,
    schema,
    verdict: 'MATCH',
    reason: '80,000 rows compared, all the same',
    startedAt: ago(14),
    finishedAt: ago(12),
    rowsCompared: 80_000,
    sourceRows: 80_000,
    targetRows: 80_000,
    chunks: 80,
    position: '0-1-918273',
    differences: { missing: 0, surplus: 0, changed: 0 },
    ...more,
  });
}

export function table(
  pair: string,
  schema: string,
  name: string,
  more: Partial<TableState> = {},
): TableState {
  const checksum = result(pair, schema, name);
  return {
    pair,
    schema,
    table: name,
    rowsEstimated: 80_000,
    checksum,
    standing: more.checksum ?? more.consistency ?? (more.checksum === undefined ? checksum : null),
    consistency: result(pair, schema, name, {
      check: 'consistency',
      method: 'count',
      reason: '80,000 rows on both sides',
    }),
    checking: false,
    ...more,
  };
}

/** The tables that `pair` counts unless told otherwise, all of which match. */
export const shopTables = (pair: string): TableState[] => shop.map((name) => table(pair, 'shop', name));

/** An alert that fires since half an hour, unless told otherwise. */
export function firing(id: string, more: Partial<Alert> = {}): Alert {
  return alert(id, {
    fingerprint: id,
    startedAt: ago(31),
    firedAt: ago(30),
    updatedAt: ago(1),
    ...more,
  });
}
