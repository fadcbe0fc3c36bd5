import {
  type CheckKind,
  EngineRequestError,
  type PairConfig,
  parseTableName,
  type RepairText,
  type Run,
  type TableName,
  type TableResult,
  verifyOnce,
  type VerifyOnceOptions,
} from '@lockstep/checks';
import type { LoadedConfig } from '../config/index.ts';
import { createLogger } from '../log.ts';
import { onCrash } from './crash.ts';
import { EXIT } from './exit-code.ts';
import { type Io, UsageError } from './io.ts';
import { jsonReport } from './json-report.ts';
import { configFrom, type NamedServers } from './named-servers.ts';
import { exitCodeFor, type PairOutcome } from './outcome.ts';
import { choosePairs } from './pairs.ts';
import { ProgressLine } from './progress-line.ts';
import { repairReport } from './repair-report.ts';
import { exitCodeOf, onStopSignal } from './signals.ts';
import { textReport } from './text-report.ts';

export interface CheckOptions extends NamedServers {
  pair?: string[];
  table?: string[];
  check: CheckKind;
  format: 'text' | 'json';
  printRepair?: boolean;
}

/** Resolves with the run as it ended, whatever happened on the servers. */
export type Verify = (options: VerifyOnceOptions) => Promise<Run>;

/** `lockstep check`: one pair after the other, so that a server that many pairs share is not asked by all at once. */
export async function check(options: CheckOptions, io: Io, verify: Verify = verifyOnce): Promise<number> {
  const config = await configFrom(options, io);
  const pairs = choosePairs(config, options.pair);
  const only = options.table?.map(tableName) ?? null;
  // The report is the message; the log adds what went wrong on the way to it.
  const level = config.log.level === 'info' ? 'warn' : config.log.level;
  const log = createLogger({ ...config.log, level }, io.stderr);

  // The stack alone: the driver's errors hold whole statements besides.
  const report = (error: unknown) =>
    void io.stderr.write(`unexpected error: ${error instanceof Error ? error.stack : String(error)}\n`);
  // What failed has verified nothing.
  using _crash = onCrash(EXIT.unverified, report);
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals | undefined;
  using _signals = onStopSignal((signal) => {
    stoppedBy = signal;
    stop.abort(new Error(`stopped by ${signal}`));
  });

  const outcomes: PairOutcome[] = [];
  try {
    for (const pair of pairs) {
      if (stop.signal.aborted) break;
      outcomes.push(await checkPair(pair));
    }
  } catch (error) {
    report(error);
    return EXIT.unverified;
  }
  if (stoppedBy) {
    if (options.format === 'text') io.stdout.write(text());
    io.stderr.write('Stopped before everything was compared.\n');
    return exitCodeOf(stoppedBy);
  }
  io.stdout.write(options.format === 'json' ? jsonReport(outcomes) : text());
  for (const { pair, run } of options.format === 'json' ? outcomes : []) {
    if (run.state !== 'finished' || run.progress.tablesTotal === 0 || run.unmatched) {
      io.stderr.write(`${pair}: ${run.evidence}\n`);
    }
  }
  return exitCodeFor(outcomes);

  function text(): string {
    const report = textReport(outcomes, io.stdout);
    return options.printRepair ? repairReport(report, outcomes) : report;
  }

  async function checkPair(pair: PairConfig): Promise<PairOutcome> {
    const tables: TableResult[] = [];
    const repairs: PairOutcome['repairs'] = new Map();
    using progress = new ProgressLine(io.stderr);
    const run = await verify({
      engine: config.engine,
      pair,
      check: options.check,
      only,
      signal: stop.signal,
      log,
      onProgress: (state) => progress.show(state),
      onResult: (result) => tables.push(result),
      ...(options.printRepair && {
        onRepair: (result: TableResult, repair: RepairText) =>
          void repairs.set(result, { at: new Date(), repair }),
      }),
    });
    return {
      pair: pair.name,
      source: pair.source,
      target: serverNamed(config, pair.target),
      tables,
      run,
      repairs,
    };
  }
}

function tableName(text: string): TableName {
  try {
    return parseTableName(text);
  } catch (error) {
    if (error instanceof EngineRequestError) throw new UsageError(`--table ${text}: ${error.message}`);
    throw error;
  }
}

function serverNamed({ engine: { servers } }: LoadedConfig, name: string): PairOutcome['target'] {
  const server = servers.find((each) => each.name === name);
  if (!server) throw new Error(`a pair names the server ${name}, which the configuration does not have`);
  return server;
}
