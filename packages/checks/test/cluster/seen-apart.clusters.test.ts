import { pausingProxy, startGalera, startGroup, wsrepStatus } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { takeOut } from '../support/halves.ts';
import { inAndOut, join } from '../support/in-and-out.ts';
import { watchLag } from '../support/lag-watch.ts';

describe.each(clusters)('of a %s cluster in two halves, of which one could not be looked at', (kind) => {
  test.each(['after', 'before'])(
    'a member that comes back from the other one is not believed: the first was heard again %s',
    async (heard) => {
      const galera = kind === 'galera';
      await using cluster = await (galera ? startGalera() : startGroup());
      const [n1, n2, n3] = cluster.members;
      const { write, ids, arrived } = await countedTable(n1);
      await write(n1, 2);
      for (const node of [n2, n3]) await arrived(node);
      const ways = await Promise.all([n1, n2].map(({ port }) => pausingProxy(port)));
      const [way1, way2] = ways as [(typeof ways)[0], (typeof ways)[0]];
      const pairs = ['n1n2', 'n1n3'];
      await using watch = watchLag(
        { n1, n2, n3 },
        pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
        { ports: { n1: way1.port, n2: way2.port } },
      );
      const { stateOf } = inAndOut(watch);
      const isIn = async (...names: string[]) => {
        for (const name of names) await vi.waitFor(() => expect(stateOf(name)).toBe('in-group'), patient);
      };
      const inSync = (pair: string) =>
        vi.waitFor(
          () => expect(watch.state(pair).state, watch.state(pair).evidence).toBe('in-sync'),
          patient,
        );
      for (const pair of pairs) await inSync(pair);

      for (const way of ways) await way.refuse();
      await vi.waitFor(() => expect(stateOf('n1')).not.toBe('in-group'), patient);
      await takeOut(galera, n3, () => expect(stateOf('n3')).toBe('no-quorum'));
      await isIn('n3');
      for (const id of [1000, 1001]) await n3.query(`INSERT INTO shop.t VALUES (${id})`);
      await write(n1, 8);
      await arrived(n2);
      await watch.samplesMore(5, 'n1n3');

      // By its number alone it is taken in.
      if (galera) await n3.stop();
      else await n3.query('STOP GROUP_REPLICATION');
      const isHeard = async () => {
        for (const way of ways) await way.accept();
        await isIn('n1', 'n2');
      };
      const isBack = async () => {
        if (!galera) return await join(n3);
        await n3.start();
        await vi.waitFor(async () => expect(await wsrepStatus(n3, 'ready')).toBe('ON'), patient);
      };
      for (const happens of heard === 'after' ? [isBack, isHeard] : [isHeard, isBack]) {
        await happens();
        await watch.samplesMore(heard === 'after' ? 10 : 0, 'n1n3');
      }
      await isIn('n1', 'n2', 'n3');
      await write(n1, 1);
      for (const node of [n2, n3]) await arrived(node);
      expect(await ids(n3)).not.toEqual(await ids(n1));
      await inSync('n1n2');
      await watch.samplesMore(20, 'n1n3');
      expect(watch.state('n1n3')).toMatchObject({
        state: 'unknown',
        evidence: expect.stringMatching(
          /begun anew by n3 .*while others went on with the one before/,
        ) as string,
      });
      await Promise.all(ways.map((way) => way.close()));
    },
  );
});
