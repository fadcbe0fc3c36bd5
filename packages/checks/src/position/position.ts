/**
 * How far a server's data has come. `text` is what the server printed and what evidence shows.
 * `mysql-gtid`: a GTID set, tags included; `mariadb-gtid`: the newest sequence number of each domain;
 * `galera`: the number of a cluster's newest change;
 * `file`: a place in one server's binlog, comparable only with places in the same server's.
 */
export type Position =
  | {
      kind: 'mysql-gtid';
      text: string;
      /** The server's `gtid_mode` where that is not ON: what it has without a GTID is not in `text`. */
      mode?: string;
      /** Of a source: what of `text` it was committing, or applying, when it was asked; absent for nothing. */
      committing?: string;
      /** Of a target: `text` with what it is committing, which may be seen there already; absent where that is all. */
      shows?: string;
    }
  | {
      kind: 'mariadb-gtid';
      text: string;
      /** Of a target: what it wrote itself, which its applied position does not tell; `text` of the same form. */
      own?: string;
      /** The newest GTID of every writer in every domain of the server's own binlog: whose history it shares. */
      state?: string;
      /** Of a source: the part of `text` that is in its own binlog, for only that can it send. */
      written?: string;
      /**
       * Of a source that is a node of a cluster whose nodes number alike: what of the cluster's it has, or commits, and
       * has not in its own binlog. The other nodes log it. Absent for nothing.
       */
      unlogged?: string;
      /** Of a target: what it has in its binlog, where it does not show all of that yet; absent where it does. */
      shows?: string;
      /**
       * By which filters the channel leaves out domains, where it does. Of what is applied: as of the same answer. Of
       * what is wanted: those by which it was cut.
       */
      domains?: string;
      /**
       * Of a target whose channels may not be seen, and that logs what it applies: what is not in its own binlog may
       * only be counted as applied, since some channel leaves it out, and be about to come by another.
       */
      unseen?: true;
      /**
       * From where the channel reads, as `host:port`, in which case alone what its server does not log never comes. Of
       * what is applied: as of the same answer. Of what is wanted: where that was left out of it.
       */
      from?: string;
    }
  /** A number that a Galera cluster gives to each change, the same on all nodes; `group` is the cluster's history. */
  | { kind: 'galera'; text: string; group: string; seqno: bigint }
  | {
      kind: 'file';
      text: string;
      file: string;
      offset: number;
      /** Whose binlog it is. Of what is wanted: whose the target is to read; absent where that is not known. */
      of?: BinlogOwner;
    };

/** A server as a replica names what it reads from; its identity is null until it was reached. */
export interface BinlogOwner {
  host: string;
  port: number;
  identity: string | null;
  /** How the replica takes what it reads, see `orderOf`; absent where that is not known. */
  order?: AppliedOrder;
}

/** All in the order of the binlog, or each replication domain for itself (MariaDB's parallel appliers, by GTID). */
export type AppliedOrder = 'one' | 'by-domain';

export type PositionKind = Position['kind'];

/** Nothing of it changed, also of what is not in its text. */
export function samePosition(a: Position, b: Position): boolean {
  if (a === b) return true;
  if (a.text !== b.text || a.kind !== b.kind) return false;
  if (a.kind === 'mysql-gtid' && b.kind === 'mysql-gtid') return a.mode === b.mode;
  return (
    a.kind !== 'mariadb-gtid' ||
    b.kind !== 'mariadb-gtid' ||
    (a.written === b.written && a.state === b.state && a.unlogged === b.unlogged)
  );
}

/** Of a target: all that may be seen there. */
export function allShown(position: Position): Position {
  if (position.kind !== 'mysql-gtid' && position.kind !== 'mariadb-gtid') return position;
  const { shows, ...counted } = position;
  return shows === undefined ? position : { ...counted, text: shows };
}

/** For a sentence: sets may be long. */
export function shortened(text: string, maxChars = 60): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 3)}…`;
}
