import { createMonitorUser, replicate, startGalera, startServer, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { watchLag } from '../support/lag-watch.ts';
import { runAhead } from '../support/run-ahead.ts';

test.runIf(clusters.includes('galera'))(
  'a replica that was moved from a node to another one, be it and back, is not believed where each numbers by itself, whichever node writes, until it is set up anew',
  async () => {
    await using cluster = await startGalera();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    const moveTo = async (node: typeof n1) => {
      await stopReplica(a1);
      await replicate(a1, node);
    };
    await replicate(a1, n1);
    await write(n1, 3);
    await arrived(a1);
    await createMonitorUser(a1, ['shop']);
    await using watch = watchLag(
      { n1, n2, a1 },
      ['n1a1', 'n2a1'].map((name) => ({ name, source: name.slice(0, 2), target: 'a1' })),
    );
    const becomes = (pair: string, state: string) =>
      vi.waitFor(() => expect(watch.state(pair).state, watch.state(pair).evidence).toBe(state), patient);
    await becomes('n1a1', 'in-sync');
    await becomes('n2a1', 'unknown');

    await runAhead(n1);
    await write(n1, 1);
    await arrived(a1);
    await stopReplica(a1);
    // More than it is ahead: the replica goes on by its numbers, and what has those on the other node is left out.
    await write(n1, 10);
    await arrived(n2);
    await moveTo(n2);
    await write(n1, 1);
    await arrived(a1);
    expect(await ids(a1)).not.toEqual(await ids(n2));
    await becomes('n1a1', 'unknown');
    const doubted = async (pair: string) => {
      await vi.waitFor(
        () =>
          expect(watch.state(pair).evidence).toContain(
            'was seen to read by the numbers of another node than',
          ),
        patient,
      );
      await watch.samplesMore(20, pair);
      expect(watch.state(pair).evidence).toContain('was seen to read by the numbers of another node than');
      expect(watch.sample(pair).lagMs).toBeNull();
      expect(watch.state(pair).state).toBe('unknown');
    };
    await doubted('n2a1');

    await stopReplica(a1);
    await a1.query(`SET GLOBAL slave_exec_mode = 'IDEMPOTENT'`);
    await moveTo(n1);
    await write(n1, 1);
    await arrived(a1);
    expect(await ids(a1)).not.toEqual(await ids(n1));
    await doubted('n1a1');
    // Another writer than those whose changes it had then.
    await write(n2, 2);
    await arrived(a1);
    await doubted('n1a1');

    await stopReplica(a1);
    await a1.query('DROP DATABASE shop');
    await a1.query('RESET MASTER');
    await a1.query(`SET GLOBAL gtid_slave_pos = ''`);
    await vi.waitFor(() => expect(watch.sample('n1a1').lagMs).toBeGreaterThan(0), patient);
    await replicate(a1, n1);
    await arrived(a1);
    expect(await ids(a1)).toEqual(await ids(n1));
    await becomes('n1a1', 'in-sync');
  },
);
