import type { ChannelStatus } from '../model/replication.ts';
import { leftOutBy } from '../position/left-out.ts';
import type { ReplicationRoute } from '../position/replication-route.ts';
import { foreignText } from '../server/foreign-text.ts';
import type { TableName } from '../table-name.ts';
import { partByRoute } from './replica-lag-monitor.ts';
import type { ReplicationMonitor } from './replication-monitor.ts';

/** As in the middle of a failover: what differs may well come, once somebody sets it up again. */
const vanished = 'replication was configured and is not any more';

/** Null while the replication status was not read yet, or a member not asked for its membership. */
export function knownRoute(pair: ReplicationMonitor): ReplicationRoute | null {
  const { route, stopped, targetFolds, targetFoldsFilters, status, hasVanished, targetMoved } = pair;
  if (!route || route.method.pending) return null;
  const { method, channel, blind = false, group = false, throughCluster = false, replicates = false } = route;
  const has = replicates || channel !== null || (status?.channels ?? []).length > 0;
  const isReplica = blind || throughCluster || has;
  const untold = hasVanished ? vanished : isReplica || group ? method.evidence : null;
  const leavesOut = (of: ChannelStatus, table: TableName) =>
    leftOutBy(of, table, targetFolds, targetFoldsFilters);
  // What one channel leaves out has its GTID on MySQL even so, and comes by no other.
  const others = method.kind === 'mysql-gtid' ? [] : (status?.channels ?? []);
  return {
    kind: method.kind,
    channel: channel?.name ?? '',
    evidence: method.evidence,
    group,
    throughCluster,
    unproved: method.kind === null ? untold : null,
    intendedDelayMs: channel?.intendedDelayMs ?? 0,
    serverLagMs: channel?.serverLagMs ?? null,
    leavesOut: (table) => {
      const filter = channel && leavesOut(channel, table);
      return filter && foreignText(`${filter.name}=${filter.value}`);
    },
    mayBring: (table) => {
      const bringing = others.find((other) => other.name !== channel?.name && !leavesOut(other, table));
      return bringing ? foreignText(bringing.name) : null;
    },
    stopped,
    repointed: targetMoved,
    cut: route.cut === true,
    logged: route.blind === true && route.logs === true,
    sameStorage: status?.sameStorage ?? null,
    besides: channel !== null && (status?.channels ?? []).length > 1,
    replicated: (position) => partByRoute(position, route, () => pair.nobodys),
  };
}
