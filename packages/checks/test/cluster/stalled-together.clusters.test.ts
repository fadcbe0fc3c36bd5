import { startGalera, wsrepStatus } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { stall } from '../support/cluster.ts';
import { countedTable } from '../support/counted-table.ts';
import { watchLag } from '../support/lag-watch.ts';

test.runIf(clusters.includes('galera'))(
  'nodes that stall together lack what waits in their queues, though nobody watches the one that wrote it',
  async () => {
    await using cluster = await startGalera();
    const [n1, n2, n3] = cluster.members;
    const { write, arrived } = await countedTable(n3);
    await write(n3, 2);
    for (const node of [n1, n2]) await arrived(node);
    const pairs = ['n1n2', 'n2n1'];
    await using watch = watchLag(
      { n1, n2 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
    );
    const become = async (state: string) => {
      for (const pair of pairs) {
        await vi.waitFor(
          () => expect(watch.state(pair).state, watch.state(pair).evidence).toBe(state),
          patient,
        );
      }
    };
    await become('in-sync');
    {
      await using _one = await stall(n1);
      await using _two = await stall(n2);
      await write(n3, 6);
      await vi.waitFor(async () => {
        for (const node of [n1, n2]) {
          expect(Number(await wsrepStatus(node, 'local_recv_queue'))).toBeGreaterThan(0);
        }
      }, patient);
      await become('lagging');
      for (const pair of pairs) {
        expect(watch.sample(pair)).toMatchObject({
          transactionsBehind: null,
          evidence: expect.stringContaining('lacks changes received itself, the oldest') as string,
        });
      }
    }
    for (const node of [n1, n2]) await arrived(node);
    await become('in-sync');
  },
);
