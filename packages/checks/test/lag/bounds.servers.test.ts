import { type OwnPair, pausingProxy, startPair } from '@lockstep/servers';
import { patienceMs, patient, soonSilentMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { provedAfter, watchLag } from '../support/lag-watch.ts';
import { letCommitsGo, stallCommits } from '../support/semi-sync.ts';

describe.each(flavours)('on %s', (flavour) => {
  let pair: OwnPair;
  beforeAll(async () => {
    pair = await startPair({ flavour });
    await pair.source.query('CREATE DATABASE d');
    await pair.source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await pair.source.query('INSERT INTO d.t VALUES (1, 1)');
  });
  afterAll(() => pair.remove());

  test('a source that only Lockstep did not reach for a while is not taken for one that wrote nothing', async () => {
    const proxy = await pausingProxy(pair.source.port);
    await using watch = watchLag({ source: pair.source, target: pair.target }, [{}], {
      ports: { source: proxy.port },
      silentAfterMs: soonSilentMs,
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const lock = await pair.target.connect();
    await lock.query('LOCK TABLES d.t READ');
    proxy.pause();
    await pair.source.query('UPDATE d.t SET v = v + 1');
    await watch.samplesMore(40);
    const from = watch.samples('pair').length;
    const told = watch.states('pair').length;
    proxy.resume();
    await vi.waitFor(() => {
      expect(watch.samples('pair').slice(from)).toContainEqual(
        expect.objectContaining({ lagMs: expect.any(Number) as number }),
      );
      expect(watch.state().state).toBe('lagging');
    }, patient);
    expect(
      watch
        .states('pair')
        .slice(told)
        .map(({ state }) => state),
    ).not.toContain('in-sync');
    await lock.query('UNLOCK TABLES');
    await lock.end();
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await proxy.close();
  });

  test.runIf(flavour === 'mysql')(
    'what a source sent and still commits is neither lost by it nor errant on the target',
    async () => {
      await using watch = watchLag({ source: pair.source, target: pair.target });
      await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
      await stallCommits(pair.source, patienceMs);
      const connection = await pair.source.connect();
      const commit = connection.query('UPDATE d.t SET v = v + 1');
      const from = watch.samples('pair').length;
      await watch.samplesMore(30);
      await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
      const unknown = watch
        .samples('pair')
        .slice(from)
        .filter(({ lagMs }) => lagMs === null);
      // A busy machine is silent for a moment, which is another reason.
      const doubts = unknown.filter(({ evidence }) => !evidence.includes('source has not answered for'));
      expect(doubts).toEqual([]);
      await letCommitsGo(pair.source);
      await commit;
      await connection.end();
    },
  );

  test.runIf(flavour === 'mysql')(
    'what only the target has is shown while commits of the source wait, without those',
    async () => {
      await using own = await startPair({ flavour });
      const { source, target } = own;
      await using watch = watchLag({ source, target });
      await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
      await stallCommits(source, 60_000);
      const connection = await source.connect();
      const commit = connection.query('CREATE DATABASE d');
      await vi.waitFor(
        async () => expect(await target.query(`SHOW DATABASES LIKE 'd'`)).toHaveLength(1),
        patient,
      );
      await target.query('CREATE DATABASE errant');
      const [{ uuid } = {}] = await target.query('SELECT @@server_uuid AS uuid');
      await vi.waitFor(() => expect(watch.status()).toMatchObject({ errantCount: 1 }), patient);
      expect(watch.status().errant).toMatch(new RegExp(`^${String(uuid)}:\\d+$`));
      expect(watch.sample().lagMs).not.toBeNull();
      await letCommitsGo(source);
      await commit;
      await connection.end();
    },
  );

  test.runIf(flavour === 'mysql')(
    'a history that the source lost before the watch is doubted while its commits wait',
    async () => {
      await using own = await startPair({ flavour });
      await own.source.query('CREATE DATABASE d');
      for (let i = 0; i < 30; i++) await own.source.query(`CREATE DATABASE d${i}`);
      await vi.waitFor(
        async () => expect(await own.target.query(`SHOW DATABASES LIKE 'd29'`)).toHaveLength(1),
        patient,
      );
      await own.source.query('RESET BINARY LOGS AND GTIDS');
      await stallCommits(own.source, 60_000);
      const connection = await own.source.connect();
      const commit = connection.query('CREATE DATABASE anew');
      await vi.waitFor(async () => {
        const [{ owned } = {}] = await own.source.query('SELECT @@global.gtid_owned AS owned');
        expect(owned).not.toBe('');
      }, patient);
      await using watch = watchLag({ source: own.source, target: own.target });
      await vi.waitFor(
        () => expect(watch.sample().evidence).toMatch(/history was reset or restored/),
        patient,
      );
      await letCommitsGo(own.source);
      await commit;
      await connection.end();
    },
  );

  test('a source whose history was reset is doubted at once, and until both histories were compared', async () => {
    // More than it will have when it is seen again: what is written anew before anybody looks hides that it was reset.
    for (let i = 0; i < 100; i++) await pair.source.query('UPDATE d.t SET v = v + 1');
    await using watch = watchLag({ source: pair.source, target: pair.target }, [{}], {
      statusIntervalMs: 2000,
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
    await pair.source.query(flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    for (let i = 0; i < 20; i++) await pair.source.query('UPDATE d.t SET v = v + 1');
    const reset = Date.now();
    await watch.samplesMore(70);
    expect(provedAfter(reset, watch.samples('pair')).map(({ evidence }) => evidence)).toEqual([]);
    expect(watch.sample().evidence).toMatch(/its history was reset or restored/);
  });

  test('a reset source is believed again by a target that was set up anew, however short it had less', async () => {
    await using own = await startPair({ flavour });
    const { source, target } = own;
    const write = async (times: number) => {
      for (let i = 0; i < times; i++) await source.query('UPDATE d.t SET v = v + 1');
    };
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await source.query('INSERT INTO d.t VALUES (1, 1)');
    await write(20);
    await using watch = watchLag({ source, target }, [{}], { statusIntervalMs: 2000 });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const mysql = flavour === 'mysql';
    const reset = mysql ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER';
    await source.query(reset);
    await write(1);
    await vi.waitFor(() => expect(watch.sample().evidence).toMatch(/history was reset/), patient);
    await target.query(mysql ? 'STOP REPLICA' : 'STOP SLAVE');
    await write(50);
    await target.query(reset);
    if (!mysql) await target.query(`SET GLOBAL gtid_slave_pos = ''`);
    const looks = watch.samples('pair').length;
    await vi.waitFor(() => expect(watch.samples('pair').length).toBeGreaterThan(looks + 3), patient);
    const position = mysql ? '@@global.gtid_executed' : '@@global.gtid_binlog_pos';
    const [{ now } = {}] = await source.query(`SELECT ${position} AS now`);
    await target.query(`SET GLOBAL ${mysql ? 'gtid_purged' : 'gtid_slave_pos'} = '${String(now)}'`);
    await target.query(mysql ? 'START REPLICA' : 'START SLAVE');
    await vi.waitFor(() => expect(watch.state().state, watch.state().evidence).toBe('in-sync'), patient);
  });
});
