import {
  type CheckKind,
  openStorage,
  type ReplicationStatus,
  type Run,
  silent,
  type TableResult,
} from '@lockstep/checks';
import { pairConfig } from '@lockstep/fixture/pair-config';
import type { Say } from '../benchmark.ts';
import {
  AlertManager,
  judge,
  overrideFor,
  PairBoard,
  type Snapshot,
  tableSettings,
} from '../checks-internals.ts';
import { below, plainFigure, printFigures } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { milliseconds } from '../report/units.ts';

const pairs = 2000;
const tablesOfPair = 25;
const passes = 200;
const mostMs = 20;
const hourMs = 3_600_000;

interface Pass {
  tookMs: number;
  /** Of the thread alone, in which other programs have no part. */
  ownMs: number;
}

/**
 * What it costs to judge all alerts, which is done every second, where all is well: from what the engine holds of each
 * pair to what its alerts are told. Nothing is asked of any server.
 */
export function judging(say: Say): void {
  say(`Judging ${pairs} pairs with ${(pairs * tablesOfPair).toLocaleString('en')} tables …`);
  const storage = openStorage(
    { file: ':memory:', rawLagMs: hourMs, minuteLagMs: hourMs, historyMs: hourMs },
    { log: silent },
  );
  const config = { forMs: 10_000, keepFiringForMs: 60_000, severities: {}, unverifiedForMs: 24 * hourMs };
  const alerts = new AlertManager({ config, storage, publish: () => undefined, log: silent });
  const boards = Array.from({ length: pairs }, (_, index) => quietBoard(index));
  const names = { pairs: new Set(boards.map((board) => board.config.name)), servers: new Set<string>() };
  const pass = (): Pass => {
    const began = performance.now();
    const before = process.threadCpuUsage();
    const snapshot: Snapshot = {
      at: new Date(),
      pairs: boards.map((board) => board.snapshot),
      servers: [],
      storage: storage.health(),
      unverifiedForMs: config.unverifiedForMs,
    };
    alerts.observe(judge(snapshot, alerts), names);
    const { user, system } = process.threadCpuUsage(before);
    return { tookMs: performance.now() - began, ownMs: (user + system) / 1_000 };
  };
  const first = pass();
  const before = process.cpuUsage();
  const times = Array.from({ length: passes }, pass);
  const { user, system } = process.cpuUsage(before);
  printFigures(`Judging ${pairs} pairs, ${pairs * tablesOfPair} tables, all well`, [
    plainFigure('the first pass', milliseconds(first.tookMs)),
    below(
      'a pass, the thread’s own time, median',
      median(times.map(({ ownMs }) => ownMs)),
      mostMs,
      milliseconds,
    ),
    plainFigure(
      '  by the clock, other programs’ time in it',
      milliseconds(median(times.map(({ tookMs }) => tookMs))),
    ),
    plainFigure('processor for one, garbage included', milliseconds((user + system) / 1000 / passes)),
    plainFigure('a pass, the longest', milliseconds(Math.max(...times.map(({ ownMs }) => ownMs)))),
    plainFigure('open alerts', String(alerts.open().length)),
  ]);
  storage.close();
}

/** A pair as an engine has it that has verified all of its tables and sees no lag. */
function quietBoard(index: number): PairBoard {
  const pair = `pair${index}`;
  const config = pairConfig(['*.*'], { name: pair, target: `target of ${pair}` });
  const at = new Date();
  const sides = { source: 'source', target: 'target' };
  const results = Array.from({ length: tablesOfPair }, (_, table): Omit<TableResult, 'rows'> => {
    const name = { schema: 'shop', table: `t${table}` };
    return {
      ...name,
      pair,
      check: 'checksum',
      verdict: 'MATCH',
      reason: 'match, 10 rows compared',
      method: 'rows',
      runId: 'run',
      startedAt: at,
      finishedAt: at,
      rowsCompared: 10,
      sourceRows: 10,
      targetRows: 10,
      chunks: 1,
      position: null,
      differences: { missing: 0, surplus: 0, changed: 0 },
      schemaDifferences: [],
      basis: { ...sides, settings: tableSettings(overrideFor(config.tables, name)) },
    };
  });
  const board = new PairBoard(config, results, false);
  board.tables.setSides(sides);
  board.setState('in-sync', 'has all changes of source up to 90 ms ago', at);
  for (const check of ['checksum', 'consistency'] as const) board.ended(quietRun(pair, check, at));
  board.replication = quietStatus(pair, at);
  board.lag = {
    pair,
    at,
    lagMs: 0,
    uncertaintyMs: 90,
    method: 'gtid',
    transactionsBehind: 0,
    serverLagMs: 0,
    evidence: 'has all changes of source up to 90 ms ago',
  };
  return board;
}

function quietRun(pair: string, check: CheckKind, at: Date): Run {
  return {
    id: 'run',
    pair,
    check,
    state: 'finished',
    evidence: 'finished',
    trigger: 'schedule',
    only: null,
    startedAt: at,
    finishedAt: at,
    progress: {
      tablesDone: tablesOfPair,
      tablesTotal: tablesOfPair,
      chunksDone: tablesOfPair,
      rowsDone: 10 * tablesOfPair,
      rowsEstimated: 10 * tablesOfPair,
      rowsPerSecond: 10,
      remainingMs: null,
      current: null,
    },
    verdicts: { MATCH: tablesOfPair },
  };
}

function quietStatus(pair: string, at: Date): ReplicationStatus {
  return {
    pair,
    at,
    channels: [],
    channel: null,
    attribution: 'none',
    errant: '',
    errantCount: 0,
    direct: true,
    repointed: null,
    evidence: 'reads from source:3306; receiver running, applier running',
  };
}
