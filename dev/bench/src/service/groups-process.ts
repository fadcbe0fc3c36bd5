// One process that is told of very many alerts in its time, and tells four destinations. Run by alert-groups.ts.
// As the program has it, before anything else is.
import 'lockstep/src/small-heap.ts';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Alert, openStorage, silent } from '@lockstep/checks';
import { Notifier } from 'lockstep/src/notify/notifier.ts';
import { webhook } from 'lockstep/src/notify/webhook.ts';
import { localPubSub } from 'lockstep/src/pubsub/pubsub.ts';

export interface GroupsOrder {
  file: string;
  address: string;
  groupWaitMs: number;
  groupIntervalMs: number;
  pairs: number;
  alerts: number;
  /** The number of the first. */
  from: number;
  duringMs: number;
  /** How long it goes on after the last. */
  lingerMs?: number;
}

export interface GroupsReport {
  /** By number: when it was told of each, in ms since 1970. */
  published: [number, number][];
  /** `<destination> <key>` of the attempts that it took for failed. */
  failed: string[];
  /** When it could tell, in ms since 1970. */
  readyAt: number;
  stallMs: number;
  p99Ms: number;
  /** What was worked in one turn, in this thread's own time: the most, and of a hundred turns the second most. */
  turnMs: number;
  p99TurnMs: number;
  cpuMs: number;
}

const everyMs = 20;

// Whoever wanted to know is gone.
process.once('disconnect', () => process.exit(1));
process.once('message', (order: GroupsOrder) => {
  live(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

async function live(order: GroupsOrder): Promise<void> {
  const { file, address, groupWaitMs, groupIntervalMs, alerts, from, duringMs, lingerMs = 0 } = order;
  const day = 86_400_000;
  const storage = openStorage(
    { file, rawLagMs: day, minuteLagMs: day, historyMs: day },
    { log: silent, bufferRows: 10 * alerts },
  );
  const pubsub = localPubSub(silent);
  const grouping = { by: ['pair'], waitMs: groupWaitMs, intervalMs: groupIntervalMs, repeatMs: null };
  const failed = new Set<string>();
  const notifier = new Notifier({
    attempted: ({ destination, message, error }) => {
      if (error !== null) failed.add(`${destination} ${message}`);
    },
    destinations: ['good', 'better', 'hangs', 'refuses'].map((name) => ({
      ...webhook(name, `${address}/${name}`, 'INFO'),
      grouping: { ...grouping, most: Infinity },
    })),
    storage,
    pubsub,
    log: silent,
  });
  const delay = monitorEventLoopDelay({ resolution: everyMs });
  delay.enable();
  const turns: number[] = [];
  let over = false;
  const began = process.threadCpuUsage();
  let last = began;
  const turn = (): void => {
    const now = process.threadCpuUsage();
    turns.push((now.user + now.system - last.user - last.system) / 1_000);
    last = now;
    // Seldom enough to take no time of its own.
    if (!over) setTimeout(() => setImmediate(startTurn), 5);
  };
  const startTurn = (): void => {
    last = process.threadCpuUsage();
    setImmediate(turn);
  };
  startTurn();
  let readyAt = Infinity;
  // As in the program alerts keep coming meanwhile.
  void notifier.start().then(() => (readyAt = Date.now()));
  const published: GroupsReport['published'] = [];
  const start = performance.now();
  for (let i = 0; i < alerts;) {
    const due = Math.min(alerts, Math.ceil(((performance.now() - start) / duringMs) * alerts));
    for (; i < due; i++) {
      const data = firing(from + i, order.pairs);
      storage.recordAlert(data);
      published.push([from + i, Date.now()]);
      pubsub.publish({ type: 'alert', pair: data.pair, data });
    }
    await pause(50);
  }
  if (lingerMs > 0) await pause(lingerMs);
  delay.disable();
  over = true;
  const used = process.threadCpuUsage();
  const report: GroupsReport = {
    published,
    failed: [...failed],
    readyAt,
    stallMs: delay.max / 1e6 - everyMs,
    p99Ms: delay.percentile(99) / 1e6 - everyMs,
    turnMs: Math.max(...turns),
    p99TurnMs: turns.sort((a, b) => a - b)[Math.floor(turns.length * 0.99)] ?? 0,
    cpuMs: (used.user + used.system - began.user - began.system) / 1_000,
  };
  const stop = once(process, 'SIGTERM');
  process.send?.(report);
  await stop;
  await notifier.stop();
  storage.close();
  process.exit(0);
}

function firing(i: number, pairs: number): Alert {
  const at = new Date();
  const pair = `pair-${i % pairs}`;
  return {
    id: `a${i}`,
    fingerprint: `table-different ${pair} t${i}`,
    rule: 'table-different',
    severity: 'CRITICAL',
    state: 'firing',
    pair,
    server: null,
    table: `shop.t${i}`,
    tableName: { schema: 'shop', table: `t${i}` },
    summary: 'Table is different',
    evidence: '1 row differs',
    startedAt: at,
    firedAt: at,
    updatedAt: at,
    resolvedAt: null,
    noData: false,
    acknowledged: null,
    silencedUntil: null,
    inhibitedBy: null,
  };
}
