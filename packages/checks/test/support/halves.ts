import { type Cluster, startGalera, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { vi } from 'vitest';

/** A Galera cluster whose nodes give their changes the same numbers. */
export async function startAlike(): Promise<Cluster> {
  const cluster = await startGalera(['--wsrep-gtid-mode=ON', '--wsrep-gtid-domain-id=7', '--server-id=9']);
  for (const [index, node] of cluster.members.entries()) {
    // Without a state transfer nobody told it the domain of all.
    await node.query(`SET GLOBAL wsrep_gtid_domain_id = 7, GLOBAL gtid_domain_id = ${11 + index}`);
    // A session keeps what it began with.
    node.disconnect();
  }
  return cluster;
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
