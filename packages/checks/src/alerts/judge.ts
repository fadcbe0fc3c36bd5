import type { Condition } from './condition.ts';
import { judgeTable } from './judge-table.ts';
import { checkFailing } from './rules/check-failing.ts';
import { connectionLost } from './rules/connection-lost.ts';
import { errantTransactions } from './rules/errant-transactions.ts';
import { lag } from './rules/lag.ts';
import { neverVerified } from './rules/never-verified.ts';
import { replicationBroken } from './rules/replication-broken.ts';
import { replicationMissing } from './rules/replication-missing.ts';
import { replicationStopped } from './rules/replication-stopped.ts';
import { storageDegraded } from './rules/storage-degraded.ts';
import type { PairSnapshot, Snapshot } from './snapshot.ts';

/** All rules on everything. Whatever it says nothing about does not exist any more. */
export function judge(snapshot: Snapshot): Condition[] {
  return [
    storageDegraded(snapshot.storage),
    ...snapshot.servers.map(connectionLost),
    ...snapshot.pairs.flatMap((pair) => judgePair(pair, snapshot)),
  ];
}

function judgePair(pair: PairSnapshot, snapshot: Snapshot): Condition[] {
  const conditions = [
    replicationMissing(pair),
    replicationBroken(pair),
    replicationStopped(pair),
    lag(pair, snapshot.at),
    errantTransactions(pair),
    checkFailing(pair),
    neverVerified(pair, snapshot.unverifiedForMs),
  ];
  for (const result of pair.results) conditions.push(...judgeTable(result, pair, snapshot));
  return conditions;
}
