import type { ServerHandle } from '@lockstep/servers';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { expect, vi } from 'vitest';
import type { PairConfig } from '../../src/config.ts';
import { LagManager } from '../../src/lag/lag-manager.ts';
import type { WatchedState } from '../../src/lag/replication-monitor.ts';
import { silent } from '../../src/log.ts';
import type { LagSample } from '../../src/model/lag.ts';
import type { ReplicationStatus } from '../../src/model/replication.ts';
import type { ServerState } from '../../src/model/server.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import type { Clock } from '../../src/time/clock.ts';
import { connection, pairConfig, serverConfig } from './config.ts';

export interface LagWatch {
  manager: ConnectionManager;
  service: LagManager;
  /** Everything that was told, oldest first, by pair. */
  samples: (pair: string) => LagSample[];
  states: (pair: string) => WatchedState[];
  sample: (pair?: string) => LagSample;
  status: (pair?: string) => ReplicationStatus;
  state: (pair?: string) => WatchedState;
  server: (name: string) => ServerState;
  /** Lets as much time pass as that many further samples take. */
  samplesMore: (count: number, pair?: string) => Promise<void>;
  [Symbol.asyncDispose]: () => Promise<void>;
}

/** How often servers are looked at. */
export const sampleIntervalMs = 100;

export type WatchedPair = Partial<PairConfig> & { port?: number };

export interface WatchOptions {
  replicatedBefore?: boolean;
  statusIntervalMs?: number;
  /** By which a server is reached, where that is not its own. */
  ports?: Record<string, number>;
  /** Where a server is silent on purpose: how long it is given to answer. */
  silentAfterMs?: number;
  clock?: Clock;
}

/** Watches pairs of test servers, as quickly as is allowed. Pair names default to `pair`, from `source` to `target`. */
export function watchLag(
  handles: Record<string, ServerHandle>,
  pairs: Partial<PairConfig>[] = [{}],
  {
    replicatedBefore = false,
    statusIntervalMs = 300,
    ports,
    silentAfterMs = unhurriedMs,
    clock,
  }: WatchOptions = {},
): LagWatch {
  const samples = new Map<string, LagSample[]>();
  const states = new Map<string, WatchedState[]>();
  const list = <T>(map: Map<string, T[]>, pair: string): T[] => {
    const items = map.get(pair) ?? [];
    map.set(pair, items);
    return items;
  };
  const manager = new ConnectionManager({
    servers: Object.entries(handles).map(([name, handle]) => serverConfig(name, handle, ports?.[name])),
    connection: { ...connection, connectTimeoutMs: silentAfterMs },
    log: silent,
    onChange: () => undefined,
  });
  const service = new LagManager({
    manager,
    pairs: pairs.map((pair) =>
      pairConfig([], { lag: { warningMs: 1000, criticalMs: 15_000, forMs: 1000 }, ...pair }),
    ),
    config: { sampleIntervalMs, statusIntervalMs, timeoutMs: silentAfterMs },
    onLag: (sample) => list(samples, sample.pair).push(sample),
    onReplication: () => undefined,
    onState: (pair, state) => list(states, pair).push(state),
    replicatedBefore: () => replicatedBefore,
    ...(clock && { clock }),
  });
  manager.start();
  service.start();
  const known = <T>(value: T | null): T => {
    expect(value).not.toBeNull();
    return value as T;
  };
  return {
    manager,
    service,
    samples: (pair) => list(samples, pair),
    states: (pair) => list(states, pair),
    sample: (pair = 'pair') => known(service.sample(pair)),
    status: (pair = 'pair') => known(service.replication(pair)),
    state: (pair = 'pair') => service.state(pair),
    server: (name) => manager.get(name).state,
    async samplesMore(count, pair = 'pair') {
      const before = list(samples, pair).length;
      await vi.waitFor(
        () => expect(list(samples, pair).length).toBeGreaterThanOrEqual(before + count),
        patient,
      );
    },
    async [Symbol.asyncDispose]() {
      service.stop();
      await manager.stop();
    },
  };
}

/** Those that say how far behind the target was at a moment after that one, in ms of the wall clock. */
export function provedAfter(moment: number, samples: LagSample[]): LagSample[] {
  return samples.filter(
    ({ lagMs, at, uncertaintyMs }) =>
      lagMs !== null && at.getTime() - (lagMs === 0 ? (uncertaintyMs ?? 0) : 0) > moment,
  );
}
