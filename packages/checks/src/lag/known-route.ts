import { leftOutBy } from '../position/left-out.ts';
import type { ReplicationRoute } from '../position/replication-route.ts';
import { foreignText } from '../server/foreign-text.ts';
import { partByRoute } from './replica-lag-monitor.ts';
import type { ReplicationMonitor } from './replication-monitor.ts';

/** Null while the replication status was not read yet, or a member not asked for its membership. */
export function knownRoute({
  route,
  stopped,
  targetFolds,
  targetFoldsFilters,
  status,
}: ReplicationMonitor): ReplicationRoute | null {
  if (!route || route.method.pending) return null;
  const { method, channel, blind = false, group = false, throughCluster = false, replicates = false } = route;
  const has = replicates || channel !== null || (status?.channels ?? []).length > 0;
  const isReplica = blind || throughCluster || has;
  return {
    kind: method.kind,
    channel: channel?.name ?? '',
    evidence: method.evidence,
    group,
    throughCluster,
    unproved: (isReplica || group) && method.kind === null ? method.evidence : null,
    intendedDelayMs: channel?.intendedDelayMs ?? 0,
    serverLagMs: channel?.serverLagMs ?? null,
    leavesOut: (table) => {
      const filter = channel && leftOutBy(channel, table, targetFolds, targetFoldsFilters);
      return filter && foreignText(`${filter.name}=${filter.value}`);
    },
    stopped,
    cut: route.cut === true,
    sameStorage: status?.sameStorage ?? null,
    besides: channel !== null && (status?.channels ?? []).length > 1,
    replicated: (position) => partByRoute(position, route),
  };
}
