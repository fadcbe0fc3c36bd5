export type ThreadState = 'running' | 'connecting' | 'stopped' | 'unknown';

export interface ReplicationError {
  /** The server's error number. */
  code: number;
  message: string;
  /** As the server tells it; null when it does not. */
  at: Date | null;
}

export interface ReplicationFilter {
  /** e.g. `Replicate_Do_DB`. */
  name: string;
  value: string;
}

/** One replication stream into a target, as `SHOW REPLICA STATUS` (or its flavour's equal) tells it. */
export interface ChannelStatus {
  /** '' is the default channel. */
  name: string;
  sourceHost: string;
  sourcePort: number;
  /** `server_uuid` (MySQL) or `server_id` (MariaDB) of the server that it reads from; null when not known. */
  sourceIdentity: string | null;
  /** The thread that fetches from the source (IO thread). */
  receiver: ThreadState;
  /** The threads that apply (SQL thread and its workers). */
  applier: ThreadState;
  receiverError: ReplicationError | null;
  applierError: ReplicationError | null;
  /** What the applier says it is doing. */
  applierActivity: string | null;
  /** The configured delay in ms; 0 for none. */
  intendedDelayMs: number;
  /** The server's own seconds-behind in ms; null when it says NULL. */
  serverLagMs: number | null;
  usesGtid: boolean;
  parallelWorkers: number | null;
  /** In which order they apply, in MariaDB's word; absent where the server has none for it. */
  parallelMode?: string;
  relayLogBytes: number | null;
  /** Applied up to here in the source's binlog. */
  appliedFile: string | null;
  appliedOffset: number | null;
  /** Received up to here in the source's binlog. */
  receivedFile: string | null;
  receivedOffset: number | null;
  /** GTIDs received, where the server tells (MySQL Retrieved_Gtid_Set, MariaDB Gtid_IO_Pos). */
  receivedGtid: string | null;
  /** Replication filters in force, by the names that the status gives them. */
  filters: ReplicationFilter[];
}

/** Where the delay arises. */
export type Attribution = 'none' | 'link' | 'receiver' | 'applier' | 'intended' | 'unknown';

/** Everything known of the replication into a pair's target. */
export interface ReplicationStatus {
  pair: string;
  at: Date;
  /** Null when it could not be read: then `evidence` says why. */
  channels: ChannelStatus[] | null;
  /** The pair's own of them; null when there is none, or when it is not known which it is. */
  channel: ChannelStatus | null;
  attribution: Attribution;
  /** GTIDs on the target that the source does not have; '' for none, null when unknown. */
  errant: string | null;
  errantCount: number | null;
  /** Those that the pair's configuration says are meant; not in `errant`. Absent or '' for none. */
  errantKnown?: string;
  /** Why both sides have one storage (Aurora), so that comparing them proves nothing; null or absent: they have not. */
  sameStorage?: string | null;
  /** The pair's channel reads from the source itself, not from another server; null when not known. */
  direct: boolean | null;
  /** The delay of the pair's channel when its status could be read last; absent while it can, or where it had none. */
  delayBeforeMs?: number;
  /** `host:port` of the server that the pair's channel was connected to last; null or absent before it was. */
  readsFrom?: string | null;
  /** Since when it reads from another server, having read from the source itself before; null while it does not. */
  repointed: Date | null;
  evidence: string;
}
