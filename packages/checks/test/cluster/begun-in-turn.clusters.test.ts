import { startGalera } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { beginAnewFrom, isReady } from '../support/galera-nodes.ts';
import { watchLag } from '../support/lag-watch.ts';

test.runIf(clusters.includes('galera'))(
  'a node that its cluster was begun anew from in between, while the one that it comes to was down, is not believed beside that',
  async () => {
    await using cluster = await startGalera();
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 3);
    for (const node of [n2, n3]) await arrived(node);
    await n3.stop();
    await using watch = watchLag({ n1, n2 }, [{ name: 'n1n2', source: 'n1', target: 'n2' }]);
    const inSync = () =>
      vi.waitFor(
        () => expect(watch.state('n1n2').state, watch.state('n1n2').evidence).toBe('in-sync'),
        patient,
      );
    const isSeen = async (name: string) => {
      await vi.waitFor(() => {
        const members = watch.service.groups().flatMap((group) => group.members);
        expect(members.find(({ server }) => server === name)?.state).toBe('in-group');
      }, patient);
      await watch.samplesMore(3, 'n1n2');
    };
    await inSync();
    await n2.stop();
    await n1.stop();

    await beginAnewFrom(n1);
    await write(n1, 5);
    await isSeen('n1');
    await n1.stop();
    await beginAnewFrom(n2);
    for (const id of [1000, 1001, 1002]) await n2.query(`INSERT INTO shop.t VALUES (${id})`);
    await isSeen('n2');
    await n2.stop();
    await beginAnewFrom(n1);
    await write(n1, 5);
    await isSeen('n1');
    await n2.start();
    await isReady(n2);
    await write(n1, 1);
    await arrived(n2);
    expect(await ids(n2)).not.toEqual(await ids(n1));
    await isSeen('n2');
    await watch.samplesMore(20, 'n1n2');
    expect(watch.state('n1n2')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringContaining('begun anew by n2') as string,
    });
  },
);
