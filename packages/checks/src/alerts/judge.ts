import type { Condition } from './condition/condition.ts';
import type { PairSnapshot, Snapshot } from './condition/snapshot.ts';
import { judgeTable } from './judge-table.ts';
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

/** All rules on everything. Whatever it says nothing about does not exist any more. */
export function judge(snapshot: Snapshot): Condition[] {
  return [
    storageDegraded(snapshot.storage),
    ...snapshot.servers.flatMap((server) => [
      connectionLost(server),
      connectionUnstable(server),
      privilegeMissing(server),
      clockWrong(server),
    ]),
    ...snapshot.pairs.flatMap((pair) => judgePair(pair, snapshot)),
  ];
}

function judgePair(pair: PairSnapshot, snapshot: Snapshot): Condition[] {
  const conditions = [
    replicationMissing(pair),
    replicationBroken(pair),
    replicationStopped(pair),
    replicationRepointed(pair),
    lag(pair, snapshot.at),
    lagUnknown(pair, snapshot.servers, snapshot.at),
    ...readOnlyChanged(pair, snapshot.servers),
    serverReplaced(pair, snapshot.servers, snapshot.at),
    errantTransactions(pair),
    checkFailing(pair),
    neverVerified(pair, snapshot.unverifiedForMs),
  ];
  for (const result of pair.results) conditions.push(...judgeTable(result, pair, snapshot));
  return conditions;
}
