import {
  type Cluster,
  createMonitorUser,
  groupName,
  replicate,
  startGalera,
  startGroup,
  startReplica,
  startServer,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { looking, stall } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { type LagWatch, watchLag } from '../support/lag-watch.ts';

async function arrived(from: TestServer, at: TestServer): Promise<void> {
  const rows = (server: TestServer) => server.query('SELECT * FROM shop.t ORDER BY id');
  await vi.waitFor(async () => expect(await rows(at)).toEqual(await rows(from)), patient);
}

async function fill(source: TestServer): Promise<void> {
  await source.query('CREATE DATABASE IF NOT EXISTS shop');
  await source.query('CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)');
  await source.query('INSERT INTO shop.t (v) VALUES (1), (2)');
}

async function letRead(member: TestServer, replica: TestServer): Promise<void> {
  await member.query(`GRANT SELECT ON shop.* TO '${member.monitor.user}'@'127.0.0.1'`);
  await createMonitorUser(replica, ['shop']);
}

/** From where that node's binlog ends now. */
async function byPlace(replica: TestServer, node: TestServer): Promise<void> {
  await stopReplica(replica);
  const [place] = await node.query<{ File: string; Position: number }>('SHOW MASTER STATUS');
  await replica.query(
    `CHANGE MASTER TO MASTER_USE_GTID = no, MASTER_LOG_FILE = '${place?.File}', MASTER_LOG_POS = ${place?.Position}`,
  );
  await replica.query('START SLAVE');
}

const write = (server: TestServer) => server.query('INSERT INTO shop.t (v) VALUES (3), (4), (5)');

describe.runIf(clusters.includes('galera'))('a replica of a Galera cluster', () => {
  const pairs = [
    { name: 'n1a1', source: 'n1', target: 'a1' },
    { name: 'n2a1', source: 'n2', target: 'a1' },
  ];
  const inSync = (watch: LagWatch, pair: string) =>
    vi.waitFor(() => expect(watch.state(pair).state).toBe('in-sync'), patient);
  const unknown = (watch: LagWatch, pair: string, why: string) =>
    vi.waitFor(
      () =>
        expect(watch.state(pair)).toMatchObject({
          state: 'unknown',
          evidence: expect.stringContaining(why) as string,
        }),
      patient,
    );

  describe('whose nodes number their binlogs each by itself', () => {
    let cluster: Cluster;
    let n1: TestServer, n2: TestServer, a1: TestServer, p: TestServer;

    beforeAll(async () => {
      [cluster, a1, p] = await Promise.all([
        startGalera(),
        startServer({ flavour: 'mariadb' }),
        startServer({ flavour: 'mariadb', options: ['--gtid-domain-id=50'] }),
      ]);
      [n1, n2] = cluster.members;
      await replicate(a1, n1);
      await fill(n1);
      await letRead(n1, a1);
      await arrived(n1, a1);
    });
    afterAll(() => Promise.all([cluster.remove(), a1.remove(), p.remove()]));

    test('has the lag of the node that it reads from, and of no other, wherever it is pointed', async () => {
      await using watch = watchLag({ n1, n2, a1 }, pairs);
      await inSync(watch, 'n1a1');
      await unknown(
        watch,
        'n2a1',
        'each node of this Galera cluster numbers its binlog by itself: wsrep_gtid_mode',
      );
      // Its numbers run ahead of those of the others.
      for (let i = 0; i < 5; i++) {
        const person = await n2.connect();
        await person.query('SET wsrep_on = 0');
        await person.query('UPDATE shop.t SET v = v + 1 WHERE id = 1');
        await person.query('UPDATE shop.t SET v = v - 1 WHERE id = 1');
        await person.end();
      }
      await stopReplica(a1);
      await replicate(a1, n2);
      await unknown(watch, 'n1a1', 'each node of this Galera cluster numbers its binlog by itself');
      expect(watch.status('n1a1').repointed).toBeInstanceOf(Date);
      {
        await using _ = await stall(n2);
        await write(n1);
        await watch.samplesMore(10, 'n1a1');
        expect(watch.sample('n1a1')).toMatchObject({ lagMs: null, transactionsBehind: null });
        const [result] = await checkOnce({ name: 'shop', source: n1, target: a1 }, { waitMs: inVainMs });
        expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      }
      await arrived(n1, a1);
    });

    test('by file and offset is compared with the node that these are places of', async () => {
      await byPlace(a1, n2);
      await using watch = watchLag({ n1, n2, a1 }, pairs);
      await inSync(watch, 'n2a1');
      expect(watch.sample('n2a1').method).toBe('file');
      await unknown(watch, 'n1a1', "places in that server's binlog, and not in the source's");
    });

    test('a member without a channel gets what comes by the channel of another one', async () => {
      await replicate(n1, p);
      await using watch = watchLag({ p, n1, n2 }, [
        { name: 'pn1', source: 'p', target: 'n1' },
        { name: 'pn2', source: 'p', target: 'n2' },
      ]);
      await vi.waitFor(
        () => expect(watch.state('pn2').evidence).toContain('has no channel of its own, and nothing of p'),
        patient,
      );
      await p.query('CREATE DATABASE outside');
      await p.query('CREATE TABLE outside.t (id INT PRIMARY KEY)');
      await inSync(watch, 'pn1');
      await inSync(watch, 'pn2');
      expect(watch.status('pn2').evidence).toContain('gets it through its cluster');
      await stopReplica(n1);
      await p.query('INSERT INTO outside.t VALUES (1)');
      await vi.waitFor(() => expect(watch.state('pn2').state).toBe('lagging'), patient);
      await n1.query('START SLAVE');
      await inSync(watch, 'pn2');
    });
  });

  test('whose nodes number alike has all of any node, whichever it reads from', async () => {
    await using cluster = await startGalera([
      '--wsrep-gtid-mode=ON',
      '--wsrep-gtid-domain-id=7',
      '--server-id=9',
    ]);
    await using cleanup = new AsyncDisposableStack();
    const a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    cleanup.defer(() => a1.remove());
    const [n1, n2, n3] = cluster.members;
    for (const [index, node] of [n1, n2, n3].entries()) {
      // Without a state transfer nobody told it the domain.
      await node.query(`SET GLOBAL wsrep_gtid_domain_id = 7, GLOBAL gtid_domain_id = ${11 + index}`);
    }
    await replicate(a1, n1);
    await fill(n1);
    await letRead(n1, a1);
    await arrived(n1, a1);

    await using watch = watchLag({ n1, n2, a1 }, pairs);
    await inSync(watch, 'n1a1');
    await inSync(watch, 'n2a1');
    const person = await n2.connect();
    await person.query('SET wsrep_on = 0');
    await person.query('CREATE TABLE shop.of_n2 (id INT PRIMARY KEY)');
    await person.end();
    await watch.samplesMore(20, 'n2a1');
    await inSync(watch, 'n2a1');
    {
      await using _ = await stall(n2);
      await write(n1);
      await arrived(n1, a1);
      const results = await checkOnce({ name: 'shop', source: n2, target: a1 }, { waitMs: inVainMs });
      const result = results.find(({ table }) => table === 't');
      expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      expect(result?.reason).toContain('does not show');
      expect(watch.state('n2a1').state).toBe('in-sync');
      expect(watch.status('n2a1').errant).toBe('');
    }
    await stopReplica(a1);
    await replicate(a1, n2);
    await vi.waitFor(() => expect(watch.status('n1a1').repointed).toBeInstanceOf(Date), patient);
    await inSync(watch, 'n1a1');

    // One server id is no one server: these are places in another node's binlog.
    await byPlace(a1, n2);
    await inSync(watch, 'n2a1');
    await unknown(watch, 'n1a1', "places in that server's binlog, and not in the source's");
  });
});

test.runIf(clusters.includes('group-replication'))(
  'a replica of a group may have more than a stalled member, and read from any',
  async () => {
    await using cluster = await startGroup();
    await using cleanup = new AsyncDisposableStack();
    const m4 = await startServer({ flavour: 'mysql' });
    cleanup.defer(() => m4.remove());
    const [m1, m2] = cluster.members;
    await replicate(m4, m1);
    await fill(m1);
    await letRead(m1, m4);
    await arrived(m1, m4);
    await arrived(m1, m2);
    await using watch = watchLag({ m1, m2, m4 }, [
      { name: 'm1m4', source: 'm1', target: 'm4' },
      { name: 'm2m4', source: 'm2', target: 'm4' },
    ]);
    await vi.waitFor(() => expect(watch.status('m1m4').direct).toBe(true), patient);
    await vi.waitFor(() => expect(watch.state('m2m4').state).toBe('in-sync'), patient);
    for (const source of [m1, m2]) {
      const [result] = await checkOnce({ name: 'shop', source, target: m4 });
      expect(result).toMatchObject({ verdict: 'MATCH' });
    }
    {
      await using _ = await stall(m2);
      await write(m1);
      await arrived(m1, m4);
      const [result] = await checkOnce({ name: 'shop', source: m2, target: m4 }, { waitMs: inVainMs });
      expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      await watch.samplesMore(20, 'm2m4');
      expect(watch.status('m2m4').errant).toBe('');
    }
    await arrived(m1, m2);
    await stopReplica(m4);
    await replicate(m4, m2);
    await vi.waitFor(
      () => expect(watch.status('m1m4').evidence).toContain('another member of its group'),
      patient,
    );
    expect(watch.status('m1m4')).toMatchObject({ direct: false, repointed: null });
    await vi.waitFor(() => expect(watch.state('m1m4').state).toBe('in-sync'), patient);
    expect((await checkOnce({ name: 'shop', source: m2, target: m4 })).map(({ verdict }) => verdict)).toEqual(
      ['MATCH'],
    );
  },
);

test.runIf(clusters.includes('group-replication'))(
  'a managed channel moves to another member of its group, which is one event and no alert',
  async () => {
    await using cluster = await startGroup();
    await using cleanup = new AsyncDisposableStack();
    const m4 = await startServer({ flavour: 'mysql' });
    cleanup.defer(() => m4.remove());
    const [m1, m2, m3] = cluster.members;
    await m1.query(`GRANT SELECT ON performance_schema.* TO '${m1.replication.user}'@'127.0.0.1'`);
    await replicate(m4, m1);
    await fill(m1);
    await letRead(m1, m4);
    await arrived(m1, m4);
    await stopReplica(m4);
    await m4.query(
      `CHANGE REPLICATION SOURCE TO SOURCE_CONNECTION_AUTO_FAILOVER = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 1`,
    );
    // It reads from the primary, whoever that is.
    await m4.query(
      `SELECT asynchronous_connection_failover_add_managed('', 'GroupReplication', '${groupName}', '127.0.0.1', ${m1.port}, '', 80, 60)`,
    );
    await startReplica(m4);
    const schedule = { everyMs: 3_600_000 };
    const checks = {
      checksum: { enabled: false, schedule, method: 'rows' as const },
      consistency: { enabled: false, schedule, method: 'count' as const },
    };
    const see = looking(
      startEngine({
        servers: { m1, m2, m3, m4 },
        pairs: ['m4', 'm2', 'm3'].map((target) =>
          pairConfig(['shop.*'], { name: `m1${target}`, source: 'm1', target, checks }),
        ),
      }),
    );
    const readsFrom = (member: TestServer) =>
      vi.waitFor(
        () => expect(see.pair('m1m4')?.replication?.readsFrom).toBe(`127.0.0.1:${member.port}`),
        patient,
      );
    const moves = () =>
      see.messages().filter((message) => /^(moved|re-pointed|pointed back): /.test(message));
    await vi.waitFor(() => expect(see.pair('m1m4')?.state).toBe('in-sync'), patient);
    await readsFrom(m1);

    const [row] = await m2.query<{ id: string }>('SELECT @@server_uuid AS id');
    await m1.query(`SELECT group_replication_set_as_primary('${row?.id}')`);
    await readsFrom(m2);
    await m2.query('INSERT INTO shop.t (v) VALUES (6)');
    await arrived(m2, m4);
    await vi.waitFor(() => expect(see.pair('m1m4')?.state).toBe('in-sync'), patient);
    expect(moves()).toEqual([
      expect.stringContaining(
        `moved: the target reads from 127.0.0.1:${m2.port}, another member of its group`,
      ),
    ]);
    expect(see.pair('m1m4')?.replication).toMatchObject({ repointed: null, errant: '' });
    expect(see.fired()).toEqual([]);

    await m2.kill9();
    await vi.waitFor(() => expect(moves()).toHaveLength(2), patient);
    await vi.waitFor(() => expect(see.pair('m1m4')?.state).toBe('in-sync'), patient);
    expect(see.rules()).not.toContain('replication-repointed');
  },
);

test.runIf(clusters.includes('group-replication'))(
  'a group that replicates has all by the channel of its primary, and a channel that waits on a secondary is no stop',
  async () => {
    await using cluster = await startGroup();
    await using cleanup = new AsyncDisposableStack();
    const s = await startServer({ flavour: 'mysql', serverId: 77 });
    cleanup.defer(() => s.remove());
    const [m1, m2, m3] = cluster.members;
    await fill(s);
    const { user, password } = s.replication;
    const change = `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${s.port}, SOURCE_USER = '${user}',
      SOURCE_PASSWORD = '${password}', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1`;
    for (const member of [m2, m3]) await member.query(change);
    // This tells the others, which have to have the channel then.
    await m1.query(`${change}, SOURCE_CONNECTION_AUTO_FAILOVER = 1`);
    await startReplica(m1);
    await arrived(s, m2);
    await letRead(m1, s);
    await using watch = watchLag({ s, m1, m2 }, [
      { name: 'sm1', source: 's', target: 'm1' },
      { name: 'sm2', source: 's', target: 'm2' },
    ]);
    const channel = async (pair: 'sm1' | 'sm2', has: boolean) => {
      await vi.waitFor(() => expect(watch.status(pair).channel !== null).toBe(has), patient);
      await vi.waitFor(() => expect(watch.state(pair).state).toBe('in-sync'), patient);
    };
    await channel('sm1', true);
    await channel('sm2', false);
    expect(watch.status('sm2').channels).toMatchObject([{ receiver: 'stopped', applier: 'stopped' }]);
    expect(watch.status('sm2').evidence).toContain('another member of which has the channel');
    {
      await using _ = await stall(m2);
      await write(s);
      await arrived(s, m1);
      const [result] = await checkOnce({ name: 'shop', source: s, target: m2 }, { waitMs: inVainMs });
      expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
    }
    // Else it is refused; the new primary starts its own.
    await stopReplica(m1);
    const [row] = await m2.query<{ id: string }>('SELECT @@server_uuid AS id');
    await m1.query(`SELECT group_replication_set_as_primary('${row?.id}')`);
    await channel('sm2', true);
    await channel('sm1', false);
    await write(s);
    await arrived(s, m1);
    await stopReplica(m2);
    await vi.waitFor(() => expect(watch.state('sm2').state).toBe('stopped'), patient);
  },
);

test.runIf(clusters.includes('group-replication'))(
  'of a group that is a replica itself, what a stalled member has received and not applied is errant on no replica',
  async () => {
    await using cluster = await startGroup();
    await using cleanup = new AsyncDisposableStack();
    const [s, m4] = await Promise.all(
      [77, 78].map((serverId) => startServer({ flavour: 'mysql', serverId })),
    );
    if (!s || !m4) throw new Error('not started');
    cleanup.defer(() => Promise.all([s.remove(), m4.remove()]).then());
    const [m1, m2] = cluster.members;
    await replicate(m1, s);
    await replicate(m4, m1);
    await fill(m1);
    await letRead(m1, m4);
    await s.query('CREATE DATABASE outside');
    await s.query('CREATE TABLE outside.t (id INT PRIMARY KEY)');
    const arrivedAt = (server: TestServer, rows: number) =>
      vi.waitFor(
        async () => expect(await server.query('SELECT * FROM outside.t')).toHaveLength(rows),
        patient,
      );
    for (const server of [m2, m4]) await arrivedAt(server, 0);
    await arrived(m1, m4);
    await using watch = watchLag({ m1, m2, m4 }, [
      { name: 'm1m4', source: 'm1', target: 'm4' },
      { name: 'm2m4', source: 'm2', target: 'm4' },
    ]);
    await vi.waitFor(() => expect(watch.state('m2m4').state).toBe('in-sync'), patient);
    {
      await using _ = await stall(m2);
      // Its appliers have begun with transactions of two servers, and have more to come.
      await write(m1);
      for (let id = 0; id < 20; id++) await s.query(`INSERT INTO outside.t VALUES (${id})`);
      await arrivedAt(m4, 20);
      const from = watch.states('m2m4').length;
      await watch.samplesMore(30, 'm2m4');
      expect(watch.status('m2m4').errant).toBe('');
      expect(watch.state('m2m4').state).toBe('in-sync');
      const said = watch.states('m2m4').slice(from);
      expect(said.filter(({ state }) => state !== 'in-sync')).toEqual([]);
    }
    await arrivedAt(m2, 20);
    await arrived(m1, m2);
    {
      await using _ = await stall(m2);
      // Of whom it has nothing yet.
      const person = await m1.connect();
      await person.query(`SET gtid_next = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc:1'`);
      await person.query('INSERT INTO shop.t (v) VALUES (7)');
      await person.query(`SET gtid_next = 'AUTOMATIC'`);
      await person.end();
      await arrived(m1, m4);
      const [result] = await checkOnce({ name: 'shop', source: m2, target: m4 }, { waitMs: inVainMs });
      expect(result, result?.reason).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      await watch.samplesMore(10, 'm2m4');
      expect(watch.status('m2m4').errant).toBe('');
    }
  },
);

test.runIf(clusters.includes('group-replication'))(
  'of two groups one of which replicates from the other, each member is compared with any of the other group',
  async () => {
    await using from = await startGroup();
    await using to = await startGroup([
      '--loose-group_replication_group_name=bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
    ]);
    const [m1, m2] = from.members;
    const [k1, k2] = to.members;
    for (const [index, member] of to.members.entries()) {
      await member.query(`SET GLOBAL server_id = ${11 + index}`);
    }
    await fill(m1);
    await arrived(m1, m2);
    await replicate(k1, m2);
    await arrived(m1, k2);
    for (const primary of [m1, k1]) {
      await primary.query(`GRANT SELECT ON shop.* TO '${primary.monitor.user}'@'127.0.0.1'`);
    }
    const pairs = ['m1k1', 'm2k1', 'm1k2'];
    await using watch = watchLag(
      { m1, m2, k1, k2 },
      pairs.map((name) => ({ name, source: name.slice(0, 2), target: name.slice(2) })),
    );
    for (const pair of pairs) {
      await vi.waitFor(() => expect(watch.state(pair).state).toBe('in-sync'), patient);
    }
    expect(watch.status('m1k1').evidence).toContain('another member of its group, not from m1 itself');
    expect(watch.status('m2k1').direct).toBe(true);
    await stopReplica(k1);
    for (const pair of ['m1k1', 'm2k1']) {
      await vi.waitFor(() => expect(watch.state(pair).state).toBe('stopped'), patient);
    }
    await write(m1);
    await vi.waitFor(() => expect(watch.sample('m1k2').lagMs).toBeGreaterThan(0), patient);
  },
);
