import type { BrokenHistory } from './broken-history.ts';
import type { KnownMember } from './group.ts';
import type { RepointedPair } from './repointed.ts';

/** MySQL and the servers that call themselves so (Percona), or MariaDB. */
export type Flavour = 'mysql' | 'mariadb';

export type ConnectionState = 'connecting' | 'connected' | 'disconnected';

/** How a server looks from here; everything a person needs to judge whether Lockstep can see it. */
export interface ServerState {
  /** The name under `servers` in the configuration. */
  name: string;
  host: string;
  port: number;
  /** The path of a unix socket, where that is the way to it. */
  socket?: string | null;
  connection: ConnectionState;
  /** One sentence: since when, and the server's or the network's own words when it cannot be reached. */
  evidence: string;
  /** When `connection` last changed. */
  since: Date;
  /** When the server last answered any statement; null if it never did. */
  lastContact: Date | null;
  /** Attempts since the connection was lost; 0 while connected. */
  attempts: number;
  flavour: Flavour | null;
  /** As the server prints it, e.g. `10.11.19-MariaDB-log`; null until first connected. */
  version: string | null;
  /**
   * `server_uuid` on MySQL; `server_id`, host, port and data directory on MariaDB. A change means that this is another
   * server.
   */
  identity: string | null;
  readOnly: boolean | null;
  /** Since when `readOnly` is another than when Lockstep first saw the server; null while it is the same. */
  readOnlyChanged: Date | null;
  /** How far the server's clock is ahead of this machine's, in ms; null while not known. Lag does not depend on it. */
  clockAheadMs: number | null;
  /** When it was started, by its own clock, to about a second; absent or null while not known. */
  runningSince?: Date | null;
  /** Another server answers at this address since then; null while it is the one that was first seen. */
  replaced: { before: string; at: Date } | null;
  /** It is another than the one before that has its identity; absent: no other was seen. */
  copied?: KnownServer['copied'];
  /** The sentence of an address that leads to several servers in turn; absent or null while it leads to one. */
  balances?: string | null;
  /** Connections that broke under Lockstep lately though the server was there; null for none. */
  broken: BrokenConnections | null;
  /** Privileges that are missing, each with the GRANT that mends it and what is degraded without it. */
  missingPrivileges: MissingPrivilege[];
}

/** What is remembered of a server over restarts. */
export interface KnownServer {
  identity: string;
  replaced: ServerState['replaced'];
  /** Who has the identity is another than before, which was copied with the data; absent: no other was seen. */
  copied?: { identity: string; at: Date; beside: boolean };
  /** Null, or absent, for one that is no member of a cluster. */
  member?: KnownMember | null;
  /** Of the pairs of which it is the target; absent for none. */
  broken?: BrokenHistory[];
  /** Likewise. */
  repointed?: RepointedPair[];
}

export interface BrokenConnections {
  /** How many within the last `withinMs`. */
  count: number;
  withinMs: number;
  /** The last one, in the server's or the network's own words. */
  at: Date;
  message: string;
}

export interface MissingPrivilege {
  /** What cannot be done without it, e.g. "replication status". */
  feature: string;
  /** The statement that mends it, ready to run. */
  grant: string;
  /** The server's own words. */
  message: string;
}
