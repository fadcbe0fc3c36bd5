import type { Flavour, FreshSchema } from '@lockstep/servers';
import type { PairConfig } from '../../src/config.ts';
import type { Run } from '../../src/model/run.ts';
import type { CheckKind, TableResult } from '../../src/model/verdict.ts';
import type { ReplicationRoute } from '../../src/position/replication-route.ts';
import type { SqlRow, SqlServer } from '../../src/server/sql-server.ts';
import type { TableName } from '../../src/table-name.ts';
import { byText } from '../../src/verify/run/by-text.ts';
import type { ColdTables } from '../../src/verify/run/cold-tables.ts';
import { PairCheck } from '../../src/verify/run/pair-check.ts';
import { ReplicationBarrier } from '../../src/verify/settle/replication-barrier.ts';
import { pairConfig } from './config.ts';
import { connect } from './connect.ts';

export interface Verified {
  run: Run;
  results: TableResult[];
  /** The result of a table of the schema; throws when there is none. */
  of: (table: string) => TableResult;
}

export interface VerifyOptions {
  check?: CheckKind;
  changes?: Partial<PairConfig>;
  route?: Partial<ReplicationRoute>;
  cold?: ColdTables;
  only?: TableName[];
  onStart?: (check: PairCheck) => void;
  onProgress?: (run: Run) => void;
  /** Called before the source is asked for the n-th chunk's digest; what happens in it has happened by then. */
  beforeChunk?: (n: number, check: PairCheck) => void | Promise<unknown>;
  /** Called before the source is asked for a table's columns for the n-th time. */
  beforeDefinition?: (n: number) => void | Promise<unknown>;
  /** Called before the target is. */
  beforeTargetDefinition?: () => Promise<unknown>;
  /** Called before and after every statement that either side is asked. */
  before?: (side: 'source' | 'target', sql: string) => Promise<unknown>;
  after?: (side: 'source' | 'target', sql: string) => Promise<unknown>;
  /** Changes what is read of either side, to break a way of comparing on purpose. */
  garble?: (sql: string, rows: SqlRow[]) => SqlRow[];
}

/** One run over a schema of a replicating pair of real servers. */
export async function verify(
  schema: Pick<FreshSchema, 'name' | 'source' | 'target'>,
  options: VerifyOptions = {},
): Promise<Verified> {
  const { source, target } = await connect({ source: schema.source, target: schema.target });
  if (!source || !target) throw new Error('not connected');
  const pair = pairConfig([`${schema.name}.*`], options.changes);
  const results: TableResult[] = [];
  let chunks = 0;
  let definitions = 0;
  const garbled = (side: 'source' | 'target', server: SqlServer): SqlServer => ({
    name: server.name,
    get facts() {
      return server.facts;
    },
    query: async <T extends SqlRow>(...question: Parameters<SqlServer['query']>) => {
      await options.before?.(side, question[0]);
      const rows = await server.query<T>(...question);
      await options.after?.(side, question[0]);
      return (options.garble?.(question[0], rows) ?? rows) as T[];
    },
  });
  const seen = { source: garbled('source', source), target: garbled('target', target) };
  const watched: SqlServer = {
    name: source.name,
    get facts() {
      return source.facts;
    },
    query: async (sql, values, query) => {
      if (sql.startsWith('SELECT COUNT(*)')) await options.beforeChunk?.(++chunks, check);
      if (asksWhatTablesAre(sql)) await options.beforeDefinition?.(++definitions);
      return seen.source.query(sql, values, query);
    },
  };
  const watchedTarget: SqlServer = {
    ...seen.target,
    get facts() {
      return target.facts;
    },
    query: async (sql, values, query) => {
      if (asksWhatTablesAre(sql)) await options.beforeTargetDefinition?.();
      return seen.target.query(sql, values, query);
    },
  };
  const check: PairCheck = new PairCheck({
    pair,
    check: options.check ?? 'checksum',
    trigger: 'operator',
    only: options.only ?? null,
    ...(options.cold && { cold: options.cold }),
    source: watched,
    target: watchedTarget,
    barrier: new ReplicationBarrier({
      source,
      target,
      waitMs: pair.verify.waitMs,
      settleMs: pair.verify.settleMs,
      route: () => ({
        kind: gtidOf(schema.source.flavour),
        channel: '',
        evidence: '',
        unproved: null,
        intendedDelayMs: 0,
        serverLagMs: null,
        stopped: null,
        replicated: (position) => position,
        ...options.route,
      }),
    }),
    busy: () => null,
    lag: () => null,
    stopped: () => null,
    onProgress: (run) => options.onProgress?.(run),
    onResult: (result) => results.push(result),
  });
  options.onStart?.(check);
  const run = await check.execute();
  // They come as they are done, side by side.
  results.sort((a, b) => byText(a.schema, b.schema) || byText(a.table, b.table));
  return {
    run,
    results,
    of: (table) => {
      const result = results.find((r) => r.table === table);
      if (!result) throw new Error(`no result for ${table}: ${run.evidence}`);
      return result;
    },
  };
}

export function asksWhatTablesAre(sql: string): boolean {
  return sql.includes('FROM information_schema.COLUMNS');
}

function gtidOf(flavour: Flavour): 'mysql-gtid' | 'mariadb-gtid' {
  return flavour === 'mysql' ? 'mysql-gtid' : 'mariadb-gtid';
}

/** Runs statements on the target alone, unseen by replication: a planted difference. */
export async function plant(schema: FreshSchema, ...statements: string[]): Promise<void> {
  await schema.caughtUp();
  await schema.target.query('SET sql_log_bin = 0');
  try {
    for (const statement of statements) await schema.target.query(statement);
  } finally {
    await schema.target.query('SET sql_log_bin = 1');
  }
}
