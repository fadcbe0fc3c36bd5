import { setTimeout as delay } from 'node:timers/promises';
import { Glance, type PairConfig } from '@lockstep/checks';
import { createLogger } from '../log.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { type JudgedLag, judgeLag } from './judge-lag.ts';
import { lagLine } from './lag-line.ts';
import { nagiosReport } from './nagios-report.ts';
import { configFrom, type NamedServers } from './named-servers.ts';
import { choosePairs } from './pairs.ts';
import { exitCodeOf, onStopSignal } from './signals.ts';

export interface LagOptions extends NamedServers {
  pair?: string[];
  /** In seconds; null: once. */
  watch?: number | boolean;
  nagios?: boolean;
  /** In ms, for all pairs. */
  warning?: number;
  critical?: number;
}

/** `lockstep lag`: how far behind each pair is, once or again and again. */
export async function lag(options: LagOptions, io: Io): Promise<number> {
  const config = await configFrom(options, io);
  const pairs = choosePairs(config, options.pair).map((pair) => withThresholds(pair, options));
  const names = new Set(pairs.flatMap(({ source, target }) => [source, target]));
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals | undefined;
  using _signals = onStopSignal((signal) => {
    stoppedBy = signal;
    stop.abort(new Error(`stopped by ${signal}`));
  });
  const log = createLogger({ ...config.log, level: 'silent' }, io.stderr);
  const engine = { ...config.engine, servers: config.engine.servers.filter(({ name }) => names.has(name)) };
  await using glance = new Glance({ engine, pairs, log, signal: stop.signal });
  await glance.start();
  const look = () => pairs.map((pair) => judgeLag(pair, glance));
  let judged = look();
  if (options.nagios) io.stdout.write(nagiosReport(judged));
  else show(judged);
  if (options.watch !== undefined && !options.nagios) {
    const everyMs = (options.watch === true ? 1 : Number(options.watch)) * 1000;
    while (!stop.signal.aborted) {
      await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) break;
      judged = look();
      show(judged);
    }
  }
  if (stoppedBy && options.watch === undefined) return exitCodeOf(stoppedBy);
  return options.watch === undefined ? worst(judged) : EXIT.ok;

  function show(list: JudgedLag[]): void {
    const width = Math.max(...list.map(({ pair }) => pair.length));
    for (const each of list) io.stdout.write(`${lagLine(each, width, io.stdout)}\n`);
  }
}

/** For all pairs together. Not known is worse than a warning, and less than what is known to be critical. */
function worst(judged: readonly JudgedLag[]): number {
  const order = [0, 1, 3, 2];
  return judged.reduce((code, { exit }) => (order.indexOf(exit) > order.indexOf(code) ? exit : code), 0);
}

function withThresholds(pair: PairConfig, { warning, critical }: LagOptions): PairConfig {
  const warningMs = warning ?? Math.min(pair.lag.warningMs, critical ?? Infinity);
  const criticalMs = critical ?? Math.max(pair.lag.criticalMs, warningMs);
  return { ...pair, lag: { ...pair.lag, warningMs, criticalMs } };
}
