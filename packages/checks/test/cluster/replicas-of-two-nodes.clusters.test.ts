import {
  createMonitorUser,
  replicate,
  startGalera,
  startReplica,
  startServer,
  stopReplica,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { countedTable } from '../support/counted-table.ts';
import { startEngine } from '../support/engine.ts';
import { runAhead } from '../support/run-ahead.ts';

test.runIf(clusters.includes('galera'))(
  'two replicas of two nodes that number each by itself are not compared by their numbers, and are where both read from one node',
  async () => {
    await using cluster = await startGalera();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    await using a2 = await startServer({ flavour: 'mariadb', serverId: 78 });
    const [n1, n2] = cluster.members;
    const { write, arrived } = await countedTable(n1);
    await write(n1, 1);
    await arrived(n2);
    await runAhead(n1);
    await replicate(a1, n1);
    await replicate(a2, n2);
    await write(n1, 1);
    await arrived(a1);
    await arrived(a2);
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    for (const replica of [a1, a2]) await createMonitorUser(replica, ['shop']);
    const running = startEngine({
      servers: { n1, n2, a1, a2 },
      pairs: ['n1a1', 'n2a2', 'a1a2', 'a2a1'].map((name) =>
        pairConfig(['shop.*'], {
          name,
          source: name.slice(0, 2),
          target: name.slice(2),
        }),
      ),
    });
    const see = looking(running);
    const becomes = (pair: string, state: string, why = '') =>
      vi.waitFor(() => {
        expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe(state);
        expect(see.pair(pair)?.evidence).toContain(why);
      }, patient);
    await becomes('n1a1', 'in-sync');
    await becomes('n2a2', 'in-sync');
    for (const pair of ['a1a2', 'a2a1']) {
      await becomes(pair, 'unknown', 'each node of this Galera cluster numbers its binlog by itself');
    }
    await stopReplica(a1);
    await write(n1, 2);
    await arrived(a2);
    const seen = running.events.length;
    await vi.waitFor(() => {
      const lags = running.events
        .slice(seen)
        .flatMap((e) => (e.type === 'lag' && e.pair === 'a2a1' ? e.data : []));
      expect(lags.length).toBeGreaterThan(10);
      expect(lags.map(({ lagMs }) => lagMs).filter((lagMs) => lagMs !== null)).toEqual([]);
    }, patient);
    await startReplica(a1);
    await arrived(a1);

    await stopReplica(a2);
    await a2.query(`SET GLOBAL slave_exec_mode = 'IDEMPOTENT'`);
    await replicate(a2, n1);
    await write(n1, 1);
    await arrived(a2);
    await becomes('a1a2', 'unknown', 'was seen to read by the numbers of another node than');
    await stopReplica(a2);
    await a2.query('DROP DATABASE shop');
    await a2.query('RESET MASTER');
    await a2.query(`SET GLOBAL gtid_slave_pos = ''`);
    await vi.waitFor(() => expect(see.pair('a1a2')?.evidence).not.toContain('was seen to read'), patient);
    await replicate(a2, n1);
    await arrived(a2);
    await becomes('a1a2', 'in-sync');
  },
);
