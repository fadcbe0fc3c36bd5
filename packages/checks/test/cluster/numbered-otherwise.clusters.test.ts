import { createMonitorUser, replicate, startServer } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { stall } from '../support/cluster.ts';
import { countedTable } from '../support/counted-table.ts';
import { ownDomain, startAlike } from '../support/halves.ts';
import { watchLag } from '../support/lag-watch.ts';
import { runAhead } from '../support/run-ahead.ts';

describe.runIf(clusters.includes('galera'))('a replica of a node that alone of its cluster', () => {
  test.each([
    ['numbers by itself', 'SET GLOBAL wsrep_gtid_mode = OFF, GLOBAL gtid_domain_id = 7'],
    ['numbers in the domain of all what it writes alone', 'SET GLOBAL gtid_domain_id = 7'],
  ])('%s is not believed beside the others', async (_, setting) => {
    await using cluster = await startAlike();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    await n1.query(setting);
    // A session keeps what it began with.
    n1.disconnect();
    await replicate(a1, n1);
    const { write, arrived, ids } = await countedTable(n2);
    await write(n2, 3);
    for (const server of [n1, n3, a1]) await arrived(server);
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await createMonitorUser(a1, ['shop']);
    await using watch = watchLag(
      { n1, n2, a1 },
      ['n1a1', 'n2a1'].map((name) => ({ name, source: name.slice(0, 2), target: 'a1' })),
    );
    const says = (what: string) =>
      vi.waitFor(() => {
        expect(watch.state('n2a1').state).toBe('unknown');
        expect(watch.state('n2a1').evidence).toContain(what);
      }, patient);
    await vi.waitFor(() => expect(watch.state('n1a1').state).toBe('in-sync'), patient);
    await runAhead(n1);
    {
      await using _stall = await stall(n1);
      await write(n2, 3);
      await watch.samplesMore(20, 'n2a1');
      expect(await ids(a1)).not.toEqual(await ids(n2));
      await says('where changes have numbers that mean others on the source');
      await n1.query(`SET GLOBAL wsrep_gtid_mode = ON, GLOBAL gtid_domain_id = ${ownDomain(0)}`);
      await watch.samplesMore(20, 'n2a1');
      await says('was seen to read from a node whose changes had other numbers');
    }
    await arrived(a1);
    expect(await checkOnce({ name: 'shop', source: n2, target: a1 }, { waitMs: inVainMs })).toMatchObject([
      { rows: [] },
    ]);
  });
});
