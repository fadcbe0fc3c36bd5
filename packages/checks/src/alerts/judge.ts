import type { ServerState } from '../model/server.ts';
import type { Condition } from './condition/condition.ts';
import type { PairSnapshot, Snapshot } from './condition/snapshot.ts';
import { isQuiet, judgeTable } from './judge-table.ts';
import { checkFailing } from './rules/check-failing.ts';
import { clockWrong } from './rules/clock-wrong.ts';
import { connectionLost } from './rules/connection-lost.ts';
import { connectionUnstable } from './rules/connection-unstable.ts';
import { errantTransactions } from './rules/errant-transactions.ts';
import { lag } from './rules/lag.ts';
import { lagUnknown } from './rules/lag-unknown.ts';
import { neverVerified } from './rules/never-verified.ts';
import { privilegeMissing } from './rules/privilege-missing.ts';
import { readOnlyChanged } from './rules/read-only-changed.ts';
import { replicationBroken } from './rules/replication-broken.ts';
import { replicationMissing } from './rules/replication-missing.ts';
import { replicationRepointed } from './rules/replication-repointed.ts';
import { replicationStopped } from './rules/replication-stopped.ts';
import { serverReplaced } from './rules/server-replaced.ts';
import { storageDegraded } from './rules/storage-degraded.ts';

/** What alerts there are. */
export interface OpenAlerts {
  has: (fingerprint: string) => boolean;
  /** The shown names of the tables that have some, by pair. */
  tables: () => ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * All rules on everything. Whatever it says nothing about does not exist any more; but where `alerts` is given, what is
 * well and has no alert is passed over, for there may be tens of thousands of tables, and most are well.
 */
export function judge(snapshot: Snapshot, alerts?: OpenAlerts): Condition[] {
  const servers = new Map(snapshot.servers.map((server) => [server.name, server]));
  const tables = alerts?.tables();
  const told: Condition[] = [];
  const tell = (condition: Condition): void => {
    if (!alerts || condition.status !== 'false' || alerts.has(condition.fingerprint)) told.push(condition);
  };
  tell(storageDegraded(snapshot.storage));
  for (const server of snapshot.servers) judgeServer(server, tell);
  for (const pair of snapshot.pairs) {
    const { name, source, target } = pair.config;
    const sides = [servers.get(source), servers.get(target)].filter((server) => server !== undefined);
    judgePair(pair, sides, snapshot, tell);
    for (const result of pair.results) {
      if (!alerts || !isQuiet(result, pair, snapshot)) judgeTable(result, pair, snapshot).forEach(tell);
    }
    for (const table of tables?.get(name) ?? []) {
      const result = pair.resultOf?.(table);
      if (result && isQuiet(result, pair, snapshot)) judgeTable(result, pair, snapshot).forEach(tell);
    }
  }
  return told;
}

function judgeServer(server: ServerState, tell: (condition: Condition) => void): void {
  tell(connectionLost(server));
  tell(connectionUnstable(server));
  tell(privilegeMissing(server));
  tell(clockWrong(server));
}

function judgePair(
  pair: PairSnapshot,
  sides: ServerState[],
  snapshot: Snapshot,
  tell: (condition: Condition) => void,
): void {
  tell(replicationMissing(pair));
  tell(replicationBroken(pair));
  tell(replicationStopped(pair));
  tell(replicationRepointed(pair));
  tell(lag(pair, snapshot.at));
  tell(lagUnknown(pair, sides, snapshot.at));
  readOnlyChanged(pair, sides).forEach(tell);
  tell(serverReplaced(pair, sides, snapshot.at));
  tell(errantTransactions(pair));
  tell(checkFailing(pair));
  tell(neverVerified(pair, snapshot.unverifiedForMs));
}
