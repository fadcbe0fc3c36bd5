import type { Severity } from './model/alert.ts';
import type { AlertMatcher, Recurrence } from './model/silence.ts';
import type { CheckMethod } from './model/verdict.ts';
import type { CronSchedule } from './time/cron.ts';
import type { DailyWindow } from './time/daily-window.ts';

/** What the engine is told to do. All durations are milliseconds. Who reads files and validates is the caller. */
export interface EngineConfig {
  servers: ServerConfig[];
  pairs: PairConfig[];
  lag: LagConfig;
  connection: ConnectionConfig;
  alerts: AlertsConfig;
  /** Absent: none. */
  maintenance?: MaintenanceConfig[];
  storage: StorageConfig;
}

export interface ServerConfig {
  name: string;
  /** By a socket: only what it is called, `localhost`. */
  host: string;
  port: number;
  /** The path of a unix socket, which is then the way to it; absent or null: by host and port. */
  socket?: string | null;
  user: string;
  /** Called at every new connection, so that a rotated password file is read again. Rejects with a sentence to show. */
  password: () => Promise<string>;
  /** Tells this way to a password from another, and is of no use to who reads it; absent: there is but one. */
  passwordMark?: string;
  /** Null: no TLS. */
  tls: TlsConfig | null;
  /** PEM; without TLS, the one key that the password is encrypted with: no login that does without it is made. */
  serverPublicKey: string | null;
}

export interface TlsConfig {
  /** PEM texts. */
  ca: string | null;
  cert: string | null;
  key: string | null;
  verifyIdentity: boolean;
  /** The name that the certificate is for; absent or null: the host's. */
  serverName?: string | null;
}

export interface PairConfig {
  name: string;
  /** Server names. */
  source: string;
  target: string;
  /** Which replication channel of the target belongs to this pair; null: found by itself. */
  channel: string | null;
  /** What it belongs to, in the user's own words, such as `env: prod`. Absent: nothing. */
  labels?: Readonly<Record<string, string>>;
  lag: { warningMs: number; criticalMs: number; forMs: number };
  /** The user's own pt-heartbeat; absent or null: there is none, or it is not to be read. */
  heartbeat?: HeartbeatConfig | null;
  /** Who may write on the target beside its replication: UUIDs (MySQL) or server ids (MariaDB). Absent: nobody. */
  errant?: { ignore: string[] };
  tables: TableSelection;
  checks: { checksum: CheckConfig; consistency: CheckConfig };
  throttle: ThrottleConfig;
  verify: VerifyConfig;
}

export interface HeartbeatConfig {
  /** `schema.table`, with backticks around a part that holds a dot; the same on source and target. */
  table: string;
  /** pt-heartbeat runs with `--utc`. Matters only where the source's row cannot be read. */
  utc: boolean;
  /** Whose row; null: the source's own, or the only one. */
  serverId: string | null;
  /** How often it is read. */
  intervalMs: number;
}

export interface TableSelection {
  /** `schema.table` patterns with `*` and `?`; system schemas and views are never compared. */
  include: string[];
  exclude: string[];
  /** Of those, only what fits one of these patterns too; absent: all. */
  within?: string[];
  /** The first entry whose pattern fits a table rules it; masks of all that fit hold. */
  overrides: TableOverride[];
}

export interface TableOverride {
  match: string;
  ignoreColumns: string[];
  /** Show no values of these columns; `*` for all. */
  maskColumns: string[];
  method: CheckMethod | null;
  /** A condition that is put into every statement on both sides; null for none. */
  where: string | null;
}

export interface CheckConfig {
  enabled: boolean;
  /** A cron pattern, or an interval in ms counted from the end of the last run. */
  schedule: CronSchedule | { everyMs: number };
  method: CheckMethod;
  /** Runs by the schedule go only then, and go on in the next one; absent: at any time. */
  window?: DailyWindow;
}

export interface ThrottleConfig {
  /** Pause while the pair's lag is above; null: never. */
  maxLagMs: number | null;
  /** Pause while `Threads_running` of either server is above; null: never. */
  maxThreadsRunning: number | null;
  /** Pause while flow control holds back a cluster of either server for this share of its time, 0 … 1; null: never. */
  maxFlowControl: number | null;
}

export interface VerifyConfig {
  /** What one statement should take on the server. */
  chunkTimeMs: number;
  maxChunkRows: number;
  /** Chunks in flight per pair. */
  parallel: number;
  /** How long a round waits until the target has applied the source's position. */
  waitMs: number;
  /** Rounds before a row that keeps changing is given up as UNVERIFIED. */
  maxRounds: number;
  /** Rows listed per table; counts are exact beyond it. */
  maxRowsListed: number;
  /** A table without a usable key is compared as a whole up to this many rows. */
  maxRowsWithoutKey: number;
  /** A table that provably was not written since it matched is not compared again for this long; 0: it always is. */
  fullPassMs: number;
  /** How long a row must have been the same on the source where there is no replication to wait for. */
  settleMs: number;
}

export interface LagConfig {
  /** 100 … 5000. */
  sampleIntervalMs: number;
  /** How often `SHOW REPLICA STATUS` is read. */
  statusIntervalMs: number;
  /** Above this a statement of the sampler is given up and its connection destroyed. */
  timeoutMs: number;
}

export interface ConnectionConfig {
  connectTimeoutMs: number;
  /** At start and after a loss: this many attempts, then disconnected, then quiet retries for ever. */
  attempts: number;
  firstDelayMs: number;
  maxDelayMs: number;
  /** Connections per server for checks; samplers have one of their own. */
  poolSize: number;
  /** For how long a broken connection is remembered: several within it are an alert. Default 5 min. */
  unstableMs?: number;
  /** How often a server is asked whether it is still there, and read-only, and what its clock says. Default 5 s. */
  healthIntervalMs?: number;
  /** How often one of the connections always in use is made anew: where does the address lead? Default 1 min. */
  renewMs?: number;
  /** How long an address is left alone between connections that lead to one server and another. Default 30 s. */
  leftAloneMs?: number;
}

export interface AlertsConfig {
  /** A condition shorter than this does not fire; the lag rule has its own per pair. */
  forMs: number;
  /** How long an alert goes on after its condition went away, so that flapping does not notify again and again. */
  keepFiringForMs: number;
  /** Severities that differ from the defaults, by rule; null switches the rule off. */
  severities: Partial<Record<string, Severity | null>>;
  /** A table not decided for this long is alerted. */
  unverifiedForMs: number;
}

/** Nobody is notified of alerts that fit, once or again and again. */
export interface MaintenanceConfig {
  /** Unique. */
  name: string;
  matcher: AlertMatcher;
  /** Null: ever since. */
  from: Date | null;
  /** Null: for ever, which only what recurs may be. */
  until: Date | null;
  recurrence: Recurrence | null;
}

export interface StorageConfig {
  /** Path of the database file, or `:memory:`. */
  file: string;
  rawLagMs: number;
  minuteLagMs: number;
  /** Runs, results and resolved alerts older than this go. */
  historyMs: number;
  /** Who did what, older than this, goes; absent: as history. */
  auditMs?: number;
}
