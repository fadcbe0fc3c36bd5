import { startGroup } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { inAndOut, join } from '../support/in-and-out.ts';
import { watchLag } from '../support/lag-watch.ts';

test.runIf(clusters.includes('group-replication'))(
  'of two members that have what their group was begun anew without, none is believed beside one that has more of it',
  async () => {
    await using cluster = await startGroup();
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 2);
    for (const node of [n2, n3]) await arrived(node);
    const pairs = ['n1n2', 'n3n1'];
    await using watch = watchLag(
      { n1, n2, n3 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
    );
    for (const name of pairs) {
      await vi.waitFor(() => expect(watch.state(name).state).toBe('in-sync'), patient);
    }
    const { leave } = inAndOut(watch);
    await leave(n3, 'n3');
    await write(n1, 2);
    await arrived(n2);
    await leave(n2, 'n2');
    await write(n1, 2);
    await leave(n1, 'n1');
    // What was written since the last look at either is not known to be lost.
    await watch.samplesMore(3, 'n3n1');
    await n3.query('SET GLOBAL group_replication_bootstrap_group = ON');
    await join(n3);
    await n3.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    await write(n3, 7);
    // What the second one lacks it gets from the only one that is there.
    for (const node of [n2, n1]) await join(node);
    await write(n3, 1);
    for (const node of [n1, n2]) await arrived(node);
    expect(await ids(n1)).not.toEqual(await ids(n2));
    await vi.waitFor(() => expect(watch.state('n1n2').evidence).toContain('begun anew'), patient);
    await watch.samplesMore(20, 'n1n2');
    expect(watch.state('n1n2')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringMatching(
        /begun anew by n3 without \S+, which n1 has, and gave these numbers to others, which n2 has/,
      ) as string,
    });
  },
);
