import { replicate, startServer, type TestServer } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { type LagWatch, provedAfter, watchLag } from '../support/lag-watch.ts';

/** Servers of one test, with MariaDB's defaults but for their options. */
async function servers(stack: AsyncDisposableStack, ...options: string[][]): Promise<TestServer[]> {
  const started = await Promise.all(options.map((own) => startServer({ flavour: 'mariadb', options: own })));
  return started.map((server) => stack.use(server));
}

/** Schema `d` with a table and a row, on a server alone. */
async function fill(server: TestServer, schema: string): Promise<void> {
  await server.query(`CREATE DATABASE ${schema}`);
  await server.query(`CREATE TABLE ${schema}.t (id INT PRIMARY KEY, v INT)`);
  await server.query(`INSERT INTO ${schema}.t VALUES (1, 1), (2, 1), (3, 1)`);
}

async function openTo(schema: string, ...opened: TestServer[]): Promise<void> {
  for (const server of opened) {
    await server.query('SET sql_log_bin = 0');
    await server.query(`GRANT SELECT ON ${schema}.* TO '${server.monitor.user}'@'127.0.0.1'`);
    await server.query('SET sql_log_bin = 1');
  }
}

const rowsOf = async (server: TestServer, table: string) =>
  await server.query(`SELECT * FROM ${table} ORDER BY id`);

const inSync = (watch: LagWatch, pair = 'pair') => {
  const called = Date.now();
  return vi.waitFor(() => {
    const { at, uncertaintyMs, lagMs, evidence } = watch.sample(pair);
    expect({ state: watch.state(pair).state, lagMs }, evidence).toEqual({ state: 'in-sync', lagMs: 0 });
    expect(at.getTime() - (uncertaintyMs ?? Infinity)).toBeGreaterThan(called);
  }, patient);
};

