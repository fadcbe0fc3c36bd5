import { setTimeout as delay } from 'node:timers/promises';
import type { EngineConfig, PairConfig } from '../config.ts';
import { LagManager } from '../lag/lag-manager.ts';
import type { Logger } from '../log.ts';
import type { Run } from '../model/run.ts';
import { type CheckKind, differing, type TableResult } from '../model/verdict.ts';
import { ConnectionManager } from '../server/connection-manager.ts';
import { namesFold } from '../server/names-fold.ts';
import { hurried, reachAll } from '../server/reach.ts';
import { ServerFault } from '../server/sql-server.ts';
import type { TableName } from '../table-name.ts';
import { type RepairText, repairText } from '../verify/repair/repair-text.ts';
import { overrideFor } from '../verify/run/selection.ts';
import { makeCheck } from './make-check.ts';

export interface VerifyOnceOptions {
  engine: EngineConfig;
  pair: PairConfig;
  /** Default `checksum`. */
  check?: CheckKind;
  /** These tables only; null for all that the pair selects. */
  only: TableName[] | null;
  /** Aborting ends the statements on the servers; the run is then `cancelled`. */
  signal: AbortSignal;
  log: Logger;
  onProgress: (run: Run) => void;
  onResult: (result: TableResult) => void;
  /**
   * Asks, after the run, for the repair text of every table with listed differences. Where a server cannot be asked any
   * more, its notes say so.
   */
  onRepair?: (result: TableResult, repair: RepairText) => void;
}

/** How long the replication status may take to be known before it goes on without. */
const patienceMs = 10_000;

/**
 * One run over one pair, now, with connections of its own. Resolves with the finished run; what went wrong is in it.
 */
export async function verifyOnce(options: VerifyOnceOptions): Promise<Run> {
  const { engine, pair, signal, log } = options;
  const involved = engine.servers.filter(({ name }) => name === pair.source || name === pair.target);
  const servers = new ConnectionManager({
    servers: involved,
    connection: hurried(engine.connection),
    log,
    onChange: () => undefined,
  });
  const ignore = () => undefined;
  const lag = new LagManager({
    manager: servers,
    pairs: [pair],
    config: engine.lag,
    onLag: ignore,
    onReplication: ignore,
    onState: ignore,
  });
  const source = servers.get(pair.source);
  const target = servers.get(pair.target);
  const different: TableResult[] = [];
  const job = makeCheck(
    { pair, servers, lag },
    {
      check: options.check ?? 'checksum',
      trigger: 'cli',
      only: options.only,
      onProgress: options.onProgress,
      onResult: (result) => {
        if (options.onRepair && result.rows.length > 0) different.push(result);
        options.onResult(result);
      },
    },
  );
  const cancel = () => job.cancel('request');
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    servers.start();
    lag.start();
    const unreached = await reachAll([source, target], engine.connection, signal);
    if (unreached !== null) return job.fail(unreached);
    await until(() => lag.route(pair.name) !== null, signal);
    const run = await job.execute();
    for (const result of different) {
      if (signal.aborted) break;
      const repair = await repairOf(result);
      if (repair) options.onRepair?.(result, repair);
    }
    return run;
  } finally {
    signal.removeEventListener('abort', cancel);
    lag.stop();
    await servers.stop();
  }

  /** The run has its verdicts by now: a server that fails here only leaves this table without statements. */
  async function repairOf({ schema, table, rows, differences }: TableResult): Promise<RepairText | null> {
    const name = { schema, table };
    try {
      return await repairText({
        source,
        target,
        name,
        rows,
        total: differing(differences),
        override: overrideFor(pair.tables, name, namesFold(source, target)),
        query: { signal },
      });
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof ServerFault)) throw error;
      return { preamble: [], statements: [], notes: [`no statements could be made: ${error.message}`] };
    }
  }
}

async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!condition() && !signal.aborted && performance.now() < end) await delay(20);
}
