import { createHmac, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type {
  CheckConfig,
  EngineConfig,
  HeartbeatConfig,
  PairConfig,
  ServerConfig,
  TlsConfig,
} from '@lockstep/checks';
import { parseDuration } from './duration.ts';
import { maintenanceConfig } from './maintenance.ts';
import { defaultEvery } from './pair-settings.ts';
import { passwordCommand } from './password-command.ts';
import { readPem } from './pem.ts';
import type { ParsedConfig } from './schema.ts';
import { readSecretFile } from './secret-file.ts';

type ParsedServer = ParsedConfig['servers'][string];
type ParsedPair = ParsedConfig['pairs'][number];
type ParsedCheck = ParsedPair['checks']['consistency'];

/** In the engine's words. `folder` is what paths of files are relative to. */
export function engineConfig(parsed: ParsedConfig, folder: string): EngineConfig {
  const { lag, connection, alerts, storage } = parsed;
  return {
    servers: Object.entries(parsed.servers).map(([name, server]) => serverConfig(name, server, folder)),
    pairs: parsed.pairs.map(pairConfig),
    lag: {
      sampleIntervalMs: lag.sampleInterval,
      statusIntervalMs: lag.statusInterval,
      timeoutMs: lag.timeout,
    },
    connection: {
      connectTimeoutMs: connection.connectTimeout,
      attempts: connection.attempts,
      firstDelayMs: connection.firstDelay,
      maxDelayMs: connection.maxDelay,
      poolSize: connection.poolSize,
    },
    alerts: {
      forMs: alerts.for,
      keepFiringForMs: alerts.keepFiringFor,
      unverifiedForMs: alerts.unverifiedFor,
      severities: severities(alerts.severities),
    },
    ...(parsed.maintenance.length > 0 && { maintenance: maintenanceConfig(parsed.maintenance) }),
    storage: {
      file: storage.file === ':memory:' ? storage.file : resolve(folder, storage.file),
      rawLagMs: storage.lagSamples,
      minuteLagMs: storage.lagMinutes,
      historyMs: storage.history,
      auditMs: storage.audit,
    },
  };
}

function severities(given: ParsedConfig['alerts']['severities']): EngineConfig['alerts']['severities'] {
  const result: EngineConfig['alerts']['severities'] = {};
  for (const [rule, severity] of Object.entries(given)) {
    if (severity !== undefined) result[rule] = severity === 'off' ? null : SEVERITIES[severity];
  }
  return result;
}

const SEVERITIES = { critical: 'CRITICAL', warning: 'WARNING', info: 'INFO' } as const;

function serverConfig(name: string, server: ParsedServer, folder: string): ServerConfig {
  const { host = 'localhost', port, socket, user, serverPublicKey } = server;
  return {
    name,
    host,
    port,
    ...(socket !== undefined && { socket: resolve(folder, socket) }),
    user,
    password: passwordOf(server, folder),
    passwordMark: markOf(server),
    tls: tlsConfig(server.tls, folder),
    serverPublicKey: serverPublicKey === undefined ? null : readPem(folder, serverPublicKey),
  };
}

/** Nobody has this key: whoever reads a mark cannot try passwords by it. */
const markKey = randomBytes(32);

function markOf({ password, passwordFile, passwordCommand: command }: ParsedServer): string {
  return createHmac('sha256', markKey)
    .update(JSON.stringify([password ?? null, passwordFile ?? null, command ?? null]))
    .digest('base64');
}

function passwordOf(
  { password, passwordFile, passwordCommand: command }: ParsedServer,
  folder: string,
): ServerConfig['password'] {
  if (command !== undefined) return passwordCommand(command, folder);
  if (passwordFile !== undefined) return () => readSecretFile(resolve(folder, passwordFile));
  return () => Promise.resolve(password ?? '');
}

function tlsConfig(tls: ParsedServer['tls'], folder: string): TlsConfig | null {
  if (tls === false) return null;
  const pem = (value: string | undefined) => (value === undefined ? null : readPem(folder, value));
  if (tls === true) return { ca: null, cert: null, key: null, verifyIdentity: true };
  return {
    ca: pem(tls.ca),
    cert: pem(tls.cert),
    key: pem(tls.key),
    verifyIdentity: tls.verifyIdentity,
    ...(tls.serverName !== undefined && { serverName: tls.serverName }),
  };
}

function pairConfig(pair: ParsedPair): PairConfig {
  const { name, source, target, channel, labels, lag, heartbeat, errant, tables, checks } = pair;
  const { throttle, verify } = pair;
  if (name === undefined || typeof source !== 'string' || typeof target !== 'string') {
    throw new Error('a pair of the effective configuration has a name and refers to its servers by name');
  }
  return {
    name,
    source,
    target,
    channel: channel ?? null,
    ...(Object.keys(labels).length > 0 && { labels }),
    lag: { warningMs: lag.warning, criticalMs: lag.critical, forMs: lag.for },
    heartbeat: heartbeatConfig(heartbeat),
    ...(errant.ignore.length > 0 && { errant }),
    tables: {
      include: tables.include,
      exclude: tables.exclude,
      overrides: tables.overrides.map((override) => ({
        match: override.match,
        ignoreColumns: override.ignoreColumns,
        maskColumns: override.maskColumns,
        method: override.method ?? null,
        where: override.where ?? null,
      })),
    },
    checks: {
      checksum: {
        ...checkConfig(checks.checksum, checks.timeZone, defaultEvery.checksum),
        method: checks.checksum.method,
      },
      consistency: {
        ...checkConfig(checks.consistency, checks.timeZone, defaultEvery.consistency),
        method: 'count',
      },
    },
    throttle: {
      maxLagMs: throttle.maxLag,
      maxThreadsRunning: throttle.maxThreadsRunning,
      maxFlowControl: throttle.maxFlowControl,
    },
    verify: {
      chunkTimeMs: verify.chunkTime,
      maxChunkRows: verify.maxChunkRows,
      parallel: verify.parallel,
      waitMs: verify.wait,
      maxRounds: verify.maxRounds,
      maxRowsListed: verify.maxRowsListed,
      maxRowsWithoutKey: verify.maxRowsWithoutKey,
      settleMs: verify.settle,
      fullPassMs: verify.fullPass ?? 0,
    },
  };
}

function heartbeatConfig(heartbeat: ParsedPair['heartbeat']): HeartbeatConfig | null {
  if (heartbeat === null) return null;
  const { table, utc, serverId, interval } = heartbeat;
  if (table === undefined) throw new Error('a heartbeat of the effective configuration has a table');
  return { table, utc, serverId: serverId?.toString() ?? null, intervalMs: interval };
}

function checkConfig(
  { enabled, every, cron, window }: ParsedCheck,
  timeZone: string | undefined,
  otherwise: string,
): Omit<CheckConfig, 'method'> {
  const schedule =
    cron === undefined
      ? { everyMs: every ?? parseDuration(otherwise) ?? 0 }
      : { cron, ...(timeZone !== undefined && { timeZone }) };
  return { enabled, schedule, ...(window && { window: { ...window, timeZone: timeZone ?? null } }) };
}
