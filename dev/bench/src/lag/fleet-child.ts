// The engine over many pairs, in a process of its own so that what it uses can be counted; answers questions about
// them.
import 'lockstep/src/small-heap.ts';
import { type LagSample, MonitoringEngine, openStorage, silent } from '@lockstep/checks';
import { readEngineConfig } from '../engine-config.ts';
import { quantile } from '../report/statistics.ts';

/** `intervals`: between the samples of pairs whose target is not `without`, since the last such question. */
export type FleetQuestion =
  | { kind: 'start'; config: string }
  | { kind: 'intervals'; without: string | null }
  | { kind: 'state' };

export interface Intervals {
  count: number;
  p50Ms: number;
  p99Ms: number;
  largestMs: number;
}

/** By the latest sample of each pair. */
export interface FleetState {
  known: number;
  unknown: number;
  /** Names of pairs whose lag is known. */
  knownPairs: string[];
}

const latest = new Map<string, LagSample>();
let times = new Map<string, number[]>();
let targets = new Map<string, string>();
let pairs = 0;

process.on('message', (question: FleetQuestion) => {
  if (question.kind === 'start') start(question.config);
  else if (question.kind === 'intervals') process.send?.(intervals(question.without));
  else process.send?.(state());
});
process.on('disconnect', () => process.exit());

function start(file: string): void {
  const { engine: config } = readEngineConfig(file);
  pairs = config.pairs.length;
  targets = new Map(config.pairs.map(({ name, target }) => [name, target]));
  const engine = new MonitoringEngine({
    config,
    storage: openStorage(config.storage, { log: silent }),
    publish: (event) => {
      if (event.type !== 'lag') return;
      latest.set(event.pair, event.data);
      const list = times.get(event.pair);
      if (list) list.push(performance.now());
      else times.set(event.pair, [performance.now()]);
    },
    log: silent,
  });
  engine.start();
}

function intervals(without: string | null): Intervals {
  const all = [...times]
    .filter(([pair]) => without === null || !targets.get(pair)?.startsWith(without))
    .flatMap(([, list]) => list.slice(1).map((at, i) => at - (list[i] ?? NaN)));
  times = new Map();
  return {
    count: all.length,
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    largestMs: all.reduce((largest, each) => Math.max(largest, each), 0),
  };
}

function state(): FleetState {
  const knownPairs = [...latest].filter(([, { lagMs }]) => lagMs !== null).map(([pair]) => pair);
  return { known: knownPairs.length, unknown: pairs - knownPairs.length, knownPairs };
}
