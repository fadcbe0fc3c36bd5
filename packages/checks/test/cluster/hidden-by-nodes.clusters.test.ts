import { createMonitorUser, replicate, startGalera, startServer, type TestServer } from '@lockstep/servers';
import { inVainMs, patienceMs, patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { watchLag } from '../support/lag-watch.ts';
import { letCommitsGo, stallCommits } from '../support/semi-sync.ts';

test.runIf(clusters.includes('galera'))(
  'what a node got by another one’s channel is not there while it waits for a replica of its own to acknowledge it',
  async () => {
    await using cluster = await startGalera();
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2] = cluster.members;
    await a1.query('SET GLOBAL gtid_domain_id = 3');
    a1.disconnect();
    await a1.query('CREATE DATABASE shop');
    await a1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await a1.query('INSERT INTO shop.t VALUES (1)');
    await createMonitorUser(a1, ['shop']);
    await replicate(n1, a1);
    const has = (server: TestServer, rows: number) =>
      vi.waitFor(async () => expect(await server.query('SELECT * FROM shop.t')).toHaveLength(rows), patient);
    await has(n2, 1);
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await using watch = watchLag({ n1, n2, a1 }, [
      { name: 'a1n1', source: 'a1', target: 'n1' },
      { name: 'a1n2', source: 'a1', target: 'n2' },
    ]);
    for (const pair of ['a1n1', 'a1n2']) {
      await vi.waitFor(() => expect(watch.state(pair).state).toBe('in-sync'), patient);
    }
    await stallCommits(n2, patienceMs);
    await a1.query('INSERT INTO shop.t VALUES (2)');
    await has(n1, 2);
    await vi.waitFor(() => expect(watch.sample('a1n2').lagMs).toBeNull(), patient);
    expect(watch.sample('a1n2').evidence).toContain('n2 does not show all of its binlog yet');
    await watch.samplesMore(10, 'a1n2');
    expect(watch.sample('a1n2').lagMs).toBeNull();
    const check = async () => {
      const [result] = await checkOnce({ name: 'shop', source: a1, target: n2 }, { waitMs: inVainMs });
      return result;
    };
    expect(await check()).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringContaining('does not show all of that yet') as string,
      rows: [],
    });
    await letCommitsGo(n2);
    await has(n2, 2);
    await vi.waitFor(() => expect(watch.state('a1n2').state).toBe('in-sync'), patient);
    expect(await check()).toMatchObject({ verdict: 'MATCH' });
  },
);
