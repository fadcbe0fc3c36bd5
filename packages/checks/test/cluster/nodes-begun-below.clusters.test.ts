import { startGalera } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { beginAnewFrom, isReady } from '../support/galera-nodes.ts';
import { watchLag } from '../support/lag-watch.ts';

test.runIf(clusters.includes('galera'))(
  'a node that comes back with what its cluster was begun anew without is not believed beside those that lack it, and one that is copied whole is',
  async () => {
    await using cluster = await startGalera();
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 3);
    for (const node of [n2, n3]) await arrived(node);
    const pairs = ['n1n2', 'n3n1', 'n3n2'];
    await using watch = watchLag(
      { n1, n2, n3 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
    );
    const inSync = async (names: string[]) => {
      for (const name of names) {
        await vi.waitFor(() => expect(watch.state(name).state).toBe('in-sync'), patient);
      }
    };
    await inSync(pairs);
    await n2.stop();
    await write(n1, 5);
    await arrived(n3);
    await inSync(['n3n1']);
    await n1.stop();
    await n3.kill9();
    await beginAnewFrom(n2);
    await write(n2, 9);
    // It has a number that the cluster has, too, and gets what follows; the other one has to be copied.
    for (const node of [n1, n3]) {
      await node.start();
      await isReady(node);
    }
    await inSync(['n3n2']);
    await write(n1, 1);
    for (const node of [n2, n3]) await arrived(node);
    expect(await ids(n1)).not.toEqual(await ids(n2));
    expect(await ids(n3)).toEqual(await ids(n2));
    await inSync(['n3n2']);
    for (const name of ['n1n2', 'n3n1']) {
      await vi.waitFor(() => expect(watch.state(name).evidence).toContain('begun anew'), patient);
      await watch.samplesMore(20, name);
      expect(watch.state(name)).toMatchObject({
        state: 'unknown',
        evidence: expect.stringMatching(
          /begun anew by n2 from number \d+, and gave the numbers after it again: n1 had changes/,
        ) as string,
      });
    }
  },
);
