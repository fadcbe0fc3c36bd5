import type { PairConfig } from '../../config.ts';
import type { Mishap } from '../../mishaps.ts';
import type { GroupState } from '../../model/group.ts';
import type { PairState } from '../../model/pair.ts';
import type { Run } from '../../model/run.ts';
import type { ServerState } from '../../model/server.ts';
import type { CheckKind, TableResult } from '../../model/verdict.ts';
import type { StorageHealth } from '../../storage/storage.ts';

/** Everything that the rules judge, as of one moment. */
export interface Snapshot {
  at: Date;
  /** As configured; a server, pair or table that is not in the snapshot does not exist (any more). */
  servers: ServerState[];
  pairs: PairSnapshot[];
  /** Clusters that servers are members of. */
  groups?: readonly GroupState[];
  storage: StorageHealth;
  /** Errors that nobody expected. */
  mishaps?: readonly Mishap[];
  /** A table is alerted when no run could decide it for this long, or when a run is overdue by this long. */
  unverifiedForMs: number;
  /** How much of the time since then passed unseen, in ms; below 0 of what seems to lie in the future; else none. */
  unseenSince?: (date: Date) => number;
}

export interface PairSnapshot {
  config: PairConfig;
  state: PairState;
  /** The result that stands for each table now. Another list when any is another: this one stays as it is. */
  results: readonly StandingResult[];
  /** The one of these that is of a table, by its shown name. */
  resultOf?: (table: string) => StandingResult | null;
  /** The last run of each check over all tables that finished or failed. */
  lastRuns: Partial<Record<CheckKind, Run>>;
}

export type StandingResult = Omit<TableResult, 'rows'>;
