import {
  caughtUp,
  replicate,
  type ServerHandle,
  startPair,
  startReplica,
  startServer,
  stopReplica,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { ReplicationBarrier } from '../../src/verify/settle/replication-barrier.ts';
import { type LagWatch, provedAfter, watchLag } from '../support/lag-watch.ts';

/** The status is read at the start, and then so seldom that whatever happens happens between two readings of it. */
const seldom = { statusIntervalMs: 60_000 };

async function inSync(watch: LagWatch): Promise<void> {
  await vi.waitFor(() => {
    expect(watch.state('pair').state).toBe('in-sync');
    expect(watch.sample().lagMs).toBe(0);
  }, patient);
}

/** What was said of what was written just now, once that is known to be seen. */
async function saidOf(watch: LagWatch, source: ServerHandle): Promise<(number | null)[]> {
  await source.query('UPDATE d.t SET v = v + 1');
  const written = Date.now();
  await watch.samplesMore(20);
  return provedAfter(written, watch.samples('pair')).map(({ lagMs }) => lagMs);
}

describe.each(flavours)('on %s', (flavour) => {
  test('a place in the binlog of another server, that the target was just pointed to, is none in its source’s', async () => {
    await using pair = await startPair({ flavour, gtid: false });
    const { source, target } = pair;
    const options = flavour === 'mysql' ? ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'] : [];
    await using other = await startServer({ flavour, options });
    // Its binlog has files of the same name, and more of them.
    for (let more = 0; more < 3; more++) await other.query('FLUSH BINARY LOGS');
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await source.query('INSERT INTO d.t VALUES (1, 1)');
    await using watch = watchLag({ source, target, other }, [{}], seldom);
    await inSync(watch);
    await stopReplica(target);
    await replicate(target, other, { gtid: false });
    await vi.waitFor(async () => {
      const [status] = await target.query(
        flavour === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS',
      );
      expect(status?.['Relay_Source_Log_File'] ?? status?.['Relay_Master_Log_File']).toMatch(/4$/);
    }, patient);
    expect(await saidOf(watch, source)).toEqual([]);
    expect(watch.sample().evidence).toContain(`it reads from 127.0.0.1:${other.port} now`);
    // The status may have been read in the moment in which it was stopped.
    await vi.waitFor(() => expect(watch.state('pair').state).toBe('unknown'), patient);
  });
});

async function dataOf(server: ServerHandle): Promise<void> {
  await server.query('CREATE DATABASE d');
  for (const table of ['t', 'other']) {
    await server.query(`CREATE TABLE d.${table} (id INT PRIMARY KEY, v INT)`);
    await server.query(`INSERT INTO d.${table} VALUES (1, 1)`);
  }
}

test.runIf(flavours.includes('mariadb'))(
  'a domain that the channel leaves out no longer is missing where it is, and waited for',
  async () => {
    await using pair = await startPair({ flavour: 'mariadb' });
    const { source, target } = pair;
    await dataOf(source);
    await caughtUp(source, target);
    await stopReplica(target);
    await target.query('CHANGE MASTER TO IGNORE_DOMAIN_IDS = (7)');
    await startReplica(target);
    await using watch = watchLag({ source, target }, [{}], seldom);
    await source.query('SET SESSION gtid_domain_id = 7');
    await source.query('UPDATE d.t SET v = v + 1');
    await inSync(watch);
    await stopReplica(target);
    await target.query('CHANGE MASTER TO IGNORE_DOMAIN_IDS = ()');
    await startReplica(target, 'io');
    expect(await saidOf(watch, source)).toEqual([]);
    const changed = 'which domains its channel leaves out';
    expect(watch.sample().evidence).toContain(changed);
    const { manager, service } = watch;
    const barrier = new ReplicationBarrier({
      source: manager.get('source'),
      target: manager.get('target'),
      route: () => service.route('pair'),
      waitMs: inVainMs,
      settleMs: 0,
    });
    const { signal } = new AbortController();
    const position = await barrier.sourcePosition(signal);
    await expect(barrier.untilTargetHas(position, signal)).rejects.toThrow(changed);
  },
);

test.runIf(flavours.includes('mysql'))(
  'a target that takes changes without GTIDs is not believed by those that it has, though its source has them for all',
  async () => {
    await using pair = await startPair({ flavour: 'mysql' });
    const { source, target } = pair;
    await dataOf(source);
    await caughtUp(source, target);
    await using watch = watchLag({ source, target }, [{}], seldom);
    await inSync(watch);
    await target.query('SET GLOBAL gtid_mode = ON_PERMISSIVE');
    expect(await saidOf(watch, source)).toEqual([]);
    expect(watch.sample().evidence).toContain(
      'with gtid_mode = ON_PERMISSIVE it takes changes without GTIDs, which may be on their way',
    );
  },
);

test.runIf(flavours.includes('mysql'))(
  'a source that begins to write without GTIDs is not matched by those that it has',
  async () => {
    await using pair = await startPair({ flavour: 'mysql' });
    const { source, target } = pair;
    await dataOf(source);
    await caughtUp(source, target);
    await using watch = watchLag({ source, target }, [{}], seldom);
    await inSync(watch);
    await stopReplica(target, 'sql');
    for (const mode of ['ON_PERMISSIVE', 'OFF_PERMISSIVE']) {
      for (const server of [target, source]) await server.query(`SET GLOBAL gtid_mode = ${mode}`);
    }
    expect(await saidOf(watch, source)).toEqual([]);
    expect(watch.sample().evidence).toContain(
      'with gtid_mode = OFF_PERMISSIVE the source may write without GTIDs',
    );
  },
);

describe.runIf(flavours.includes('mariadb'))('on mariadb, between two readings', () => {
  test('a channel that begins to take each domain for itself has a place that proves nothing', async () => {
    await using pair = await startPair({ flavour: 'mariadb', gtid: false });
    const { source, target } = pair;
    await dataOf(source);
    await using other = await source.connect();
    await other.query('SET SESSION gtid_domain_id = 7');
    await other.query('UPDATE d.other SET v = v + 1');
    await caughtUp(source, target);
    await using watch = watchLag({ source, target }, [{}], seldom);
    await inSync(watch);
    await stopReplica(target);
    await target.query('SET GLOBAL slave_parallel_threads = 4');
    await target.query('CHANGE MASTER TO MASTER_USE_GTID = slave_pos');
    await startReplica(target);
    await using holder = await target.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM d.t FOR UPDATE');
    await source.query('UPDATE d.t SET v = v + 1');
    const written = Date.now();
    await other.query('UPDATE d.other SET v = v + 1');
    await watch.samplesMore(20);
    expect(provedAfter(written, watch.samples('pair'))).toEqual([]);
    expect(watch.sample().evidence).toContain('takes each replication domain for itself');
  });

  test('a channel that goes past its source gets what that does not log, and is known to lack it', async () => {
    await using first = await startServer({ flavour: 'mariadb', options: ['--gtid-domain-id=1'] });
    const options = ['--gtid-domain-id=2', '--skip-log-slave-updates'];
    await using source = await startServer({ flavour: 'mariadb', options });
    await using target = await startServer({ flavour: 'mariadb', options: ['--gtid-domain-id=3'] });
    await dataOf(first);
    for (const replica of [source, target]) {
      await replicate(replica, first);
      await caughtUp(first, replica);
    }
    await stopReplica(target);
    await replicate(target, source);
    await source.query('CREATE TABLE d.own (id INT PRIMARY KEY)');
    await caughtUp(source, target);
    await using watch = watchLag({ source, target }, [{}], seldom);
    await inSync(watch);
    await stopReplica(target);
    await replicate(target, first);
    await stopReplica(target, 'sql');
    await first.query('UPDATE d.t SET v = v + 1');
    await caughtUp(first, source);
    const written = Date.now();
    await watch.samplesMore(20);
    expect(provedAfter(written, watch.samples('pair'))).toEqual([]);
    expect(watch.sample().evidence).toContain(`it reads from 127.0.0.1:${first.port} now`);
  });

  test('a target that was pointed to another server of the same server_id is not believed by its numbers', async () => {
    const options = ['--server-id=1'];
    await using source = await startServer({ flavour: 'mariadb', options });
    await using twin = await startServer({ flavour: 'mariadb', options });
    await using target = await startServer({ flavour: 'mariadb' });
    await replicate(target, source);
    for (const server of [source, twin]) await dataOf(server);
    for (let more = 0; more < 20; more++) await twin.query('UPDATE d.t SET v = v + 1');
    await caughtUp(source, target);
    await using watch = watchLag({ source, target }, [{}], seldom);
    await inSync(watch);
    await stopReplica(target);
    await replicate(target, twin);
    await caughtUp(twin, target);
    await watch.samplesMore(5);
    expect(await saidOf(watch, source)).toEqual([]);
    expect(watch.sample().evidence).toContain(
      'target has transactions of source that source itself does not have',
    );
  });
});
