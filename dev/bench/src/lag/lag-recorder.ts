import { type EngineConfig, type GroupState, type LagSample, silent } from '@lockstep/checks';
import { ConnectionManager, LagManager } from '../checks-internals.ts';

/** A sample with the moment it was told, on this process's monotonic clock. */
export interface TimedSample {
  at: number;
  sample: LagSample;
}

export interface LagRecorder {
  /** All samples of all pairs, in the order they came. */
  samples: readonly TimedSample[];
  /** What was called errant of any pair. */
  errant: ReadonlySet<string>;
  /** What was said of clusters, in the order it came. */
  groups: readonly { at: number; group: GroupState }[];
  /** Resolves at the first sample from now on that fits, with its moment; rejects after `timeoutMs`. */
  until(fits: (sample: LagSample) => boolean, timeoutMs: number): Promise<number>;
  stop(): Promise<void>;
}

/** Lockstep's lag measurement as the service runs it, in this process. */
export function recordLag(config: EngineConfig): LagRecorder {
  const samples: TimedSample[] = [];
  const errant = new Set<string>();
  const groups: { at: number; group: GroupState }[] = [];
  const waiting = new Set<(sample: LagSample, at: number) => void>();
  const manager = new ConnectionManager({
    servers: config.servers,
    connection: config.connection,
    log: silent,
    onChange: () => undefined,
  });
  const service = new LagManager({
    manager,
    pairs: config.pairs,
    config: config.lag,
    onLag: (sample) => {
      const at = performance.now();
      samples.push({ at, sample });
      for (const tell of waiting) tell(sample, at);
    },
    onReplication: ({ pair, errant: text }) => {
      if (text) errant.add(`${pair}: ${text}`);
    },
    onState: () => undefined,
    onGroup: (group) => groups.push({ at: performance.now(), group }),
  });
  manager.start();
  service.start();
  return {
    samples,
    errant,
    groups,
    until: (fits, timeoutMs) =>
      new Promise((resolve, reject) => {
        const tell = (sample: LagSample, at: number) => {
          if (!fits(sample)) return;
          done();
          resolve(at);
        };
        const patience = setTimeout(() => {
          done();
          reject(
            new Error(`no such sample within ${timeoutMs} ms; the last: ${samples.at(-1)?.sample.evidence}`),
          );
        }, timeoutMs);
        const done = () => {
          waiting.delete(tell);
          clearTimeout(patience);
        };
        waiting.add(tell);
      }),
    async stop() {
      service.stop();
      await manager.stop();
    },
  };
}
