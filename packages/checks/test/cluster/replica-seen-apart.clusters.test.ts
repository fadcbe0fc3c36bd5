import {
  createMonitorUser,
  pausingProxy,
  replicate,
  startGroup,
  startServer,
  stopReplica,
  wsrepStatus,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { startAlike, takeOut } from '../support/halves.ts';
import { inAndOut, join } from '../support/in-and-out.ts';
import { watchLag } from '../support/lag-watch.ts';

test.each(clusters)(
  'a replica of one half of a %s cluster that is moved to the other, which could not be looked at, is not believed there',
  async (kind) => {
    const galera = kind === 'galera';
    await using cluster = await (galera ? startAlike() : startGroup());
    await using a1 = await startServer({ flavour: galera ? 'mariadb' : 'mysql', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    await replicate(a1, n3);
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 2);
    for (const server of [n2, n3, a1]) await arrived(server);
    await createMonitorUser(a1, ['shop']);
    const ways = await Promise.all([n1, n2].map(({ port }) => pausingProxy(port)));
    const [way1, way2] = ways as [(typeof ways)[0], (typeof ways)[0]];
    const pairs = ['n1a1', 'n3a1', 'n1n2'];
    await using watch = watchLag(
      { n1, n2, n3, a1 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
      { ports: { n1: way1.port, n2: way2.port } },
    );
    const { stateOf } = inAndOut(watch);
    const isIn = (name: string) => vi.waitFor(() => expect(stateOf(name)).toBe('in-group'), patient);
    const inSync = (pair: string) =>
      vi.waitFor(() => expect(watch.state(pair).state, watch.state(pair).evidence).toBe('in-sync'), patient);
    for (const pair of pairs) await inSync(pair);

    for (const way of ways) await way.refuse();
    await vi.waitFor(() => expect(stateOf('n1')).not.toBe('in-group'), patient);
    await takeOut(galera, n3, () => expect(stateOf('n3')).toBe('no-quorum'));
    await isIn('n3');
    for (const id of [1000, 1001]) await n3.query(`INSERT INTO shop.t VALUES (${id})`);
    await vi.waitFor(async () => expect(await ids(a1)).toContain(1001), patient);
    await write(n1, 8);
    await arrived(n2);
    await watch.samplesMore(10, 'n1a1');
    await stopReplica(a1);
    if (galera) {
      await n3.stop();
      await n3.start();
      await vi.waitFor(async () => expect(await wsrepStatus(n3, 'ready')).toBe('ON'), patient);
    } else {
      await n3.query('STOP GROUP_REPLICATION');
      await join(n3);
    }
    await replicate(a1, n1, { port: n1.port });
    await arrived(a1);
    for (const way of ways) await way.accept();
    for (const name of ['n1', 'n2', 'n3']) await isIn(name);
    await write(n1, 1);
    await arrived(a1);
    expect(await ids(a1)).not.toEqual(await ids(n1));
    await inSync('n1n2');
    await watch.samplesMore(20, 'n1a1');
    expect(watch.state('n1a1')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringContaining('n1 and n3 took part in two halves of their cluster') as string,
    });
    await Promise.all(ways.map((way) => way.close()));
  },
);
