import {
  type CheckKind,
  formatInstant,
  GivenUp,
  type PairConfig,
  type RepairText,
  type Run,
  type TableResult,
  type UnfinishedCheck,
  verifyOnce,
  type VerifyOnceOptions,
} from '@lockstep/checks';
import type { LoadedConfig } from '../config/index.ts';
import { createLogger } from '../log.ts';
import { type CheckKey, CheckState } from './check-state.ts';
import { onCrash } from './crash.ts';
import { EXIT } from './exit-code.ts';
import { type Io, UsageError } from './io.ts';
import { jsonReport } from './json-report.ts';
import { configFrom, type NamedServers } from './named-servers.ts';
import { narrowed, type Narrowing } from './narrowed.ts';
import { exitCodeFor, type PairOutcome } from './outcome.ts';
import { choosePairs } from './pairs.ts';
import { ProgressLine } from './progress-line.ts';
import { repairReport } from './repair-report.ts';
import { exitCodeOf, onStopSignal } from './signals.ts';
import { textReport } from './text-report.ts';

export interface CheckOptions extends NamedServers, Narrowing {
  pair?: string[];
  check: CheckKind;
  format: 'text' | 'json';
  printRepair?: boolean;
  /** Says what would be done, and does it not. */
  explain?: boolean;
  /** What matches is not worth a word, nor is how it goes. */
  quiet?: boolean;
  /** In ms, for all pairs together. */
  timeout?: number;
  /** The same, but the rest is for the next call with this state. */
  runTime?: number;
  /** A file. */
  state?: string;
}

/** Resolves with the run as it ended, whatever happened on the servers. */
export type Verify = (options: VerifyOnceOptions) => Promise<Run>;

/** `lockstep check`: one pair after the other, so that a server that many pairs share is not asked by all at once. */
export async function check(options: CheckOptions, io: Io, verify: Verify = verifyOnce): Promise<number> {
  const config = await configFrom(options, io);
  const pairs = choosePairs(config, options.pair);
  if (options.explain) {
    const { explain } = await import('./explain.ts');
    return explain(config, pairs, options, io);
  }
  const { timeout, runTime, state: stateFile } = options;
  if (runTime !== undefined && stateFile === undefined) {
    throw new UsageError('--run-time goes with --state FILE, where the next call finds what was compared');
  }
  const state =
    stateFile === undefined
      ? null
      : new CheckState(stateFile, (sentence) => void io.stderr.write(`${sentence}\n`));
  const narrow = new Map(pairs.map((pair) => [pair, narrowed(pair, options)]));
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
    stop.abort(new Error(signal));
  });

  const enough = new AbortController();
  const timers = [
    timeout === undefined ? undefined : setTimeout(() => stop.abort(tooLate(timeout)), timeout).unref(),
    runTime === undefined ? undefined : setTimeout(() => enough.abort(), runTime).unref(),
  ];

  const began = new Date();
  const givenUp = new GivenUp();
  const outcomes: PairOutcome[] = [];
  try {
    for (const pair of pairs) {
      if (stop.signal.aborted || enough.signal.aborted) break;
      outcomes.push(await checkPair(pair));
    }
  } catch (error) {
    report(error);
    return EXIT.unverified;
  } finally {
    timers.forEach(clearTimeout);
  }
  const allDone = outcomes.length === pairs.length && outcomes.every(({ run }) => run.state === 'finished');
  if (allDone) state?.remove();
  if (stoppedBy) {
    if (options.format === 'text') io.stdout.write(text());
    io.stderr.write(`Stopped before everything was compared.${goesOn()}\n`);
    return exitCodeOf(stoppedBy);
  }
  io.stdout.write(options.format === 'json' ? jsonReport(outcomes) : text());
  for (const { pair, run } of options.format === 'json' ? outcomes : []) {
    if (run.state !== 'finished' || run.progress.tablesTotal === 0 || run.unmatched) {
      io.stderr.write(`${pair}: ${run.evidence}\n`);
    }
  }
  if (stop.signal.aborted) {
    io.stderr.write(
      `Not done within ${formatMs(timeout ?? 0)}: what was not compared is not known.${goesOn()}\n`,
    );
    return unfinished();
  }
  if (enough.signal.aborted && !allDone) {
    io.stderr.write(`Not done within ${formatMs(runTime ?? 0)}.${goesOn()}\n`);
    return unfinished();
  }
  return exitCodeFor(outcomes);

  function goesOn(): string {
    if (!state) return '';
    return state.isKept
      ? ` The next call with --state ${stateFile} goes on.`
      : ` What it was to go on from could not be written to ${stateFile}.`;
  }

  function unfinished(): number {
    return exitCodeFor(outcomes) === EXIT.different ? EXIT.different : EXIT.unverified;
  }

  function text(): string {
    const report = textReport(outcomes, io.stdout, options.quiet);
    return options.printRepair
      ? repairReport(report, outcomes, { onTerminal: io.stdout.isTTY === true })
      : report;
  }

  async function checkPair(pair: PairConfig): Promise<PairOutcome> {
    const tables: TableResult[] = [];
    const repairs: PairOutcome['repairs'] = new Map();
    const narrowedPair = narrow.get(pair) ?? narrowed(pair, options);
    const key: CheckKey = [pair.name, options.check, narrowedPair.only];
    const resume = state?.of(...key) ?? null;
    if (resume && !options.quiet) {
      const since = formatInstant(resume.run.startedAt);
      io.stderr.write(`${pair.name}: goes on with what was begun at ${since}\n`);
    }
    let left: (() => UnfinishedCheck) | null = null;
    using progress = options.quiet ? null : new ProgressLine(io.stderr);
    const run = await verify({
      engine: config.engine,
      ...narrowedPair,
      check: options.check,
      signal: stop.signal,
      givenUp,
      ...(state && {
        enough: enough.signal,
        resume,
        onAnew: (why) => void io.stderr.write(`${pair.name}: begun anew: ${why}\n`),
        onLeft: (now) => {
          left = now;
          state.keep(key, now);
        },
      }),
      log,
      onProgress: (now) => progress?.show(now),
      onResult: (result) => tables.push(result),
      ...(options.printRepair && {
        onRepair: (result: TableResult, repair: RepairText) =>
          void repairs.set(result, { at: new Date(), repair }),
      }),
    });
    if (left) state?.keep(key, left, true);
    return {
      pair: pair.name,
      source: pair.source,
      target: serverNamed(config, pair.target),
      tables,
      run,
      repairs,
      ...(resume && { began }),
    };
  }
}

function serverNamed({ engine: { servers } }: LoadedConfig, name: string): PairOutcome['target'] {
  const server = servers.find((each) => each.name === name);
  if (!server) throw new Error(`a pair names the server ${name}, which the configuration does not have`);
  return server;
}

const formatMs = (ms: number): string => `${ms / 1000} s`;

const tooLate = (ms: number): Error => new Error(`its time limit of ${formatMs(ms)}`);
