import { startGroup, type TestServer } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { stall } from '../support/cluster.ts';

/** As many texts as it takes a server seconds to index, which it does when they are committed. */
const doublings = 14;

test.runIf(clusters.includes('group-replication'))(
  'what a member shows and does not count yet, as long as it commits others with it, is on its way to the others',
  async () => {
    await using cluster = await startGroup();
    const [n1, n2] = cluster.members;
    await n1.query('CREATE DATABASE texts');
    await n1.query('CREATE TABLE texts.seed (id INT PRIMARY KEY AUTO_INCREMENT, body TEXT)');
    const words = Array.from({ length: 60 }, () => Math.random().toString(36).slice(2)).join(' ');
    await n1.query(`INSERT INTO texts.seed (body) VALUES ('${words}')`);
    for (let i = 0; i < doublings; i++) {
      await n1.query('INSERT INTO texts.seed (body) SELECT CONCAT(REVERSE(body), RAND()) FROM texts.seed');
    }
    await n1.query('CREATE TABLE texts.t (id INT PRIMARY KEY AUTO_INCREMENT, body TEXT, FULLTEXT (body))');
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1), (2, 1), (3, 1)');
    await vi.waitFor(async () => expect(await n2.query('SELECT * FROM shop.t')).toHaveLength(3), patient);

    const check = async (source: TestServer, target: TestServer) => {
      const [result] = await checkOnce({ name: 'shop', source, target }, { waitMs: inVainMs });
      return result;
    };
    let commits: Promise<unknown>[];
    {
      await using _ = await stall(n2);
      const [small, large] = [await n1.connect(), await n1.connect()];
      await large.query('START TRANSACTION');
      await large.query('INSERT INTO texts.t (body) SELECT body FROM texts.seed');
      await small.query('START TRANSACTION');
      await small.query('UPDATE shop.t SET v = 9 WHERE id = 2');
      // Both are written together, and then committed one after the other, the small one first.
      await n1.query('SET GLOBAL binlog_group_commit_sync_delay = 1000000');
      commits = [large.query('COMMIT'), small.query('COMMIT')];
      await vi.waitFor(
        async () => expect(await n1.query('SELECT 1 FROM shop.t WHERE v = 9')).toHaveLength(1),
        { ...patient, interval: 1 },
      );
      const both = await Promise.all([check(n1, n2), check(n2, n1)]);
      for (const result of both) {
        expect(result, result?.reason).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
        expect(result?.reason).toContain('was still being committed there');
      }
    }
    await Promise.all(commits);
    expect(await check(n1, n2)).toMatchObject({ verdict: 'MATCH' });
  },
);
