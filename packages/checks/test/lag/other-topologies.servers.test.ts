import {
  caughtUp,
  forgetSource,
  replicate,
  startPair,
  startReplica,
  startServer,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { watchLag } from '../support/lag-watch.ts';

async function forget(server: TestServer): Promise<void> {
  const [all, name] =
    server.flavour === 'mysql'
      ? (['SHOW REPLICA STATUS', 'Channel_Name'] as const)
      : (['SHOW ALL SLAVES STATUS', 'Connection_name'] as const);
  for (const channel of await server.query(all)) await forgetSource(server, String(channel[name]));
}

async function empty(server: TestServer): Promise<void> {
  await server.query('SET sql_log_bin = 0');
  for (const { name } of await server.query<{ name: string }>(
    `SELECT schema_name AS name FROM information_schema.schemata
     WHERE schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')`,
  )) {
    await server.query(`DROP DATABASE ${name}`);
  }
  if (server.flavour === 'mysql') await server.query('RESET BINARY LOGS AND GTIDS');
  else {
    await server.query('SET GLOBAL gtid_domain_id = 0');
    await server.query('RESET MASTER');
    await server.query(`SET GLOBAL gtid_slave_pos = ''`);
  }
  server.disconnect();
}

describe.each(flavours)('on %s', (flavour) => {
  const started: TestServer[] = [];
  afterAll(() => Promise.all(started.map((server) => server.remove())));

  /** Servers that replicate from nobody and have neither data nor a history; the next test gets the same ones. */
  async function fresh(): Promise<[TestServer, TestServer, TestServer, TestServer]> {
    const missing = Array.from({ length: 4 - started.length });
    for (const result of await Promise.allSettled(missing.map(() => startServer({ flavour })))) {
      if (result.status === 'rejected') throw result.reason;
      started.push(result.value);
    }
    await Promise.all(started.map(forget));
    await Promise.all(started.map(empty));
    return started as [TestServer, TestServer, TestServer, TestServer];
  }

  test('without GTIDs binlog file and offset tell the lag', async () => {
    await using pair = await startPair({ flavour, gtid: false });
    await using watch = watchLag({ source: pair.source, target: pair.target });
    const inSync = () => {
      const called = Date.now();
      return vi.waitFor(() => {
        const sample = watch.sample();
        expect(sample).toMatchObject({ lagMs: 0, method: 'file', transactionsBehind: null });
        expect(sample.at.getTime() - (sample.uncertaintyMs ?? Infinity)).toBeGreaterThan(called);
        expect(watch.state().state).toBe('in-sync');
      }, patient);
    };
    await pair.source.query('CREATE DATABASE d');
    await inSync();
    expect(watch.service.route('pair')).toMatchObject({ kind: 'file', channel: '' });
    await stopReplica(pair.target, 'sql');
    await pair.source.query('FLUSH BINARY LOGS');
    await pair.source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    await vi.waitFor(() => {
      expect(watch.sample()).toMatchObject({ method: 'file' });
      expect(watch.sample().lagMs).toBeGreaterThan(500);
      expect(watch.status().attribution).toBe('applier');
    }, patient);
    await startReplica(pair.target, 'sql');
    await inSync();
    await pair.source.query('FLUSH BINARY LOGS');
    await inSync();
  });

  test('two channels: each pair follows its own', async () => {
    const [a, , target, b] = await fresh();
    // In one domain two writers would not be ordered.
    if (flavour === 'mariadb') await b.query('SET GLOBAL gtid_domain_id = 2');
    b.disconnect();
    await replicate(target, a, { channel: 'from-a' });
    await replicate(target, b, { channel: 'from-b' });
    await a.query('CREATE DATABASE a');
    await b.query('CREATE DATABASE b');
    await using watch = watchLag({ a, b, target }, [
      { name: 'a', source: 'a' },
      { name: 'b', source: 'b' },
    ]);
    const bothInSync = () =>
      vi.waitFor(() => {
        for (const pair of ['a', 'b']) {
          expect(watch.state(pair).state).toBe('in-sync');
          expect(watch.sample(pair).lagMs).toBe(0);
          expect(watch.status(pair)).toMatchObject({ errant: '' });
        }
      }, patient);
    await bothInSync();
    expect(watch.service.route('b')).toMatchObject({ kind: `${flavour}-gtid`, channel: 'from-b' });
    for (const pair of ['a', 'b']) {
      expect(watch.status(pair).channels).toHaveLength(2);
      expect(watch.status(pair).channel).toMatchObject({ name: `from-${pair}`, applier: 'running' });
    }
    await stopReplica(target, 'both', 'from-b');
    await b.query('CREATE TABLE b.t (id INT)');
    await vi.waitFor(() => {
      expect(watch.state('b').state).toBe('stopped');
      expect(watch.sample('b').lagMs).toBeGreaterThan(300);
    }, patient);
    expect(watch.state('a').state).toBe('in-sync');
    expect(watch.status('a').channel).toMatchObject({ receiver: 'running', applier: 'running' });
    expect(watch.status('b').channel).toMatchObject({ receiver: 'stopped', applier: 'stopped' });
    await startReplica(target, 'both', 'from-b');
    await bothInSync();
  });

  test('a target with several channels of which none reads from the source needs the name of one, and says so', async () => {
    const [source, relay, target, other] = await fresh();
    if (flavour === 'mariadb') await other.query('SET GLOBAL gtid_domain_id = 2');
    other.disconnect();
    await replicate(relay, source);
    await replicate(target, relay, { channel: 'from-relay' });
    await replicate(target, other, { channel: 'from-other' });
    await source.query('CREATE DATABASE a');
    await using watch = watchLag({ source, relay, target }, [
      { name: 'unnamed' },
      { name: 'named', channel: 'from-relay' },
      { name: 'nobody', source: 'target', target: 'source' },
    ]);
    await vi.waitFor(() => {
      expect(watch.state('unnamed')).toMatchObject({
        state: 'unknown',
        evidence: expect.stringMatching(
          /channels "from-other", "from-relay", none of which reads from source: name the pair's channel/,
        ) as string,
      });
      expect(watch.state('named')).toMatchObject({ state: 'in-sync' });
      expect(watch.state('nobody')).toMatchObject({ state: 'not-configured' });
    }, patient);
    expect(watch.sample('unnamed').lagMs).toBeNull();
  });

  test('through a relay the lag is the whole way’s', async () => {
    const [source, relay, target] = await fresh();
    await replicate(relay, source);
    await replicate(target, relay);
    await source.query('CREATE DATABASE d');
    await using watch = watchLag({ source, relay, target }, [{}, { name: 'second half', source: 'relay' }]);
    await vi.waitFor(() => {
      expect(watch.state().state).toBe('in-sync');
      expect(watch.state('second half').state).toBe('in-sync');
    }, patient);
    expect(watch.status().evidence).toContain('not from source itself');
    await stopReplica(relay, 'io');
    await source.query('CREATE TABLE d.t (id INT)');
    await vi.waitFor(() => {
      expect(watch.sample().lagMs).toBeGreaterThan(500);
      expect(watch.sample()).toMatchObject({ transactionsBehind: 1 });
      expect(watch.status().attribution).toBe('link');
    }, patient);
    expect(watch.sample('second half').lagMs).toBe(0);
  });

  test('after a switchover the former source need not apply what it wrote itself', async () => {
    const [former, current] = await fresh();
    await replicate(current, former);
    await former.query('CREATE DATABASE d');
    await caughtUp(former, current);
    await forgetSource(current);
    if (flavour === 'mysql') await replicate(former, current);
    else {
      await former.query(`CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${current.port}, MASTER_USER='replica',
        MASTER_PASSWORD='${current.replication.password}', MASTER_USE_GTID=current_pos`);
      await startReplica(former);
    }
    await using watch = watchLag({ source: current, target: former });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    expect(watch.sample()).toMatchObject({ lagMs: 0, method: 'gtid' });
    await vi.waitFor(() => expect(watch.status().errant).toBe(''), patient);
    await stopReplica(former, 'sql');
    await current.query('CREATE TABLE d.t (id INT)');
    await vi.waitFor(() => expect(watch.sample().lagMs).toBeGreaterThan(300), patient);
    expect(watch.sample().method).toBe('gtid');
  });
});
