// One process in which very many alerts fire at once: as many tables are missing as it is told. Run by alert-storm.ts.
// As the program has it, before anything else is.
import 'lockstep/src/small-heap.ts';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MonitoringEngine, openStorage, silent, type TableResult } from '@lockstep/checks';
import { Notifier } from 'lockstep/src/notify/notifier.ts';
import { webhook } from 'lockstep/src/notify/webhook.ts';
import { localPubSub } from 'lockstep/src/pubsub/pubsub.ts';
import { readEngineConfig } from '../engine-config.ts';

export interface StormOrder {
  config: string;
  alerts: number;
  webhook: string;
}

export interface StormReport {
  /** Alerts that a subscriber was told of. */
  told: number;
  toldMs: number;
  /** The longest that nothing else had its turn, and the 99th percentile. */
  stallMs: number;
  p99Ms: number;
  /** The most that was worked in one turn, in this thread's own time, which other programs do not lengthen. */
  turnMs: number;
  /** How often the outbox was written to disk until all were told. */
  flushes: number;
  rssBytes: number;
}

// Whoever wanted to know is gone.
process.once('disconnect', () => process.exit(1));
process.once('message', (order: StormOrder) => {
  storm(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

async function storm({ config, alerts, webhook: url }: StormOrder): Promise<void> {
  const { engine: settings, pair } = readEngineConfig(config);
  const storage = openStorage(settings.storage, { log: silent, bufferRows: 2 * alerts });
  for (let i = 0; i < alerts; i++) storage.recordResult(missing(pair.name, i));
  storage.flush();
  let flushes = 0;
  const flush = storage.flush.bind(storage);
  storage.flush = () => void (flushes++, flush());
  const pubsub = localPubSub(silent);
  const notifier = new Notifier({
    destinations: [webhook('storm', url, 'INFO')],
    storage,
    pubsub,
    log: silent,
  });
  const engine = new MonitoringEngine({ config: settings, storage, publish: pubsub.publish, log: silent });

  let told = 0;
  const all = Promise.withResolvers<void>();
  pubsub.subscribe('alert', ({ data }) => {
    if (data.rule === 'table-missing' && data.state === 'firing' && ++told === alerts) all.resolve();
  });
  await notifier.start();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = performance.now();
  let turnMs = 0;
  let over = false;
  let last = process.threadCpuUsage();
  const turn = (): void => {
    const now = process.threadCpuUsage();
    const ms = (now.user + now.system - last.user - last.system) / 1_000;
    if (process.env['STORM_DEBUG'] && ms > 40) console.error(Math.round(performance.now() - began), told, ms);
    turnMs = Math.max(turnMs, ms);
    last = now;
    if (!over) setImmediate(turn);
  };
  turn();
  engine.start();
  await all.promise;
  const toldMs = performance.now() - began;
  // Whatever still holds the loop counts, too.
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  delay.disable();
  over = true;
  const report: StormReport = {
    told,
    toldMs,
    stallMs: delay.max / 1e6,
    p99Ms: delay.percentile(99) / 1e6,
    turnMs,
    flushes,
    rssBytes: process.memoryUsage.rss(),
  };
  const stop = once(process, 'SIGTERM');
  process.send?.(report);
  await stop;
  await Promise.all([engine.stop(), notifier.stop()]);
  storage.close();
  process.exit(0);
}

function missing(pair: string, i: number): TableResult {
  const at = new Date();
  return {
    pair,
    check: 'checksum',
    schema: 'shop',
    table: `t${i}`,
    verdict: 'MISSING',
    reason: 'the table exists on the source only',
    method: 'rows',
    runId: 'storm',
    startedAt: at,
    finishedAt: at,
    rowsCompared: 0,
    sourceRows: null,
    targetRows: null,
    chunks: 0,
    position: null,
    differences: { missing: 0, surplus: 0, changed: 0 },
    schemaDifferences: [],
    rows: [],
  };
}
