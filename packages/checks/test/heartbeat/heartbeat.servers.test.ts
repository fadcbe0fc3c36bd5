import { randomBytes } from 'node:crypto';
import { caughtUp, createMonitorUser, type ServerHandle, startReplica, stopReplica } from '@lockstep/servers';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HeartbeatConfig, PairConfig } from '../../src/config.ts';
import { HeartbeatManager } from '../../src/heartbeat/heartbeat-manager.ts';
import { silent } from '../../src/log.ts';
import type { HeartbeatReading } from '../../src/model/heartbeat.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { systemClock } from '../../src/time/clock.ts';
import { connection, pairConfig, serverConfig } from '../support/config.ts';
import { createHeartbeatTable, type HeartbeatWriter, writeHeartbeat } from '../support/heartbeat.ts';

const hour = 3_600_000;

describe.each(flavours)('a heartbeat on %s', (flavour) => {
  // Servers of which the target lives in another time zone.
  const pair = tendedPair({
    flavour,
    seed: ({ target }) => target.query(`SET GLOBAL time_zone = '+05:30'`),
  });

  /**
   * A schema of the test's own with the table that pt-heartbeat makes, readable on both servers unless said
   * otherwise.
   */
  async function schema(readableOn: ('source' | 'target')[] = ['source', 'target']): Promise<string> {
    const name = `hb_${randomBytes(6).toString('hex')}`;
    await pair.source.query(`CREATE DATABASE ${name}`);
    onTestFinished(async () => {
      await pair.source.query(`DROP DATABASE IF EXISTS ${name}`);
    });
    await createHeartbeatTable(pair.source, `${name}.heartbeat`);
    await caughtUp(pair.source, pair.target);
    for (const side of readableOn) await createMonitorUser(pair[side], [name]);
    return name;
  }

  /** Beats until the test ends. */
  async function beating(
    name: string,
    changes: { serverId?: number; aheadMs?: number } = {},
  ): Promise<HeartbeatWriter> {
    const writer = await writeHeartbeat(pair.source, `${name}.heartbeat`, { serverId: 7, ...changes });
    onTestFinished(() => writer.stop());
    return writer;
  }

  function watch(
    config: Partial<HeartbeatConfig> & { table: string },
    pairs: Partial<PairConfig>[] = [{}],
    clock = systemClock,
  ) {
    const manager = new ConnectionManager({
      servers: [serverConfig('source', pair.source), serverConfig('target', pair.target)],
      connection,
      log: silent,
      onChange: () => undefined,
    });
    const readings: HeartbeatReading[] = [];
    const service = new HeartbeatManager({
      manager,
      pairs: pairs.map((changes) =>
        pairConfig([], { heartbeat: { utc: false, serverId: null, intervalMs: 100, ...config }, ...changes }),
      ),
      timeoutMs: unhurriedMs,
      silenceMs: 2000,
      clock,
      onReading: (reading) => readings.push(reading),
    });
    manager.start();
    service.start();
    onTestFinished(async () => {
      service.stop();
      await manager.stop();
    });
    const latest = (): HeartbeatReading => {
      const reading = readings.at(-1);
      if (!reading) throw new Error('nothing was read yet');
      return reading;
    };
    return { manager, service, readings, latest };
  }

  test.each([
    ['in UTC', 0, true],
    ['in a time zone ahead', 9 * hour, false],
    ['by a clock that is five minutes slow', -300_000, false],
  ])('that is written %s is read as no lag while the target follows', async (_name, aheadMs, utc) => {
    const name = await schema();
    await beating(name, { aheadMs });
    const { latest } = watch({ table: `${name}.heartbeat`, utc });
    await vi.waitFor(
      () => expect(latest()).toMatchObject({ lagMs: 0, clock: 'writer', serverId: '7' }),
      patient,
    );
    const { uncertaintyMs, intervalMs, beat, evidence } = latest();
    expect(uncertaintyMs).toBeGreaterThan(0);
    expect(uncertaintyMs).toBeLessThan(60_000);
    expect(intervalMs).toBeGreaterThan(100);
    expect(beat).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(evidence).toMatch(
      /^target has every heartbeat up to .* ago; one comes every [^;]+; by the clock that writes it$/,
    );
  });

  test('tells how far behind a target is whose applier stopped, and that it has caught up', async () => {
    const name = await schema();
    await beating(name);
    const { latest } = watch({ table: `${name}.heartbeat` });
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
    await stopReplica(pair.target, 'sql');
    try {
      await vi.waitFor(() => expect(latest().lagMs).toBeGreaterThan(1000), patient);
      const { lagMs, uncertaintyMs, evidence, beat, at } = latest();
      // The writer's clock is this process's own, so what is lacking came after the last beat that the target has.
      const [row] = await pair.target.query(`SELECT ts FROM ${name}.heartbeat`);
      expect(row).toEqual({ ts: beat });
      expect(lagMs).toBeLessThan(at.getTime() - Date.parse(`${beat}Z`));
      expect((lagMs ?? 0) + (uncertaintyMs ?? 0)).toBeGreaterThan(1000);
      expect(evidence).toMatch(/^the oldest heartbeat that target lacks is .* to .* old; /);
    } finally {
      await startReplica(pair.target);
    }
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
  });

  test('is not younger for the sleep of a machine that was suspended', async () => {
    const name = await schema();
    const writer = await beating(name);
    let sleptMs = 0;
    const clock = { now: () => systemClock.now(), wall: () => new Date(Date.now() + sleptMs) };
    const { latest, readings } = watch({ table: `${name}.heartbeat` }, [{}], clock);
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
    await stopReplica(pair.target, 'sql');
    try {
      await vi.waitFor(() => expect(latest().lagMs).toBeGreaterThan(500), patient);
      const from = readings.length;
      writer.aheadMs = sleptMs = hour;
      await vi.waitFor(() => {
        expect(readings.length).toBeGreaterThan(from);
        expect(latest().lagMs).toBeGreaterThanOrEqual(hour);
      }, patient);
      const atMost = readings
        .slice(from)
        .map(({ lagMs, uncertaintyMs }) => (lagMs === null ? null : lagMs + (uncertaintyMs ?? Infinity)));
      expect(atMost.filter((ms) => ms !== null && ms < hour)).toEqual([]);
    } finally {
      await startReplica(pair.target);
    }
  });

  test('knows how far behind a target is that stopped before the watch began', async () => {
    const name = await schema();
    await beating(name);
    await caughtUp(pair.source, pair.target);
    await stopReplica(pair.target, 'sql');
    try {
      const had = await lastBeat(pair.target, name);
      await vi.waitFor(
        async () => expect(await lastBeat(pair.source, name)).toBeGreaterThan(had + 1500),
        patient,
      );
      const { latest } = watch({ table: `${name}.heartbeat` });
      await vi.waitFor(() => expect(latest().lagMs).toBeGreaterThan(1000), patient);
      expect(latest().lagMs).toBeLessThan(Date.now() - had);
    } finally {
      await startReplica(pair.target);
    }
  });

  test('that is not written any more is unknown, not lag', async () => {
    const name = await schema();
    const writer = await beating(name);
    const { latest, readings } = watch({ table: `${name}.heartbeat` });
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
    await writer.stop();
    await caughtUp(pair.source, pair.target);
    const from = readings.length;
    await vi.waitFor(
      () =>
        expect(latest().evidence).toMatch(
          /^unknown: the heartbeat on source has not been written for ([2-9]|\d\d)/,
        ),
      patient,
    );
    expect(latest().lagMs).toBeNull();
    // Nothing was lacking any more, so none of the readings said so, but for the one that was under way.
    expect(readings.slice(from + 1).filter(({ lagMs }) => lagMs !== null && lagMs > 0)).toEqual([]);
  });

  test('that was never written while it was watched is unknown', async () => {
    const name = await schema();
    await pair.source.query(`INSERT INTO ${name}.heartbeat (ts, server_id) VALUES (NOW(), 7)`);
    const { latest, readings } = watch({ table: `${name}.heartbeat` });
    await vi.waitFor(
      () =>
        expect(latest().evidence).toContain(
          'the heartbeat on source has not been written since it is watched',
        ),
      patient,
    );
    expect(readings.filter(({ lagMs }) => lagMs !== null)).toEqual([]);
  });

  test('whose writer’s clock is set is unknown until the target has one that was written since', async () => {
    const name = await schema();
    const writer = await beating(name);
    const { latest } = watch({ table: `${name}.heartbeat` });
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
    await stopReplica(pair.target, 'sql');
    try {
      writer.aheadMs = -hour;
      await vi.waitFor(
        () => expect(latest().evidence).toContain('the clock that writes the heartbeat was set'),
        patient,
      );
    } finally {
      await startReplica(pair.target);
    }
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
    expect((latest().uncertaintyMs ?? hour) < 60_000).toBe(true);
  });

  test('that a target had before it was written is not believed, for as long as it has that one', async () => {
    const name = await schema();
    await beating(name);
    const { latest, readings } = watch({ table: `${name}.heartbeat` });
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
    await stopReplica(pair.target, 'sql');
    try {
      const [row] = await pair.source.query<{ ts: string }>(`SELECT ts FROM ${name}.heartbeat`);
      const written = Date.parse(`${row?.ts.slice(0, 23)}Z`) + 3000;
      const ahead = new Date(written).toISOString().replace('Z', '000');
      await pair.target.query('SET sql_log_bin = 0');
      await pair.target.query(`UPDATE ${name}.heartbeat SET ts = ?`, [ahead]);
      const from = () => readings.filter(({ beat }) => beat === ahead);
      await vi.waitFor(() => expect(from().at(-1)?.at.getTime()).toBeGreaterThan(written), patient);
      expect(from().at(-1)?.evidence).toContain('was ahead of the clock that writes the one on source');
      expect(from().map(({ lagMs }) => lagMs)).not.toContain(0);
    } finally {
      await pair.target.query('SET sql_log_bin = 1');
      await startReplica(pair.target, 'sql');
    }
    await vi.waitFor(() => expect(latest().lagMs).toBe(0), patient);
  });

  test('that may not be read on the source is measured by the target’s clock, and says so', async () => {
    const name = await schema(['target']);
    await beating(name);
    const { latest } = watch({ table: `${name}.heartbeat`, utc: true });
    await vi.waitFor(() => expect(latest()).toMatchObject({ clock: 'target' }), patient);
    expect(latest().lagMs).toBeLessThan(hour);
    expect(latest().evidence).toMatch(
      /by the clock of target, which must agree with the one that writes it, because on source it cannot be read: .*denied.*GRANT SELECT ON `.*`\.`heartbeat` TO 'lockstep'@'127\.0\.0\.1'/,
    );
    await stopReplica(pair.target, 'sql');
    try {
      // Without the source's row, a target that stands still looks the same as a heartbeat that nobody writes.
      await vi.waitFor(() => expect(latest().evidence).toContain('cannot be told from lag'), patient);
      expect(latest().lagMs).toBeNull();
    } finally {
      await startReplica(pair.target);
    }
  });

  test('that is ahead of the target’s clock, where that is all there is, is unknown', async () => {
    const name = await schema(['target']);
    await beating(name, { aheadMs: 2 * hour });
    const { latest } = watch({ table: `${name}.heartbeat`, utc: true });
    await vi.waitFor(
      () => expect(latest().evidence).toMatch(/^unknown: the heartbeat on target is 2 h ahead of its clock/),
      patient,
    );
  });

  test('is read by the row of the source, or by the one that is asked for, or says that it needs to be told', async () => {
    const name = await schema();
    const [row] = await pair.source.query<{ id: number }>('SELECT @@server_id AS id');
    const own = Number(row?.id);
    await beating(name, { serverId: 7 });
    await beating(name, { serverId: 8, aheadMs: hour });
    const table = `${name}.heartbeat`;
    const unsure = watch({ table });
    await vi.waitFor(
      () =>
        expect(unsure.latest().evidence).toContain(
          'there are rows of the servers 7, 8, none of them the source',
        ),
      patient,
    );
    const asked = watch({ table, serverId: '8' });
    await vi.waitFor(() => expect(asked.latest()).toMatchObject({ lagMs: 0, serverId: '8' }), patient);
    const absent = watch({ table, serverId: '9' });
    await vi.waitFor(
      () => expect(absent.latest().evidence).toBe('unknown: there is no row of server 9, only of 7, 8'),
      patient,
    );
    await beating(name, { serverId: own });
    await vi.waitFor(
      () => expect(unsure.latest()).toMatchObject({ lagMs: 0, serverId: String(own) }),
      patient,
    );
  });

  test('whose table is missing, empty or forbidden on the target says what would mend it', async () => {
    const name = await schema();
    const missing = watch({ table: `${name}.heart_beat` });
    await vi.waitFor(
      () => expect(missing.latest().evidence).toMatch(/^unknown: .*doesn't exist \(1146\)$/),
      patient,
    );
    const empty = watch({ table: `${name}.heartbeat` });
    await vi.waitFor(() => expect(empty.latest().evidence).toMatch(/^unknown: the table is empty/), patient);

    const forbidden = await schema(['source']);
    await beating(forbidden);
    const watched = watch({ table: `${forbidden}.heartbeat` });
    const grant = `GRANT SELECT ON \`${forbidden}\`.\`heartbeat\` TO 'lockstep'@'127.0.0.1'`;
    await vi.waitFor(() => expect(watched.latest().evidence).toContain(`denied`), patient);
    expect(watched.latest().evidence).toContain(grant);
    expect(watched.latest().lagMs).toBeNull();
    const privileges = () => watched.manager.get('target').state.missingPrivileges;
    expect(privileges()).toMatchObject([{ feature: `heartbeat ${forbidden}.heartbeat`, grant }]);

    await pair.target.query(`SET sql_log_bin = 0; ${grant}`);
    await vi.waitFor(() => expect(watched.latest().lagMs).toBe(0), patient);
    expect(privileges()).toEqual([]);
  });

  test('is read once on each server, however many pairs share it', async () => {
    const name = await schema();
    await beating(name);
    const { service, readings } = watch({ table: `${name}.heartbeat` }, [{ name: 'one' }, { name: 'two' }]);
    expect(service.readers).toBe(2);
    await vi.waitFor(() => {
      for (const pairName of ['one', 'two']) {
        expect(readings.findLast(({ pair: of }) => of === pairName)?.lagMs).toBe(0);
      }
    }, patient);
  });
});

/** When the newest beat that a server has was written, by this machine's clock. */
async function lastBeat(server: ServerHandle, schema: string): Promise<number> {
  const [row] = await server.query<{ ts: string }>(`SELECT ts FROM ${schema}.heartbeat`);
  return Date.parse(`${row?.ts}Z`);
}
