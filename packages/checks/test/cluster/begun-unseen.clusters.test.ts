import { pausingProxy, startGroup } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { inAndOut, join } from '../support/in-and-out.ts';
import { watchLag } from '../support/lag-watch.ts';

test.runIf(clusters.includes('group-replication'))(
  'who has what a group was begun anew without is not believed, when another member was there before anybody looked',
  async () => {
    await using cluster = await startGroup();
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 2);
    for (const node of [n2, n3]) await arrived(node);
    const ways = await Promise.all([n2, n3].map(({ port }) => pausingProxy(port)));
    const [way2, way3] = ways as [(typeof ways)[0], (typeof ways)[0]];
    const pairs = ['n1n2', 'n3n1'];
    await using watch = watchLag(
      { n1, n2, n3 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
      { ports: { n2: way2.port, n3: way3.port } },
    );
    for (const name of pairs) {
      await vi.waitFor(() => expect(watch.state(name).state).toBe('in-sync'), patient);
    }
    const { stateOf, leave } = inAndOut(watch);
    for (const [node, name] of [
      [n3, 'n3'],
      [n2, 'n2'],
    ] as const) {
      await leave(node, name);
    }
    await write(n1, 3);
    await leave(n1, 'n1');
    await watch.samplesMore(3, 'n3n1');
    for (const way of ways) way.pause();
    await n3.query('SET GLOBAL group_replication_bootstrap_group = ON');
    await join(n3);
    await n3.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    await join(n2);
    await write(n3, 6);
    for (const way of ways) way.resume();
    await vi.waitFor(() => expect(stateOf('n3')).toBe('in-group'), patient);
    await join(n1);
    await write(n3, 1);
    for (const node of [n1, n2]) await arrived(node);
    expect(await ids(n1)).not.toEqual(await ids(n3));
    expect(await ids(n2)).toEqual(await ids(n3));
    for (const name of pairs) {
      await vi.waitFor(() => expect(watch.state(name).evidence).toContain('begun anew'), patient);
      await watch.samplesMore(20, name);
      expect(watch.state(name)).toMatchObject({
        state: 'unknown',
        evidence: expect.stringMatching(/begun anew by n\d.* without \S+, which n1 has/) as string,
      });
    }
    for (const way of ways) await way.close();
  },
);
