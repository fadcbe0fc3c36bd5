import type { ServerFacts } from '../server/sql-server.ts';

/**
 * Why GTIDs that a server got from another node of the source's cluster say nothing of the source's, in one clause with
 * the remedy; null where they do, or where the source is no node of a cluster that numbers so.
 */
export function numberedApart({ cluster, wsrepGtid }: ServerFacts): string | null {
  if (cluster !== 'galera') return null;
  if (!wsrepGtid) {
    return 'each node of this Galera cluster numbers its binlog by itself: wsrep_gtid_mode = ON, with one wsrep_gtid_domain_id and one server_id on all nodes and a gtid_domain_id of its own on each, makes their GTIDs one history';
  }
  const remedy = 'give each node a gtid_domain_id of its own';
  if (wsrepGtid.cluster === wsrepGtid.alone) {
    return `what the source writes for itself alone has numbers of the cluster's domain ${wsrepGtid.cluster} as well: ${remedy}`;
  }
  return ownDomain(wsrepGtid) === null
    ? `a node that came back without a full copy numbers what its cluster commits in domain 0, in which the source writes for itself alone, too: ${remedy}`
    : null;
}

/** The domain of nothing but what a node writes alone; null where there is none. */
export function ownDomain({ cluster, alone }: NonNullable<ServerFacts['wsrepGtid']>): string | null {
  return alone === cluster || alone === '0' ? null : alone;
}
