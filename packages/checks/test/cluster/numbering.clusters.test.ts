import { createMonitorUser, replicate, startGalera, startServer, type TestServer } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { stall } from '../support/cluster.ts';
import { provedAfter, watchLag } from '../support/lag-watch.ts';

test.runIf(clusters.includes('galera'))(
  'a cluster whose nodes begin to number alike, or end to, while they run is compared as they do now',
  async () => {
    await using cluster = await startGalera(['--wsrep-gtid-mode=ON', '--server-id=9']);
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    const all = async (statement: (index: number) => string) => {
      for (const [index, node] of [n1, n2, n3].entries()) {
        await node.query(statement(index));
        // A session keeps what it began with.
        node.disconnect();
      }
    };
    await all((index) => `SET GLOBAL wsrep_gtid_domain_id = 7, GLOBAL gtid_domain_id = ${11 + index}`);
    await replicate(a1, n2);
    await n1.query('CREATE DATABASE shop');
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    let next = 0;
    const write = async () => {
      await n1.query(`INSERT INTO shop.t VALUES (${next++})`);
    };
    const arrived = () =>
      vi.waitFor(async () => expect(await a1.query('SELECT * FROM shop.t')).toHaveLength(next), patient);
    await write();
    await arrived();
    await createMonitorUser(a1, ['shop']);
    const pairs = ['n1a1', 'n1n2', 'n1n3'];
    await using watch = watchLag(
      { n1, n2, n3, a1 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
    );
    for (const pair of pairs) {
      await vi.waitFor(() => expect(watch.state(pair).state).toBe('in-sync'), patient);
    }
    await vi.waitFor(() => expect(watch.status('n1n2').errant).toBe(''), patient);

    await all(() => 'SET GLOBAL wsrep_gtid_mode = OFF');
    const apart = 'each node of this Galera cluster numbers its binlog by itself';
    await vi.waitFor(() => expect(watch.state('n1a1').evidence).toContain(apart), patient);
    {
      await using _ = await stall(n2);
      await write();
      await watch.samplesMore(20, 'n1a1');
      expect(watch.sample('n1a1')).toMatchObject({ lagMs: null });
    }
    await arrived();
    await watch.samplesMore(20, 'n1n2');
    for (const pair of ['n1n2', 'n1n3']) expect(watch.status(pair).errant).toBeNull();

    await all(() => 'SET GLOBAL wsrep_gtid_mode = ON');
    await write();
    await vi.waitFor(() => expect(watch.state('n1a1').state).toBe('in-sync'), patient);
    // What they numbered by themselves meanwhile has the domain of what each writes alone.
    await watch.samplesMore(20, 'n1n2');
    for (const pair of ['n1n2', 'n1n3']) expect(watch.status(pair).errant).toBeNull();
    const [state] = await n2.query<{ gtids: string }>('SELECT @@global.gtid_binlog_state AS gtids');
    expect(state?.gtids).toMatch(/\b12-9-\d/);
    const person = await n2.connect();
    await person.query('SET SESSION wsrep_on = 0');
    await person.query('CREATE TABLE shop.of_n2 (id INT PRIMARY KEY)');
    await person.end();
    await vi.waitFor(() => expect(watch.status('n1n2').errant).toMatch(/^12-9-\d+$/), patient);
    expect(watch.status('n1n3').errant).toBeNull();
  },
);

test.runIf(clusters.includes('galera'))(
  'what a node kept out of its own binlog comes to a replica of another node, and is waited for there',
  async () => {
    await using cluster = await startGalera(['--wsrep-gtid-mode=ON', '--server-id=9']);
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    for (const [index, node] of [n1, n2, n3].entries()) {
      await node.query(`SET GLOBAL wsrep_gtid_domain_id = 7, GLOBAL gtid_domain_id = ${11 + index}`);
      // A session keeps what it began with.
      node.disconnect();
    }
    await replicate(a1, n1);
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await n1.query('INSERT INTO shop.t VALUES (1)');
    const has = (server: TestServer, rows: number) =>
      vi.waitFor(async () => expect(await server.query('SELECT * FROM shop.t')).toHaveLength(rows), patient);
    await has(a1, 1);
    await createMonitorUser(a1, ['shop']);
    await using watch = watchLag({ n1, n2, a1 }, [{ name: 'n2a1', source: 'n2', target: 'a1' }]);
    await vi.waitFor(() => expect(watch.state('n2a1').state).toBe('in-sync'), patient);
    const check = async () => {
      const [result] = await checkOnce({ name: 'shop', source: n2, target: a1 }, { waitMs: inVainMs });
      return result;
    };
    {
      await using _ = await stall(a1);
      const person = await n2.connect();
      await person.query('SET SESSION sql_log_bin = 0');
      await person.query('INSERT INTO shop.t VALUES (2)');
      await person.end();
      await has(n1, 2);
      await vi.waitFor(() => expect(watch.sample('n2a1').lagMs).toBeGreaterThan(0), patient);
      expect(watch.sample('n2a1').transactionsBehind).toBe(1);
      expect(await check()).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
    }
    await has(a1, 2);
    await vi.waitFor(() => expect(watch.state('n2a1').state).toBe('in-sync'), patient);
    expect(await check()).toMatchObject({ verdict: 'MATCH' });
  },
);

test.runIf(clusters.includes('galera'))(
  'what the cluster gave a number and no node logged is not waited for, for no replica of any node gets it',
  async () => {
    await using cluster = await startGalera([
      '--wsrep-gtid-mode=ON',
      '--server-id=9',
      '--binlog-ignore-db=quiet',
    ]);
    await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2, n3] = cluster.members;
    for (const [index, node] of [n1, n2, n3].entries()) {
      await node.query(`SET GLOBAL wsrep_gtid_domain_id = 7, GLOBAL gtid_domain_id = ${11 + index}`);
      // A session keeps what it began with.
      node.disconnect();
    }
    await replicate(a1, n2);
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await n1.query('INSERT INTO shop.t VALUES (1)');
    const has = (rows: number) =>
      vi.waitFor(async () => expect(await a1.query('SELECT * FROM shop.t')).toHaveLength(rows), patient);
    await has(1);
    await createMonitorUser(a1, ['shop']);
    await using watch = watchLag({ n1, n2, a1 }, [
      { name: 'n1a1', source: 'n1', target: 'a1' },
      { name: 'n1n2', source: 'n1', target: 'n2' },
    ]);
    await vi.waitFor(() => expect(watch.state('n1a1').state).toBe('in-sync'), patient);
    const unlogged = async () => {
      const [row] = await n1.query<{ seen: string; logged: string }>(
        'SELECT CONVERT(WSREP_LAST_SEEN_GTID() USING utf8) AS seen, @@global.gtid_binlog_pos AS logged',
      );
      return row?.logged.split(',').includes(row.seen) === false;
    };
    for (const statement of ['CREATE TABLE shop.t (id INT)', 'CREATE DATABASE quiet']) {
      await n1.query(statement).catch(() => undefined);
      expect(await unlogged()).toBe(true);
      const began = Date.now();
      await vi.waitFor(() => {
        const proved = provedAfter(began, watch.samples('n1a1'));
        expect(proved.filter(({ lagMs }) => lagMs === 0)).not.toEqual([]);
      }, patient);
    }
    {
      await using _ = await stall(a1);
      const began = performance.now();
      await n1.query('INSERT INTO shop.t VALUES (2)');
      await vi.waitFor(() => expect(watch.sample('n1a1').lagMs).toBeGreaterThan(0), patient);
      expect(watch.sample('n1a1').lagMs).toBeLessThan(performance.now() - began);
    }
    await has(2);
    await vi.waitFor(() => expect(watch.sample('n1a1').lagMs).toBe(0), patient);
  },
);
