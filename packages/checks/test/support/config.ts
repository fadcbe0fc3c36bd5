import type { ServerHandle } from '@lockstep/servers';
import { patienceMs, unhurriedMs } from '@lockstep/servers/patience';
import type { PairConfig, ServerConfig, VerifyConfig } from '../../src/config.ts';

/** How Lockstep itself reaches a test server: with its least privileges. */
export function serverConfig(name: string, handle: ServerHandle, port = handle.port): ServerConfig {
  return {
    name,
    host: '127.0.0.1',
    port,
    user: handle.monitor.user,
    password: () => Promise.resolve(handle.monitor.password),
    tls: null,
    serverPublicKey: null,
  };
}

/** Where a server that none of a test's accounts is on may be, or nothing. */
export function serverAt(name: string, port: number): ServerConfig {
  return {
    name,
    host: '127.0.0.1',
    port,
    user: 'u',
    password: () => Promise.resolve('p'),
    tls: null,
    serverPublicKey: null,
  };
}

export const connection = {
  connectTimeoutMs: unhurriedMs,
  attempts: 3,
  firstDelayMs: 200,
  maxDelayMs: 1000,
  poolSize: 4,
  // Tests end Lockstep's sessions, and ask soon afterwards whether all is well.
  unstableMs: 5000,
};

export const verifyConfig: VerifyConfig = {
  chunkTimeMs: 500,
  maxChunkRows: 50_000,
  parallel: 2,
  waitMs: patienceMs,
  maxRounds: 10,
  maxRowsListed: 100,
  maxRowsWithoutKey: 100_000,
  settleMs: 1000,
  fullPassMs: 0,
};

export function pairConfig(include: string[], changes: Partial<PairConfig> = {}): PairConfig {
  return {
    name: 'pair',
    source: 'source',
    target: 'target',
    channel: null,
    lag: { warningMs: 5000, criticalMs: 15_000, forMs: 1000 },
    tables: { include, exclude: [], overrides: [] },
    checks: {
      checksum: { enabled: true, schedule: { everyMs: 3_600_000 }, method: 'rows' },
      consistency: { enabled: true, schedule: { everyMs: 3_600_000 }, method: 'count' },
    },
    throttle: { maxLagMs: null, maxThreadsRunning: null, maxFlowControl: null },
    verify: verifyConfig,
    ...changes,
  };
}
