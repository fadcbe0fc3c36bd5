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

test.runIf(clusters.includes('galera'))(
  'a node misses what another one got by its channel while that took no part in their cluster, and is not believed to have it',
  async () => {
    await using cluster = await startGalera();
    await using p = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    await p.query('SET GLOBAL gtid_domain_id = 50');
    p.disconnect();
    await replicate(n1, p);
    const { write, ids, arrived } = await countedTable(p);
    await write(p, 2);
    for (const node of [n1, n2, n3]) await arrived(node);
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await createMonitorUser(p, ['shop']);
    const running = startEngine({
      servers: { p, n1, n2 },
      pairs: ['n1', 'n2'].map((target) => pairConfig(['shop.*'], { name: target, source: 'p', target })),
    });
    const see = looking(running);
    const becomes = (pair: string, state: string) =>
      vi.waitFor(() => expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe(state), patient);
    for (const pair of ['n1', 'n2']) await becomes(pair, 'in-sync');

    const takesPart = async (how: 'ON' | 'OFF') => {
      await stopReplica(n1);
      await n1.query(`SET GLOBAL wsrep_on = ${how}`);
      await startReplica(n1);
    };
    await takesPart('OFF');
    await vi.waitFor(() => expect(see.member('n1').state).toBe('not-in-group'), patient);
    await write(p, 3);
    await arrived(n1);
    await becomes('n2', 'lagging');
    // At once, so that what follows is there before anybody looks.
    await takesPart('ON');
    await write(p, 1);
    await vi.waitFor(() => expect(see.member('n1').state).toBe('in-group'), patient);
    for (const node of [n1, n2]) await arrived(node);
    expect(await ids(n2)).not.toEqual(await ids(p));
    const seen = running.events.length;
    await vi.waitFor(() => {
      const since = running.events.slice(seen).filter((e) => e.type === 'lag' && e.pair === 'n2');
      expect(since.length).toBeGreaterThan(20);
    }, patient);
    expect(see.pair('n2')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringMatching(/n1 took no part in its cluster while it got changes of p/) as string,
    });
    await becomes('n1', 'in-sync');
  },
);
