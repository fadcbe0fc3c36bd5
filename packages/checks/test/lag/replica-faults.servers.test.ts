import {
  forgetSource,
  type PausingProxy,
  replicate,
  startReplica,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LagSample } from '../../src/model/lag.ts';
import { readSourcePosition } from '../../src/position/read-position.ts';
import { killSessions } from '../support/fault.ts';
import { type LagWatch, watchLag } from '../support/lag-watch.ts';
import { writtenPair } from '../support/written-pair.ts';

/** One pair for all tests, each of which leaves it as it was, but for the last. */
describe.each(flavours)('on %s', (flavour) => {
  let source: TestServer;
  let target: TestServer;
  let proxy: PausingProxy;
  let watch: LagWatch;

  const pair = writtenPair(flavour);
  const { write } = pair;
  beforeEach(async () => {
    ({ source, target, proxy } = pair);
    watch = watchLag({ source, target });
    await inSync();
  });
  afterEach(() => watch[Symbol.asyncDispose]());

  /** Proved in sync by samples that asked the source after this was called: older ones may not know the last write. */
  const inSync = async () => {
    const called = Date.now();
    await vi.waitFor(() => {
      expect(watch.state()).toMatchObject({ state: 'in-sync' });
      const { lagMs, transactionsBehind, at, uncertaintyMs } = watch.sample();
      expect({ lagMs, transactionsBehind }).toEqual({ lagMs: 0, transactionsBehind: 0 });
      expect(at.getTime() - (uncertaintyMs ?? Infinity)).toBeGreaterThan(called);
    }, patient);
  };

  /** Waits until the lag is longer than that and the rest of the state is as expected. */
  const lagging = (ms: number, expected: { state: string; attribution: string }) =>
    vi.waitFor(() => {
      expect(watch.sample().lagMs).toBeGreaterThan(ms);
      expect({ state: watch.state().state, attribution: watch.status().attribution }).toEqual(expected);
    }, patient);

  /** For what cuts sessions off: the next one needs time to get somewhere. */
  const rarely = { ...patient, interval: 1000 };

  test('what explains a state is told anew while the state lasts', async () => {
    await inSync();
    await stopReplica(target, 'sql');
    await write();
    await vi.waitFor(() => {
      const told = watch.states('pair').filter(({ state }) => state === 'stopped');
      expect(new Set(told.map(({ evidence }) => evidence)).size).toBeGreaterThan(2);
    }, patient);
    await startReplica(target, 'sql');
    await inSync();
  });

  test('an idle source is in sync, proved up to a moment ago', async () => {
    await inSync();
    await vi.waitFor(() => expect(watch.sample()).toMatchObject({ lagMs: 0, method: 'gtid' }), patient);
    await vi.waitFor(() => expect(watch.sample().uncertaintyMs ?? Infinity).toBeLessThan(5000), patient);
    await vi.waitFor(
      () => expect(watch.sample().evidence).toMatch(/^has all changes of source up to .+ ago$/),
      patient,
    );
    await vi.waitFor(
      () => expect(watch.status()).toMatchObject({ attribution: 'none', errant: '', errantCount: 0 }),
      patient,
    );
    expect(watch.status().channels).toMatchObject([
      { receiver: 'running', applier: 'running', usesGtid: true },
    ]);
    expect(watch.service.route('pair')).toMatchObject({
      kind: `${flavour}-gtid`,
      channel: '',
      stopped: null,
    });
  });

  test('a stopped applier: the lag grows from the first missing change on, and is the applier’s', async () => {
    await stopReplica(target, 'sql');
    const before = Date.now();
    await write();
    const after = Date.now();
    await write();
    await lagging(600, { state: 'stopped', attribution: 'applier' });
    const [earlier, { lagMs, uncertaintyMs, at }] = watch.samples('pair').slice(-2) as [LagSample, LagSample];
    // The target was asked some time between two samples; clocks of whole milliseconds.
    expect(lagMs).toBeLessThanOrEqual(at.getTime() - before + 1);
    expect((lagMs ?? 0) + (uncertaintyMs ?? 0)).toBeGreaterThanOrEqual(earlier.at.getTime() - after - 1);
    expect(watch.sample().transactionsBehind).toBe(2);
    expect(watch.sample().serverLagMs).toBeNull();
    expect(watch.state().evidence).toMatch(/^lag .+: the applier is stopped since .+ UTC$/);
    expect(watch.service.route('pair')?.stopped).toContain('the applier is stopped');
    await startReplica(target, 'sql');
    await inSync();
  });

  test('a stopped receiver: the lag is the receiver’s', async () => {
    await stopReplica(target, 'io');
    await write();
    await lagging(600, { state: 'stopped', attribution: 'receiver' });
    expect(watch.state().evidence).toContain('the receiver is stopped');
    await startReplica(target, 'io');
    await inSync();
  });

  test('a frozen link: the server itself says 0, the watermark does not', async () => {
    proxy.pause();
    await write();
    await lagging(1200, { state: 'lagging', attribution: 'link' });
    expect(watch.sample().serverLagMs).toBe(0);
    expect(watch.state().evidence).toContain('changes do not arrive, though the receiver runs');
    proxy.resume();
    await inSync();
  });

  test('an applier that waits for a lock lags though it runs, and a wrong clock changes nothing', async () => {
    const holder = await target.connect();
    await holder.query('LOCK TABLES d.t READ');
    await source.query('SET timestamp = UNIX_TIMESTAMP() - 3600');
    await write();
    await source.query('SET timestamp = DEFAULT');
    await lagging(1200, { state: 'lagging', attribution: 'applier' });
    await vi.waitFor(() => expect(watch.sample().serverLagMs).toBeGreaterThan(3_500_000), patient);
    expect(watch.sample().lagMs).toBeLessThan(1_800_000);
    expect(watch.state().evidence).toContain('wait for the applier');
    await holder.end();
    await inSync();
  });

  test('one huge transaction is one transaction behind, until it is there', async () => {
    await pair.makeHuge(60_000);
    await inSync();
    const from = watch.samples('pair').length;
    await pair.changeHuge();
    await vi.waitFor(() => {
      const lagged = watch
        .samples('pair')
        .slice(from)
        .filter(({ lagMs }) => lagMs !== null && lagMs > 0);
      expect(lagged.length).toBeGreaterThan(0);
      expect(lagged.map(({ transactionsBehind }) => transactionsBehind)).toEqual(lagged.map(() => 1));
    }, patient);
    await inSync();
  });

  test.runIf(flavour === 'mysql')('tagged GTIDs count like others', async () => {
    await stopReplica(target, 'sql');
    await source.query(`SET gtid_next = 'AUTOMATIC:lockstep'`);
    await write();
    await source.query(`SET gtid_next = 'AUTOMATIC'`);
    await write();
    await vi.waitFor(() => expect(watch.sample().transactionsBehind).toBe(2), patient);
    await startReplica(target, 'sql');
    await inSync();
    await vi.waitFor(() => expect(watch.status()).toMatchObject({ errant: '' }), patient);
  });

  test.runIf(flavour === 'mariadb')('a domain that the channel leaves out is not lag', async () => {
    await target.query('STOP SLAVE');
    await target.query('CHANGE MASTER TO IGNORE_DOMAIN_IDS = (7, 8)');
    await startReplica(target);
    await source.query('SET gtid_domain_id = 7');
    await source.query('CREATE TABLE d.ignored (id INT)');
    await source.query('SET gtid_domain_id = 0');
    await write();
    await inSync();
    await vi.waitFor(
      () =>
        expect(watch.status().channels?.[0]?.filters).toContainEqual({
          name: 'Replicate_Ignore_Domain_Ids',
          value: expect.stringMatching(/7.*8/) as string,
        }),
      patient,
    );
    const position = await readSourcePosition(watch.manager.get('source'), 'mariadb-gtid');
    expect(position?.text).toMatch(/,7-/);
    expect(position && watch.service.route('pair')?.replicated(position).text).toMatch(/^0-\d+-\d+$/);
  });

  test('an applier that failed is broken, with the error', async () => {
    await pair.obstruct();
    await write();
    await vi.waitFor(() => expect(watch.state().state).toBe('broken'), patient);
    expect(watch.state().evidence).toMatch(/the applier stopped on error 1062/);
    await pair.clear();
    await startReplica(target, 'sql');
    await inSync();
  });

  test('a write on the target is errant', async () => {
    await target.query('CREATE DATABASE errant');
    await vi.waitFor(() => expect(watch.status().errant).toMatch(/./), patient);
    const { errant, errantCount } = watch.status();
    if (flavour === 'mysql') {
      const [me] = await target.query<{ uuid: string }>('SELECT @@server_uuid AS uuid');
      expect({ errant, errantCount }).toEqual({ errant: `${me?.uuid}:1`, errantCount: 1 });
    } else {
      expect({ errant, errantCount }).toMatchObject({ errantCount: null });
      expect(errant).toMatch(new RegExp(`^0-${target.serverId}-\\d+$`));
    }
    // It does not count as something that the target has of the source.
    await write();
    await inSync();
    await pair.disown('errant');
  });

  test('a revoked privilege is named with the GRANT that mends it, and the lag goes on', async () => {
    const privilege = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR';
    const account = `'lockstep'@'127.0.0.1'`;
    await target.query('SET sql_log_bin = 0');
    await target.query(`REVOKE ${privilege} ON *.* FROM ${account}`);
    await vi.waitFor(async () => {
      await killSessions(target);
      expect(watch.server('target').missingPrivileges).toMatchObject([
        { feature: 'replication status', grant: `GRANT ${privilege} ON *.* TO ${account}` },
      ]);
    }, rarely);
    await vi.waitFor(() => expect(watch.sample().lagMs).toBe(0), patient);
    expect(watch.status()).toMatchObject({
      channels: null,
      evidence: expect.stringContaining(privilege.split(' ')[1] ?? '') as string,
    });
    await target.query(`GRANT ${privilege} ON *.* TO ${account}`);
    await target.query('SET sql_log_bin = 1');
    await vi.waitFor(async () => {
      await killSessions(target);
      expect(watch.server('target').missingPrivileges).toEqual([]);
    }, rarely);
    await inSync();
  });

  test('a delayed replica is delayed on purpose, as long as the delay is not exceeded', async () => {
    await pair.delay(3600);
    await write();
    await lagging(1200, { state: 'delayed', attribution: 'intended' });
    expect(watch.state().evidence).toMatch(/^delayed on purpose by 1 h: /);
    await pair.delay(0);
    await inSync();
  });

  test('replication that was reset has vanished; to one who never saw it, it is not configured', async () => {
    await forgetSource(target);
    await vi.waitFor(() => expect(watch.state().state).toBe('vanished'), patient);
    expect(watch.state().evidence).toBe(
      'replication was configured and is not any more: target is not a replica',
    );
    await vi.waitFor(() => expect(watch.sample()).toMatchObject({ lagMs: null, method: 'none' }), patient);
    await using newcomer = watchLag({ source, target });
    await vi.waitFor(() => expect(newcomer.state().state).toBe('not-configured'), patient);
    await replicate(target, source, { port: proxy.port });
  });

  test('a source that was reset is not matched with what the target has of its former history', async () => {
    await write();
    await inSync();
    await source.query(flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    await source.query('CREATE DATABASE anew');
    await vi.waitFor(() => {
      expect(watch.sample()).toMatchObject({ lagMs: null });
      expect(watch.sample().evidence).toContain('its history was reset or restored');
    }, patient);
    expect(watch.state().state).not.toBe('in-sync');
  });
});
