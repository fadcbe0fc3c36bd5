import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { unhurriedMs } from '@lockstep/servers/patience';
import { onTestFinished } from 'vitest';
import type { EngineConfig, PairConfig, ServerConfig } from '../../src/config.ts';
import { MonitoringEngine } from '../../src/engine/monitoring-engine.ts';
import { silent } from '../../src/log.ts';
import type { EngineEvent } from '../../src/model/event.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';
import { connection, pairConfig, serverConfig } from './config.ts';

export interface RunningEngine {
  engine: MonitoringEngine;
  events: EngineEvent[];
  storage: MetricsStorage;
  /** Stops it as the program does; done at the end of the test in any case. */
  stop: () => Promise<void>;
}

export interface EngineSetup {
  servers: Record<string, ServerHandle>;
  /** What else holds for a server: another port or host to reach it by, another account. */
  reach?: Record<string, Partial<ServerConfig>>;
  pairs: PairConfig[];
  config?: Partial<EngineConfig>;
  file?: string;
}

export function engineConfig({
  servers,
  reach = {},
  pairs,
  config,
  file = ':memory:',
}: EngineSetup): EngineConfig {
  return {
    servers: Object.entries(servers).map(([name, handle]) => ({
      ...serverConfig(name, handle),
      ...reach[name],
    })),
    pairs,
    lag: { sampleIntervalMs: 100, statusIntervalMs: 250, timeoutMs: unhurriedMs },
    connection,
    alerts: { forMs: 500, keepFiringForMs: 500, severities: {}, unverifiedForMs: 60_000 },
    storage: { file, rawLagMs: 86_400_000, minuteLagMs: 86_400_000, historyMs: 86_400_000 },
    ...config,
  };
}

/** The whole engine on real servers, stopped when the test ends. */
export function startEngine(setup: EngineSetup): RunningEngine {
  const config = engineConfig(setup);
  const storage = openStorage(config.storage, { log: silent });
  const events: EngineEvent[] = [];
  const engine = new MonitoringEngine({
    config,
    storage,
    publish: (event) => events.push(event),
    log: silent,
  });
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= engine.stop().then(() => storage.close()));
  onTestFinished(stop);
  engine.start();
  return { engine, events, storage, stop };
}

/** The engine over one pair, looking at one schema. */
export function engineOver(schema: FreshSchema, changes: Partial<PairConfig> = {}): RunningEngine {
  return startEngine({
    servers: { source: schema.source, target: schema.target },
    pairs: [pairConfig([`${schema.name}.*`], changes)],
  });
}
