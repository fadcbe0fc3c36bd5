import { addAbortListener } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineConfig, PairConfig } from '../config.ts';
import { LagManager } from '../lag/lag-manager.ts';
import type { Logger } from '../log.ts';
import type { Run } from '../model/run.ts';
import { type CheckKind, differing, type TableResult, type Verdict } from '../model/verdict.ts';
import { ConnectionManager } from '../server/connection-manager.ts';
import { namesFold } from '../server/names-fold.ts';
import { type GivenUp, hurried, reachAll } from '../server/reach.ts';
import { ServerFault } from '../server/sql-server.ts';
import { tableId, type TableName } from '../table-name.ts';
import { type RepairText, repairText } from '../verify/repair/repair-text.ts';
import { runSettings, sidesOf, whyOther } from '../verify/run/basis.ts';
import type { InterruptedRun, PairCheck } from '../verify/run/pair-check.ts';
import { overrideFor } from '../verify/run/selection.ts';
import { makeCheck, warmFor } from './make-check.ts';

export interface VerifyOnceOptions {
  engine: EngineConfig;
  pair: PairConfig;
  /** Default `checksum`. */
  check?: CheckKind;
  /** These tables only; null for all that the pair selects. */
  only: TableName[] | null;
  /** Aborting ends the statements on the servers; the run is then `cancelled`, by what an error as reason says. */
  signal: AbortSignal;
  /** Of the command that this is a part of: who is in it is not waited for again, who is given up comes into it. */
  givenUp?: GivenUp;
  /** Aborting it ends them as well, but the run is then `paused`, for another call to go on with what it left. */
  enough?: AbortSignal;
  /** What an earlier call left; believed as far as servers, settings and definitions are the same. */
  resume?: UnfinishedCheck | null;
  /** Nothing of `resume` is believed. */
  onAnew?: (why: string) => void;
  /** There is more that a later call would not have to do again; asked for it as it is then. */
  onLeft?: (left: () => UnfinishedCheck) => void;
  log: Logger;
  onProgress: (run: Run) => void;
  /** Of each table that was examined; and of each that `resume` brought and that is not examined again. */
  onResult: (result: TableResult) => void;
  /**
   * Asks, after the run, for the repair text of every table with listed differences. Where a server cannot be asked any
   * more, its notes say so.
   */
  onRepair?: (result: TableResult, repair: RepairText) => void;
}

/** What is left of a call that did not come to its end. */
export interface UnfinishedCheck extends InterruptedRun {
  results: TableResult[];
}

/** What can be believed another time; the rest is tried again. */
const decided: ReadonlySet<Verdict> = new Set(['MATCH', 'DIFFERENT', 'SCHEMA_DIFFERS', 'MISSING']);

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
  const check = options.check ?? 'checksum';
  const results = new Map<string, TableResult>();
  const earlier = new Map(options.resume?.results.map((result) => [tableId(result), result]));
  const take = (result: TableResult) => {
    results.set(tableId(result), result);
    if (options.onRepair && result.rows.length > 0) different.push(result);
    options.onResult(result);
  };
  const make = (resume: UnfinishedCheck | null): PairCheck => {
    const left = (): UnfinishedCheck => {
      const unfinished = made.left;
      const known = unfinished.done.map((name) => results.get(tableId(name)) ?? earlier.get(tableId(name)));
      return { ...unfinished, results: known.filter((result) => result !== undefined) };
    };
    const told = () => options.onLeft?.(left);
    const made: PairCheck = makeCheck(
      { pair, servers, lag },
      {
        check,
        trigger: 'cli',
        only: options.only,
        resume: resume && { ...resume, done: resume.done.filter(({ verdict }) => decided.has(verdict)) },
        onCheckpoint: told,
        onProgress: options.onProgress,
        onKept: (name) => {
          const result = earlier.get(tableId(name));
          if (result) take(result);
        },
        onResult: (result) => {
          take(result);
          told();
        },
      },
    );
    return made;
  };
  let job = make(options.resume ?? null);
  const { enough } = options;
  const cancel = () => job.cancel(stopper(signal.reason));
  const suspend = () => job.suspend('not done, and goes on when it is called again');
  using _cancel = addAbortListener(signal, cancel);
  using _suspend = enough && addAbortListener(enough, suspend);
  if (signal.aborted) cancel();
  if (enough?.aborted) suspend();
  const { givenUp } = options;
  const away = [pair.source, pair.target].flatMap((name) => givenUp?.why(name) ?? []);
  try {
    if (away.length > 0) return job.fail(away.join('; '));
    servers.start();
    lag.start();
    const unreached = await reachAll([source, target], engine.connection, signal);
    unreached.forEach((each) => givenUp?.add(each));
    if (unreached.length > 0) return job.fail(unreached.map(({ why }) => why).join('; '));
    lag.hasten();
    warmFor(pair, servers);
    await until(() => lag.route(pair.name) !== null, signal);
    const anew = options.resume ? whyNotBelieved(options.resume) : null;
    if (anew !== null) {
      options.onAnew?.(anew);
      job = make(null);
      if (signal.aborted) cancel();
      if (enough?.aborted) suspend();
    }
    const run = await job.execute();
    for (const result of different) {
      if (signal.aborted) break;
      const repair = await repairOf(result);
      if (repair) options.onRepair?.(result, repair);
    }
    return run;
  } finally {
    lag.stop();
    await servers.stop();
  }

  function whyNotBelieved({ run }: UnfinishedCheck): string | null {
    const sides = sidesOf(source, target);
    if (!run.basis || !sides) return 'what it was compared with is not known';
    return whyOther(run.basis, { ...sides, settings: runSettings(pair, check) });
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

/** An abort without a reason has one of Node's own, which says nothing. */
const stopper = (reason: unknown): string =>
  reason instanceof Error && reason.name !== 'AbortError' ? reason.message : 'request';
