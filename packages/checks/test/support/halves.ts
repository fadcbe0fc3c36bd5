import { type Cluster, createMonitorUser, replicate, startGalera, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, vi } from 'vitest';

/** Of what a node writes for itself alone; `index`: among its cluster's members. */
export const ownDomain = (index: number) => 11 + index;

/** A Galera cluster whose nodes give their changes the same numbers. */
export async function startAlike(): Promise<Cluster> {
  const cluster = await startGalera(['--wsrep-gtid-mode=ON', '--wsrep-gtid-domain-id=7', '--server-id=9']);
  for (const [index, node] of cluster.members.entries()) {
    // Without a state transfer nobody told it the domain of all.
    await node.query(`SET GLOBAL wsrep_gtid_domain_id = 7, GLOBAL gtid_domain_id = ${ownDomain(index)}`);
    // A session keeps what it began with.
    node.disconnect();
  }
  return cluster;
}

/** `shop.t` on all nodes, and on a replica of `from`, with row 1; answers how to wait until a server has a row. */
export async function shopWithReplica({ members }: Cluster, replica: TestServer, from: TestServer) {
  const [n1] = members;
  await replicate(replica, from);
  await n1.query('CREATE DATABASE shop');
  await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
  await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
  const has = (server: TestServer, id: number) =>
    vi.waitFor(async () => {
      expect(await server.query(`SELECT id FROM shop.t WHERE id = ${id}`)).toHaveLength(1);
    }, patient);
  await n1.query('INSERT INTO shop.t VALUES (1)');
  for (const server of [...members, replica]) await has(server, 1);
  await createMonitorUser(replica, ['shop']);
  return { has };
}

/** The node is a half of its own from now on, which takes writes; `isOut`: it was seen to have lost the others. */
export async function takeOut(galera: boolean, node: TestServer, isOut: () => void): Promise<void> {
  if (galera) {
    await node.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    await vi.waitFor(isOut, patient);
    await node.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    return;
  }
  await node.query('STOP GROUP_REPLICATION');
  await node.query('SET GLOBAL group_replication_bootstrap_group = ON');
  await node.query('START GROUP_REPLICATION');
  await node.query('SET GLOBAL group_replication_bootstrap_group = OFF');
}
