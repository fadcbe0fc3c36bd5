import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createMonitorUser,
  replicate,
  startGalera,
  startReplica,
  startServer,
  stopReplica,
  type TestServer,
  wsrepStatus,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { watchLag } from '../support/lag-watch.ts';

/** As after a crash that left it nothing to go on from. */
async function forget(node: TestServer): Promise<void> {
  const file = join(node.dataDir, 'grastate.dat');
  const state = await readFile(file, 'utf8');
  const none = '00000000-0000-0000-0000-000000000000';
  await writeFile(file, state.replace(/(uuid: +).*/, `$1${none}`).replace(/(seqno: +).*/, '$1-1'));
}

test.runIf(clusters.includes('galera'))(
  'a replica of a node that was copied whole from one that numbers otherwise is not believed until it is set up anew',
  async () => {
    await using cluster = await startGalera();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 2);
    await arrived(n3);
    const person = await n3.connect();
    await person.query('SET wsrep_on = 0');
    for (const id of [100, 101, 102, 103]) {
      await person.query(`INSERT INTO shop.t VALUES (${id})`);
      await person.query(`DELETE FROM shop.t WHERE id = ${id}`);
    }
    await person.end();
    await replicate(a1, n3);
    await write(n1, 1);
    await arrived(a1);
    await createMonitorUser(a1, ['shop']);
    await using watch = watchLag({ n1, n2, n3, a1 }, [{ name: 'n3a1', source: 'n3', target: 'a1' }]);
    const inSync = () => vi.waitFor(() => expect(watch.state('n3a1').state).toBe('in-sync'), patient);
    await inSync();

    const before = watch.samples('n3a1').length;
    await n3.kill9();
    await vi.waitFor(() => expect(watch.sample('n3a1').lagMs).toBeNull(), patient);
    await forget(n3);
    // More than it is ahead: nothing of its numbers tells that they are others, and the replica goes on by them.
    await write(n1, 20);
    await n3.start();
    await vi.waitFor(async () => expect(await wsrepStatus(n3, 'ready')).toBe('ON'), patient);
    await stopReplica(a1);
    await startReplica(a1);
    await write(n1, 1);
    await arrived(a1);
    expect(await ids(a1)).not.toEqual(await ids(n1));
    await watch.samplesMore(20, 'n3a1');
    expect(watch.state('n3a1')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringMatching(/the binlog of n3 is another one than before/) as string,
    });
    const since = watch.samples('n3a1').slice(before);
    const silent = since.findIndex(({ lagMs }) => lagMs === null);
    expect(since.slice(silent).filter(({ lagMs }) => lagMs !== null)).toEqual([]);

    await stopReplica(a1);
    await a1.query('DROP DATABASE shop');
    await a1.query('RESET MASTER');
    await a1.query(`SET GLOBAL gtid_slave_pos = ''`);
    await vi.waitFor(() => expect(watch.sample('n3a1').lagMs).toBeGreaterThan(0), patient);
    await startReplica(a1);
    await arrived(a1);
    expect(await ids(a1)).toEqual(await ids(n1));
    await inSync();
  },
);
