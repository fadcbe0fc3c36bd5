import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startGalera, startServer, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { beginAnewFrom, isReady, says } from '../support/galera-nodes.ts';
import { shopWithReplica, startAlike } from '../support/halves.ts';
import { watchLag } from '../support/lag-watch.ts';

/** It counts, and has no address: as an arbitrator. */
async function asArbitrator(node: TestServer): Promise<void> {
  await node.start({ more: ['--wsrep-node-incoming-address=AUTO'] });
  await isReady(node);
}

test.runIf(clusters.includes('galera'))(
  'beside an arbitrator a node with what its cluster was begun anew without is not believed either',
  async () => {
    await using cluster = await startGalera();
    const [n1, n2, arbitrator] = cluster.members;
    await arbitrator.stop();
    await asArbitrator(arbitrator);
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 3);
    await arrived(n2);
    await using watch = watchLag({ n1, n2 }, [{ name: 'n1n2', source: 'n1', target: 'n2' }]);
    await vi.waitFor(() => expect(watch.state('n1n2').state).toBe('in-sync'), patient);
    await n2.stop();
    await write(n1, 5);
    await watch.samplesMore(5, 'n1n2');
    await arbitrator.kill9();
    await n1.stop();
    // An arbitrator has nothing of what was.
    for (const name of ['grastate.dat', 'galera.cache']) await rm(join(arbitrator.dataDir, name));
    await beginAnewFrom(n2);
    await write(n2, 12);
    await asArbitrator(arbitrator);
    await n1.start();
    await isReady(n1);
    await write(n1, 1);
    await arrived(n2);
    expect(await ids(n1)).not.toEqual(await ids(n2));
    await vi.waitFor(() => expect(watch.state('n1n2').evidence).toContain('begun anew'), patient);
    await watch.samplesMore(20, 'n1n2');
    expect(watch.state('n1n2')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringMatching(/begun anew by n2 from number \d+, .*: n1 had changes/) as string,
    });
  },
);

test.runIf(clusters.includes('galera'))(
  'beside an arbitrator what a replica gets from a node that nobody watches is in doubt as well, once that is a half of its own',
  async () => {
    await using cluster = await startAlike();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, arbitrator, n3] = cluster.members;
    await arbitrator.stop();
    await asArbitrator(arbitrator);
    const { has } = await shopWithReplica(cluster, a1, n3);
    await using watch = watchLag({ n1, a1 }, [{ name: 'n1a1', source: 'n1', target: 'a1' }]);
    await vi.waitFor(() => expect(watch.state('n1a1').state).toBe('in-sync'), patient);
    await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    await says(n1, 'cluster_size', '2');
    await n3.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    // A half that is about to be one takes writes, and takes none for a moment, while who is in it is settled.
    const add = (node: TestServer, id: number) =>
      vi.waitFor(() => node.query(`INSERT INTO shop.t VALUES (${id})`), patient);
    for (let id = 30; id < 40; id++) await add(n3, id);
    for (let id = 10; id < 19; id++) await add(n1, id);
    await has(a1, 39);
    await watch.samplesMore(20, 'n1a1');
    await vi.waitFor(() => expect(watch.state('n1a1').evidence).toContain('two halves'), patient);
    expect(watch.state('n1a1').state).toBe('unknown');
  },
);
