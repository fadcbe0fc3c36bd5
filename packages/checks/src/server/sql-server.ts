import type { Flavour } from '../model/server.ts';
import type { Instance } from './instance.ts';
import type { Running } from './running.ts';

/** What the driver hands over with big numbers, dates, decimals and JSON as strings; binary as Buffer. */
export type SqlValue = string | number | Buffer | null;
export type SqlRow = Record<string, SqlValue>;

/** Facts that do not change while a server runs; read anew with every connection. */
export interface ServerFacts {
  flavour: Flavour;
  /** As printed. */
  versionText: string;
  /** Compared as numbers, e.g. [10, 11, 19]. */
  version: [number, number, number];
  /**
   * `server_uuid` (MySQL), or `server_id`, host, port and data directory (MariaDB, which has nothing better: every
   * server's `server_id` is 1 unless it was set). A restart keeps it, on purpose: the data and its history are the
   * same, so what was found out before it still holds.
   */
  identity: string;
  /**
   * Since when it is another that has this identity, copied with the data, and whether both ran at one time; absent: no
   * other was seen.
   */
  copied?: { at: Date; beside: boolean };
  /** Which of the servers that run it is: see `areOne`, `areTwo`. */
  instance: Instance;
  /** Since when; absent or null where it does not say so. */
  running?: Running | null;
  /** MySQL server_uuid, else ''. */
  uuid: string;
  serverId: string;
  /** MySQL: `gtid_mode` is ON. MariaDB: always. */
  gtidMode: boolean;
  /** The binary log is on. */
  binlog: boolean;
  /** What it applies as a replica is in its binary log, too; absent: it does not say so. */
  logsApplied?: boolean;
  /** The kind of cluster that it is set up to be a member of, whether it is one at present or not; absent for none. */
  cluster?: 'galera' | 'group-replication' | null;
  /** What that cluster is called in the configuration; absent or null for none. */
  clusterName?: string | null;
  /** Galera, with `wsrep_gtid_mode`: the domain of what its cluster commits, and that of what it writes alone. */
  wsrepGtid?: { cluster: string; alone: string } | null;
  /** Galera: `host:port` under which it says that it is reached, where it says it; absent or null for none. */
  ownAddress?: string | null;
  /** Names of schemas and tables that differ in case alone name the same (`lower_case_table_names` is not 0). */
  foldsNames: boolean;
  /** Amazon Aurora; a reader reads its writer's storage and replicates nothing. Absent or null: it is not. */
  aurora?: { version: string; reader: boolean } | null;
}

/**
 * Which connections a statement may use. `checks` (the default): the pool. `sampler`: the one connection that nothing
 * slow may use. `status`: two more, for statements that may wait inside the server, such as SHOW REPLICA STATUS.
 */
export type Lane = 'checks' | 'sampler' | 'status';

/** What is to be told of an answer before it is asked for. */
export interface AnswerOptions {
  /** An answer with more rows is cut off, and a `client` fault; by the lane, but at least so many. */
  maxRows?: number;
  /**
   * Reads what is written and not committed as well (READ UNCOMMITTED), where the storage engine lets that be read;
   * still without a lock. Default false.
   */
  pending?: boolean;
  /**
   * Whether it says anything that no row came, default true: without a row nobody knows who answered, and it is asked
   * once more whether there is any.
   */
  emptyTells?: boolean;
  /** The deadline is for the way there and back: the server's own limit on statements stays. Default false. */
  quick?: boolean;
}

export interface QueryOptions extends AnswerOptions {
  /**
   * Own deadline in ms, waiting for a connection included: past it the connection is destroyed and the statement
   * killed on the server. Default 5,000; `checks` 60,000.
   */
  timeoutMs?: number;
  /** Aborting kills the statement on the server and rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  lane?: Lane;
}

/**
 * One server, as the rest of the engine sees it: statements in, rows out. Every statement has a deadline, whatever
 * the server or the network does; every connection has Lockstep's fixed session state. Rejects with `ServerFault`.
 */
export interface SqlServer {
  readonly name: string;
  /** Null until the first connection succeeded. */
  readonly facts: ServerFacts | null;
  /** How often another server took the place of the one before; absent or 0: never. */
  readonly exchanges?: number;
  query<T extends SqlRow = SqlRow>(
    sql: string,
    values?: readonly SqlValue[],
    options?: QueryOptions,
  ): Promise<T[]>;
}

/**
 * `connection`: the server could not be reached or the link broke; `timeout`: own deadline or the server's limit;
 * `privilege`: a GRANT is missing; `cancelled`: the caller's signal; `statement`: the server refused the statement;
 * `client`: what came back could not be read here, which says nothing of the link.
 */
export type FaultKind = 'connection' | 'timeout' | 'privilege' | 'cancelled' | 'statement' | 'client';

interface FaultOptions extends ErrorOptions {
  /** What the message says besides which server it is. */
  reason?: string;
}

/** Whatever goes wrong with a statement, told apart. */
export class ServerFault extends Error {
  readonly kind: FaultKind;
  readonly server: string;
  /** The server's error number, 0 where there is none. */
  readonly errno: number;
  /** What went wrong, for where the server is named already; the message where it names no server itself. */
  readonly reason: string;
  /** The version that a server named before it turned a login away; null where none was named. */
  greeted: string | null = null;
  /** It had let the account in. */
  loggedIn = false;
  /** The connection stood, and its login, not at its end yet, was given up here. */
  givenUp = false;
  constructor(kind: FaultKind, server: string, message: string, errno = 0, options: FaultOptions = {}) {
    super(message, options);
    this.name = 'ServerFault';
    this.kind = kind;
    this.server = server;
    this.errno = errno;
    this.reason = options.reason ?? message;
  }
}

/**
 * A member of a cluster is not ready: 1047, it is not in the primary component, or rejects queries; 3100 and 3796 to
 * 3799, Group Replication lets no transaction begin, as one that a proxy made wait for the group.
 */
const notReadyErrnos = new Set([1047, 3100, 3796, 3797, 3798, 3799]);

/** 1213: its cluster applied something first, DDL for one; 3101: the same of Group Replication. */
const overtakenErrnos = new Set([1213, 3101]);

/** Nothing may be read of it for now, whatever is asked. */
export function isNotReady(error: unknown): boolean {
  return error instanceof ServerFault && error.kind === 'statement' && notReadyErrnos.has(error.errno);
}

/** A statement that was refused for the moment, so that it may well be answered later. */
export function isPassing(error: unknown): boolean {
  if (isNotReady(error)) return true;
  return error instanceof ServerFault && error.kind === 'statement' && overtakenErrnos.has(error.errno);
}

/** What came as an answer was not given by the server that the connection leads to, or not to what was asked. */
export class OtherAnswer extends ServerFault {}

/** Of an address that is to be left alone for a while, whatever the configuration says of attempts. */
export class LeftAlone extends ServerFault {
  readonly forMs: number;
  constructor(server: string, reason: string, forMs: number) {
    super('connection', server, `${server}: ${reason}`, 0, { reason });
    this.forMs = forMs;
  }
}

/** More came than an answer may come to; asked for less, the server may well answer. */
export class AnswerTooLong extends ServerFault {}