describe.runIf(flavours.includes('mariadb'))('on mariadb', () => {
  test.each([
    { what: 'that share a replication domain', first: [], second: [] },
    { what: 'with one server_id', first: ['--server-id=1'], second: ['--server-id=1', '--gtid-domain-id=2'] },
    { what: 'with one server_id and one domain', first: ['--server-id=1'], second: ['--server-id=1'] },
  ])('two sources $what: a change in flight is lag, and no difference', async ({ first, second }) => {
    await using stack = new AsyncDisposableStack();
    const [one, two, target] = (await servers(stack, first, second, ['--server-id=9'])) as [
      TestServer,
      TestServer,
      TestServer,
    ];
    await replicate(target, one, { channel: 'one' });
    await replicate(target, two, { channel: 'two' });
    await fill(one, 'a');
    await fill(two, 'b');
    for (let i = 0; i < 30; i++) await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
    await vi.waitFor(async () => {
      expect(await rowsOf(target, 'b.t')).toMatchObject([{ v: 31 }, {}, {}]);
    }, patient);
    await openTo('a', one, target);
    await openTo('b', two, target);
    await using watch = watchLag({ one, two, target }, [
      { name: 'a', source: 'one' },
      { name: 'b', source: 'two' },
    ]);
    await vi.waitFor(() => expect(watch.status('b').channel?.name).toBe('two'), patient);
    expect(watch.status('a').channel?.name).toBe('one');
    await using lock = await locked(target, 'a.t');
    for (const id of [1, 2, 3]) await one.query('UPDATE a.t SET v = 5 WHERE id = ?', [id]);
    await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
    const written = Date.now();
    // Of a binlog's place, asked for once a second, a lag is known late: until it comes to the warning it is none.
    await vi.waitFor(() => expect(watch.state('a').state).toBe('lagging'), patient);
    const told = watch.states('a').length;
    await watch.samplesMore(20, 'a');
    const inSyncSince = provedAfter(written, watch.samples('a')).filter(({ lagMs }) => lagMs === 0);
    expect(inSyncSince.map(({ evidence }) => evidence)).toEqual([]);
    const since = watch.states('a').slice(told);
    expect(since.map(({ state }) => state)).not.toContain('in-sync');
    const [stuck] = await checkOnce({ name: 'a', source: one, target }, { waitMs: inVainMs });
    expect(stuck, stuck?.reason).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
    await lock.release();
    await vi.waitFor(async () => {
      expect(await rowsOf(target, 'a.t')).toMatchObject([{ v: 5 }, { v: 5 }, { v: 5 }]);
    }, patient);
    const [through] = await checkOnce({ name: 'a', source: one, target });
    expect(through?.verdict, through?.reason).toBe('MATCH');
  });

  test('in one domain of its own and one that others share, a change is as old as it is, and no older', async () => {
    await using stack = new AsyncDisposableStack();
    const [one, two, target] = (await servers(stack, [], [], [])) as [TestServer, TestServer, TestServer];
    await replicate(target, one, { channel: 'one' });
    await replicate(target, two, { channel: 'two' });
    await fill(one, 'a');
    await fill(two, 'b');
    for (let i = 0; i < 30; i++) await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
    await vi.waitFor(async () => {
      expect(await rowsOf(target, 'b.t')).toMatchObject([{ v: 31 }, {}, {}]);
      expect(await rowsOf(target, 'a.t')).toHaveLength(3);
    }, patient);
    // Of the shared domain the target has last what is the source's own, so that nothing tells yet that it is shared.
    await one.query('UPDATE a.t SET v = 2 WHERE id = 2');
    await one.query('SET SESSION gtid_domain_id = 1');
    await one.query('UPDATE a.t SET v = 2 WHERE id = 1');
    await using watch = watchLag({ one, two, target }, [{ name: 'a', source: 'one' }]);
    await inSync(watch, 'a');
    expect(watch.sample('a').method).toBe('gtid');
    const seen = watch.samples('a').length;
    await vi.waitFor(() => expect(watch.samples('a').length).toBeGreaterThan(seen + 20), patient);
    await using lock = await locked(target, 'a.t');
    const written = Date.now();
    await one.query('UPDATE a.t SET v = 3 WHERE id = 1');
    await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
    const from = watch.samples('a').length;
    await vi.waitFor(() => expect(watch.samples('a').length).toBeGreaterThan(from + 15), patient);
    const older = watch
      .samples('a')
      .filter(({ at, lagMs, atLeastMs }) => (atLeastMs ?? lagMs ?? 0) > Math.max(0, at.getTime() - written));
    expect(older.map(({ evidence }) => evidence)).toEqual([]);
    expect(watch.sample('a').lagMs).not.toBeNull();
    expect(watch.service.route('a')?.kind).toBe('file');
    await lock.release();
  });

  test('where appliers take each domain for itself, a place in the binlog of a source of several proves nothing', async () => {
    await using stack = new AsyncDisposableStack();
    const parallel = ['--slave-parallel-threads=2', '--slave-parallel-mode=conservative'];
    const [one, two, target] = (await servers(stack, [], [], parallel)) as [
      TestServer,
      TestServer,
      TestServer,
    ];
    await replicate(target, one, { channel: 'one' });
    await replicate(target, two, { channel: 'two' });
    await fill(one, 'a');
    await one.query('CREATE TABLE a.u AS SELECT * FROM a.t');
    await fill(two, 'b');
    await using watch = watchLag({ one, two, target }, [{ name: 'a', source: 'one' }]);
    await vi.waitFor(async () => {
      await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
      expect(watch.service.route('a')?.kind).toBe('file');
    }, patient);
    await inSync(watch, 'a');
    await using lock = await locked(target, 'a.t');
    await one.query('UPDATE a.t SET v = 2 WHERE id = 1');
    await one.query('SET SESSION gtid_domain_id = 7');
    await one.query('UPDATE a.u SET v = 2 WHERE id = 1');
    const written = Date.now();
    await vi.waitFor(async () => {
      expect(await rowsOf(target, 'a.u')).toMatchObject([{ v: 2 }, {}, {}]);
      await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
      expect(watch.sample('a').evidence).toContain('take the domains 0 and 7 each for itself');
    }, patient);
    await watch.samplesMore(15, 'a');
    const none = provedAfter(written, watch.samples('a')).filter(({ lagMs }) => lagMs === 0);
    expect(none.map(({ evidence }) => evidence)).toEqual([]);
    expect(watch.service.route('a')?.unproved).toContain('proves nothing; set them apart by gtid_domain_id');
    await lock.release();
  });

  test('two sources that stop sharing a domain are told apart by GTID again', async () => {
    await using stack = new AsyncDisposableStack();
    const [one, two, target] = (await servers(stack, [], [], [])) as [TestServer, TestServer, TestServer];
    await replicate(target, one, { channel: 'one' });
    await replicate(target, two, { channel: 'two' });
    await fill(one, 'a');
    await fill(two, 'b');
    await using watch = watchLag({ one, two, target }, [{ name: 'a', source: 'one' }]);
    for (let i = 0; i < 30; i++) await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
    await vi.waitFor(() => expect(watch.sample('a').method).toBe('file'), patient);
    await two.query('SET GLOBAL gtid_domain_id = 2');
    await two.query('SET SESSION gtid_domain_id = 2');
    await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
    await one.query('UPDATE a.t SET v = 5 WHERE id = 1');
    await vi.waitFor(() => expect(watch.sample('a')).toMatchObject({ method: 'gtid', lagMs: 0 }), patient);
    await two.query('UPDATE b.t SET v = v + 1 WHERE id = 1');
    await one.query('UPDATE a.t SET v = 6 WHERE id = 1');
    const from = watch.samples('a').length;
    await vi.waitFor(() => expect(watch.samples('a').length).toBeGreaterThan(from + 10), patient);
    expect(watch.sample('a')).toMatchObject({ method: 'gtid', lagMs: 0 });
  });

  test('what a source remembers of its own past as a replica is not waited for', async () => {
    await using stack = new AsyncDisposableStack();
    const [source, target] = (await servers(stack, [], [])) as [TestServer, TestServer];
    await source.query(`SET GLOBAL gtid_slave_pos = '5-77-20,0-78-900'`);
    await replicate(target, source);
    await fill(source, 'd');
    await openTo('d', source, target);
    await using watch = watchLag({ source, target });
    await inSync(watch);
    const [result] = await checkOnce({ name: 'd', source, target });
    expect(result?.verdict, result?.reason).toBe('MATCH');
  });

  test('a domain that a server in between leaves out is named, and makes no lag', async () => {
    await using stack = new AsyncDisposableStack();
    const [source, relay, target] = (await servers(stack, [], [], [])) as [
      TestServer,
      TestServer,
      TestServer,
    ];
    await replicate(relay, source);
    await relay.query('STOP SLAVE');
    await relay.query('CHANGE MASTER TO IGNORE_DOMAIN_IDS = (7)');
    await relay.query('START SLAVE');
    await replicate(target, relay);
    await fill(source, 'd');
    await openTo('d', source, target);
    await using watch = watchLag({ source, relay, target });
    await inSync(watch);
    await source.query('SET SESSION gtid_domain_id = 7');
    await source.query('CREATE DATABASE other');
    await source.query('SET SESSION gtid_domain_id = 0');
    await source.query('UPDATE d.t SET v = 2 WHERE id = 2');
    const named = /of domain 7 it has nothing, while it has of others.+IGNORE_DOMAIN_IDS/;
    await vi.waitFor(() => {
      expect(watch.state().state).toBe('unknown');
      expect(watch.state().evidence).toMatch(named);
    }, patient);
    await source.query('UPDATE d.t SET v = 3 WHERE id = 2');
    await target.query('SET sql_log_bin = 0');
    await target.query('UPDATE d.t SET v = 9 WHERE id = 1');
    const [result] = await checkOnce({ name: 'd', source, target }, { waitMs: inVainMs });
    expect(result).toMatchObject({ verdict: 'UNVERIFIED', reason: expect.stringMatching(named) as string });
  });

  test('of domains that a channel leaves out, be it all of them, a target is not said to have all changes', async () => {
    await using stack = new AsyncDisposableStack();
    const [source, target] = (await servers(stack, [], [])) as [TestServer, TestServer];
    await replicate(target, source);
    await fill(source, 'd');
    await vi.waitFor(async () => expect(await rowsOf(target, 'd.t')).toHaveLength(3), patient);
    await using watch = watchLag({ source, target });
    await inSync(watch);
    expect(watch.sample().evidence).toMatch(/^has all changes of source up to [^,]+ ago$/);
    await target.query('STOP SLAVE');
    await target.query('CHANGE MASTER TO DO_DOMAIN_IDS = (7)');
    await target.query('START SLAVE');
    await source.query('UPDATE d.t SET v = 2 WHERE id = 2');
    await vi.waitFor(() => {
      expect(watch.sample().evidence).toMatch(
        /^has all changes of source up to .+ ago, but for what its channel leaves out \(Replicate_Do_Domain_Ids=7\)$/,
      );
    }, patient);
  });

  test('in a ring within one domain what the other side wrote last does not hide what it lacks', async () => {
    await using stack = new AsyncDisposableStack();
    const [a, b] = (await servers(stack, ['--log-slave-updates'], ['--log-slave-updates'])) as [
      TestServer,
      TestServer,
    ];
    await replicate(b, a);
    await replicate(a, b);
    await fill(a, 'd');
    await vi.waitFor(async () => expect(await rowsOf(b, 'd.t')).toHaveLength(3), patient);
    await using watch = watchLag({ source: a, target: b });
    await inSync(watch);
    await using lock = await locked(b, 'd.t');
    await a.query('UPDATE d.t SET v = 5 WHERE id = 1');
    for (let i = 0; i < 3; i++) await b.query(`CREATE DATABASE own${i}`);
    await vi.waitFor(
      async () => expect(await a.query(`SHOW DATABASES LIKE 'own2'`)).toHaveLength(1),
      patient,
    );
    await vi.waitFor(
      () => expect(watch.sample().lagMs, watch.sample().evidence).toBeGreaterThan(500),
      patient,
    );
    await lock.release();
    await inSync(watch);
  });

  test('older numbers that a binlog that is read in again brings are not taken for what the target has', async () => {
    await using stack = new AsyncDisposableStack();
    const [source, target] = (await servers(stack, ['--server-id=1'], ['--server-id=2'])) as [
      TestServer,
      TestServer,
    ];
    await replicate(target, source);
    await fill(source, 'a');
    await openTo('a', source, target);
    // As mysqlbinlog writes them: with the writer and the number of then.
    await source.query('SET server_id = 4711');
    await source.query('SET gtid_seq_no = 900');
    await source.query('UPDATE a.t SET v = 2 WHERE id = 1');
    await vi.waitFor(async () => {
      expect(await rowsOf(target, 'a.t')).toMatchObject([{ v: 2 }, {}, {}]);
    }, patient);
    await using watch = watchLag({ source, target }, [{ name: 'pair', source: 'source' }]);
    await inSync(watch);
    await using lock = await locked(target, 'a.t');
    await source.query('SET gtid_seq_no = 700');
    await source.query('UPDATE a.t SET v = 3 WHERE id = 1');
    const written = Date.now();
    await watch.samplesMore(30);
    await using later = watchLag({ source, target }, [{ name: 'pair', source: 'source' }]);
    await later.samplesMore(30);
    for (const seen of [watch, later]) {
      const said = provedAfter(written, seen.samples('pair')).filter(({ lagMs }) => lagMs === 0);
      expect(said.map(({ evidence }) => evidence)).toEqual([]);
    }
    expect(await checkOnce({ name: 'a', source, target }, { waitMs: inVainMs })).toMatchObject([
      { verdict: 'UNVERIFIED', reason: expect.stringMatching(/source does not have 0-4711-900/) as string },
    ]);
    await lock.release();
    await inSync(watch);
    expect(await checkOnce({ name: 'a', source, target })).toMatchObject([{ verdict: 'MATCH' }]);
  });

  test('after a promotion with RESET MASTER a target with the former numbers is not called in sync', async () => {
    await using stack = new AsyncDisposableStack();
    const [source, target] = (await servers(stack, [], [])) as [TestServer, TestServer];
    await replicate(target, source);
    await fill(source, 'd');
    await vi.waitFor(async () => expect(await rowsOf(target, 'd.t')).toHaveLength(3), patient);
    await target.query('STOP SLAVE');
    await target.query(`SET GLOBAL gtid_slave_pos = '0-4711-500'`);
    await source.query('RESET MASTER');
    await target.query('START SLAVE');
    await using lock = await locked(target, 'd.t');
    await source.query('UPDATE d.t SET v = 5 WHERE id = 1');
    await using watch = watchLag({ source, target });
    await vi.waitFor(() => expect(watch.samples('pair').length).toBeGreaterThan(15), patient);
    expect(watch.samples('pair').filter(({ lagMs }) => lagMs === 0)).toEqual([]);
    expect(watch.sample().evidence).toMatch(/0-4711-500, which is not of the source's history/);
    await lock.release();
  });
});

/** A table that nobody may write until it is released. */
async function locked(server: TestServer, table: string) {
  const connection = await server.connect();
  await connection.query(`LOCK TABLES ${table} READ`);
  const release = async () => {
    await connection.query('UNLOCK TABLES').catch(() => undefined);
    await connection.end().catch(() => undefined);
  };
  return { release, [Symbol.asyncDispose]: release };
}
