import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import type { TestServer } from '../process/test-server.ts';
import { type Cluster, equalServers, until } from './cluster.ts';
import { findGalera } from './galera-provider.ts';

/** The state of a node, by `SHOW GLOBAL STATUS`, which nothing holds up. */
export async function wsrepStatus(node: TestServer, name: string): Promise<string> {
  const [row] = await node.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'wsrep\\_${name}'`);
  return row?.Value ?? '';
}

/**
 * A Galera cluster of three nodes. No state is transferred: each node starts from equal data, told that it is as far as
 * the first. A node that ended comes back by `rejoin`, as long as the others remember what it lacks.
 */
export async function startGalera(options: string[] = []): Promise<Cluster> {
  const { binaries, provider } = await findGalera();
  const ofGroup: number[] = [];
  const cluster = await equalServers(binaries, async (index, ports) => {
    const [group, transfer, snapshot] = [await freePort(), await freePort(), await freePort()];
    ofGroup.push(group);
    return [
      '--wsrep-on=ON',
      `--wsrep-provider=${provider}`,
      '--wsrep-cluster-name=lockstep',
      `--wsrep-node-name=n${index + 1}`,
      `--wsrep-node-address=127.0.0.1:${group}`,
      `--wsrep-node-incoming-address=127.0.0.1:${ports[index]}`,
      '--wsrep-sst-method=rsync',
      `--wsrep-sst-receive-address=127.0.0.1:${snapshot}`,
      `--wsrep-provider-options=base_port=${group};gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${transfer};gcache.size=32M`,
      '--innodb-autoinc-lock-mode=2',
      ...options,
    ];
  });
  try {
    const [first, ...others] = cluster.members;
    await first.start({ more: ['--wsrep-cluster-address=gcomm://', '--wsrep-new-cluster'] });
    await synced(first);
    for (const node of others) {
      const uuid = await wsrepStatus(first, 'cluster_state_uuid');
      const seqno = await wsrepStatus(first, 'last_committed');
      const state = `# GALERA saved state\nversion: 2.1\nuuid:    ${uuid}\nseqno:   ${seqno}\nsafe_to_bootstrap: 0\n`;
      await writeFile(join(node.dataDir, 'grastate.dat'), state);
      const peers = ofGroup.map((port) => `127.0.0.1:${port}`).join(',');
      await node.start({
        more: [`--wsrep-cluster-address=gcomm://${peers}`, `--wsrep-start-position=${uuid}:${seqno}`],
      });
      await synced(node);
    }
    await until(
      'three nodes are one cluster',
      async () => (await wsrepStatus(first, 'cluster_size')) === '3',
    );
    return cluster;
  } catch (error) {
    await cluster.remove();
    throw error;
  }
}

/** Starts a node that ended, or was killed, as its own start script would: from where its data are. */
export async function rejoin(node: TestServer, members: readonly TestServer[]): Promise<void> {
  await node.start({ more: ['--wsrep-recover'] }).catch(() => undefined);
  const said = [...(await node.log(200)).matchAll(/Recovered position: (\S+:\d+)/g)];
  const position = said.at(-1)?.[1];
  if (!position)
    throw new Error(`a node on port ${node.port} does not tell its position:\n${await node.log()}`);
  const addresses: string[] = [];
  for (const other of members) {
    if (other === node || other.pid === null) continue;
    const [row] = await other.query<{ address: string }>('SELECT @@global.wsrep_node_address AS address');
    if (row) addresses.push(row.address);
  }
  await node.start({
    more: [`--wsrep-cluster-address=gcomm://${addresses.join(',')}`, `--wsrep-start-position=${position}`],
  });
  await synced(node);
}

function synced(node: TestServer): Promise<void> {
  return until(`a node on port ${node.port} is ready`, async () => {
    return (await wsrepStatus(node, 'ready')) === 'ON';
  });
}
