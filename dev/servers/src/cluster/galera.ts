import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import type { TestServer } from '../process/test-server.ts';
import { type Cluster, equalServers, type MemberOptions, until } from './cluster.ts';
import { findGalera } from './galera-provider.ts';

/** The state of a node, by `SHOW GLOBAL STATUS`, which nothing holds up. */
export async function wsrepStatus(node: TestServer, name: string): Promise<string> {
  const [row] = await node.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'wsrep\\_${name}'`);
  return row?.Value ?? '';
}

/**
 * A Galera cluster of three nodes. At first no state is transferred: each node starts from equal data, told that it is
 * as far as the first. One that was stopped or killed joins again by `start()`, with a state transfer: of what the
 * others committed meanwhile, or of all data.
 */
export async function startGalera(options: string[] = []): Promise<Cluster> {
  const { binaries, provider } = await findGalera();
  const ofGroup = [await freePort(), await freePort(), await freePort()];
  const peers = ofGroup.map((port) => `127.0.0.1:${port}`).join(',');
  const env = { PATH: `${stateTransfer}:${process.env['PATH'] ?? ''}` };
  const membersOptions: MemberOptions = async (index, ports) => {
    const [transfer, snapshot] = [await freePort(), await freePort()];
    const group = ofGroup[index];
    return [
      '--wsrep-on=ON',
      `--wsrep-provider=${provider}`,
      '--wsrep-cluster-name=lockstep',
      `--wsrep-node-name=n${index + 1}`,
      `--wsrep-node-address=127.0.0.1:${group}`,
      `--wsrep-node-incoming-address=127.0.0.1:${ports[index]}`,
      `--wsrep-cluster-address=gcomm://${peers}`,
      '--wsrep-sst-method=copy',
      `--wsrep-sst-receive-address=127.0.0.1:${snapshot}`,
      `--wsrep-provider-options=base_port=${group};gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${transfer};gcache.size=32M`,
      '--innodb-autoinc-lock-mode=2',
      ...options,
    ];
  };
  const cluster = await equalServers(binaries, membersOptions, env);
  try {
    const [first, ...others] = cluster.members;
    await first.start({ more: ['--wsrep-cluster-address=gcomm://', '--wsrep-new-cluster'] });
    await synced(first);
    for (const node of others) {
      const uuid = await wsrepStatus(first, 'cluster_state_uuid');
      const seqno = await wsrepStatus(first, 'last_committed');
      const state = `# GALERA saved state\nversion: 2.1\nuuid:    ${uuid}\nseqno:   ${seqno}\nsafe_to_bootstrap: 0\n`;
      await writeFile(join(node.dataDir, 'grastate.dat'), state);
      await node.start({ more: [`--wsrep-start-position=${uuid}:${seqno}`] });
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

const stateTransfer = join(import.meta.dirname, 'state-transfer');

/** A node that is to come back joins, and is not there yet, until it ends. */
export async function heldTransfer(node: TestServer): Promise<AsyncDisposable> {
  const file = join(dirname(node.dataDir), 'hold');
  await writeFile(file, '');
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

function synced(node: TestServer): Promise<void> {
  return until(`a node on port ${node.port} is ready`, async () => {
    return (await wsrepStatus(node, 'ready')) === 'ON';
  });
}
