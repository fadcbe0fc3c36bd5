/**
 * How a server takes part in its cluster, by its own word and that of the others: its own alone is enough to say that
 * it is out, never that it is in. `donor`: it serves another one's state transfer, or is desynced on purpose, so that
 * flow control does not wait for it; `no-quorum`: it is cut off from the majority, whatever it says itself;
 * `not-in-group`: it left, was expelled, or ended with an error.
 */
export type MemberStateName = 'in-group' | 'donor' | 'joining' | 'no-quorum' | 'not-in-group' | 'unknown';

/** One watched member of a cluster. */
export interface GroupMember {
  /** The server's name. */
  server: string;
  state: MemberStateName;
  /** The sentence that explains `state`. */
  evidence: string;
  /** When `state` last changed. */
  since: Date;
  /** Of Group Replication, where it may be read; null else. */
  role: 'primary' | 'secondary' | null;
  /** The view of the group that it has, as it prints it; null while it has none, or it may not be read. */
  view: string | null;
  /** How many members that view has. */
  viewSize: number | null;
  /** How old the oldest change is that another has and it has not, at least; 0 for none; null unknown. */
  lagMs: number | null;
  /** How many such changes there are; null when unknown. */
  behind: number | null;
  /** Changes that it has received and not applied; null when unknown. */
  queue: number | null;
  /** The share of the last seconds, 0 … 1, for which flow control held it back; null where that is not told. */
  flowControl: number | null;
  /** It is the one that the others wait for. */
  holdsBack: boolean;
}

/** What is remembered of a member over restarts. */
export interface KnownMember {
  kind: GroupState['kind'];
  /** `wsrep_cluster_name`, or the group's name. */
  cluster: string;
  /** Its history: `wsrep_cluster_state_uuid`, or the group's name. */
  group: string;
  /** Its address, as it was in some member's view; null where none was. */
  listedAs: string | null;
  /** That by which Lockstep reached it then; absent: the same. */
  reachedAt?: string;
  /** The most members that its group had, or since a person took fewer for all; null while nobody told. */
  largest: number | null;
}

/** `degraded`: it has fewer members than it had; `split`: its members are not one group; `unknown`: nobody tells. */
export type GroupStateName = 'whole' | 'degraded' | 'split' | 'unknown';

/** A Galera cluster, or a group of Group Replication, as its watched members tell it. */
export interface GroupState {
  /** Names it among all groups: kind, configured name, and first watched member. */
  id: string;
  kind: 'galera' | 'group-replication';
  /** `wsrep_cluster_name`, or the group's name. */
  name: string;
  state: GroupStateName;
  /** The sentence that explains `state`. */
  evidence: string;
  /** It was split, and a half is not heard any more. Absent: it was not, or that is over. */
  perhapsSplit?: boolean;
  since: Date;
  /** How many members its view has, and the most that were seen, or taken for all; null while nobody tells. */
  size: number | null;
  largest: number | null;
  /** The server that is its only primary; null where there are several, or that is not known. */
  primary: string | null;
  /** Addresses of members that are not watched, whose changes are known from the others only. */
  unwatched: string[];
  /** In the order of the configuration. */
  members: GroupMember[];
}
