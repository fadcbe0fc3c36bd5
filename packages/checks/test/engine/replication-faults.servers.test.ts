import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  forgetSource,
  type PausingProxy,
  replicate,
  startReplica,
  startServer,
  steppedClock,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { killSessions, noChecks, watchForFaults } from '../support/fault.ts';
import { writtenPair } from '../support/written-pair.ts';

/** One pair for all; every test leaves it as it was. */
describe.each(flavours)('on %s', (flavour) => {
  let source: TestServer;
  let target: TestServer;
  let proxy: PausingProxy;

  const pair = writtenPair(flavour);
  const { write, adoptPosition } = pair;
  beforeEach(() => ({ source, target, proxy } = pair));

  const watch = () => watchForFaults({ servers: { source, target } });
  const endDumps = async () => {
    const threads = await source.query<{ Id: number; Command: string }>('SHOW PROCESSLIST');
    for (const { Id, Command } of threads) {
      if (Command.startsWith('Binlog Dump')) await source.query('KILL ?', [Id]).catch(() => undefined);
    }
  };
  /** The state's sentence before the status was read again and after it, and the alert's. */
  const lagOf = (cause: string) =>
    new RegExp(
      `^lag .+: (${cause}|.+ of source (is|are) missing; where|the oldest change of source that is missing)`,
    );

  test('an idle source is in sync, and no alert', async () => {
    // Periods in which a busy machine's stall is no reason to call the servers silent.
    const lag = { sampleIntervalMs: 3000, statusIntervalMs: 3000, timeoutMs: unhurriedMs };
    await using watched = watchForFaults({
      servers: { source, target },
      // Whether a lag has come to less than a period, nobody knows who looks once a period.
      pair: { lag: { warningMs: 30_000, criticalMs: 3_600_000, forMs: 0 } },
      config: { lag },
    });
    await watched.healthy();
    const from = new Date();
    for (let looks = 0; looks < 2; looks++) await watched.healthy();
    // That an alert of before is over comes when it was written down.
    const events = watched.engine.events('pair', { from, to: new Date() });
    expect(events.filter(({ kind }) => kind !== 'alert')).toEqual([]);
    const { items } = watched.engine.alerts({}, { limit: 10 });
    expect(items.filter(({ startedAt }) => startedAt > from)).toEqual([]);
  });

  test('a replica that is pointed at another server is not taken for one of the source’s', async () => {
    await using other = await startServer({ flavour });
    await replicate(other, source);
    await using watched = watch();
    await watched.lives({
      happens: async () => {
        await stopReplica(target);
        await replicate(target, other);
      },
      state: 'in-sync',
      evidence: new RegExp(`reads from 127\\.0\\.0\\.1:${other.port}, not from source itself any more since`),
      alert: 'replication-repointed',
      ends: async () => {
        await stopReplica(target);
        await replicate(target, source, { port: proxy.port });
      },
    });
  });

  test('a stopped applier is stopped, with the lag', async () => {
    await using watched = watch();
    await watched.lives({
      happens: async () => {
        await stopReplica(target, 'sql');
        await write();
      },
      state: 'stopped',
      evidence: /^lag .+: the applier is stopped/,
      alert: 'replication-stopped',
      ends: () => startReplica(target, 'sql'),
    });
  });

  test('a stopped receiver is stopped, though the target’s own figure says nothing', async () => {
    await using watched = watch();
    await watched.lives({
      happens: () => stopReplica(target, 'io'),
      state: 'stopped',
      evidence: /the receiver is stopped/,
      alert: 'replication-stopped',
      ends: () => startReplica(target, 'io'),
    });
  });

  test('a frozen link is lag that arises on the link', async () => {
    await using watched = watch();
    await watched.lives({
      happens: () => {
        proxy.pause();
        return write();
      },
      state: 'lagging',
      evidence: lagOf('changes do not arrive, though the receiver runs'),
      alert: 'lag',
      meanwhile: (engine) =>
        vi.waitFor(() => {
          expect(engine.pair('pair')?.replication?.attribution).toBe('link');
          expect(engine.pair('pair')?.evidence).toContain('changes do not arrive, though the receiver runs');
        }, patient),
      ends: () => proxy.resume(),
    });
  });

  test('a link that refuses is a replica that cannot reach its source', async () => {
    await using watched = watch();
    await watched.lives({
      happens: () => proxy.refuse(),
      state: 'connecting',
      evidence: /the receiver cannot reach 127\.0\.0\.1:\d+ \(error \d+/,
      alert: 'replication-stopped',
      ends: () => proxy.accept(),
    });
  });

  test('an applier that waits for a lock is lag that arises there', async () => {
    await using watched = watch();
    const holder = await target.connect();
    await watched.lives({
      happens: async () => {
        await holder.query('LOCK TABLES d.t READ');
        await write();
      },
      state: 'lagging',
      evidence: lagOf('changes have arrived and wait for the applier'),
      alert: 'lag',
      meanwhile: (engine) =>
        vi.waitFor(() => {
          expect(engine.pair('pair')?.replication?.attribution).toBe('applier');
          expect(engine.pair('pair')?.evidence).toContain('changes have arrived and wait for the applier');
        }, patient),
      ends: () => holder.end(),
    });
  });

  test('one huge transaction is lag of one transaction, until it is there', async () => {
    await pair.makeHuge(120_000);
    await using watched = watch();
    await watched.lives({
      happens: () => pair.changeHuge(),
      state: 'lagging',
      evidence: /lag /,
      alert: 'lag',
      ends: () => undefined,
    });
    await source.query('DROP TABLE d.huge');
  });

  test('an applier that failed is broken, with the error', async () => {
    await using watched = watch();
    await watched.lives({
      happens: async () => {
        await pair.obstruct();
        await write();
      },
      state: 'broken',
      evidence: /the applier stopped on error 1062/,
      alert: 'replication-broken',
      ends: async () => {
        await pair.clear();
        await startReplica(target, 'sql');
      },
    });
  });

  test('a delayed replica is delayed on purpose, which is no alert until it is later than that', async () => {
    await using watched = watch();
    await watched.healthy();
    await pair.delay(3600);
    const from = new Date();
    await write();
    await vi.waitFor(() => {
      const pair = watched.engine.pair('pair');
      expect(pair?.state).toBe('delayed');
      expect(pair?.evidence).toMatch(/^delayed on purpose by 1 h: the oldest change .+ missing/);
      const events = watched.engine.events('pair', { from: new Date(0), to: new Date() });
      expect(events.map(({ state }) => state)).toContain('delayed');
    }, patient);
    await vi.waitFor(() => expect(watched.engine.pair('pair')?.lag?.lagMs).toBeGreaterThan(1000), patient);
    await watched.nothingLasts();
    const since = watched.engine
      .alerts({}, { limit: 100 })
      .items.filter(({ startedAt }) => startedAt >= from);
    expect(since.map(({ rule }) => rule)).not.toContain('lag');
    await pair.delay(0);
    await watched.healthy();
  });

  test('replication that was reset has vanished', async () => {
    await using watched = watch();
    await watched.lives({
      happens: () => forgetSource(target),
      state: 'vanished',
      evidence: /^replication was configured and is not any more: target is not a replica$/,
      alert: 'replication-missing',
      ends: () => replicate(target, source, { port: proxy.port }),
    });
  });

  test('a write on the target is errant, counted and listed', async () => {
    await using watched = watch();
    const writer = new RegExp(flavour === 'mysql' ? '[0-9a-f-]{36}:1' : `0-${target.serverId}-\\d+`);
    await watched.lives({
      happens: () => target.query('CREATE DATABASE errant'),
      state: 'in-sync',
      shown: (engine) => engine.pair('pair')?.replication?.errant,
      evidence: writer,
      alert: 'errant-transactions',
      ends: () => pair.disown('errant'),
    });
  });

  test('a binlog that was purged before the target had it breaks replication, with the error', async () => {
    await using watched = watch();
    await watched.lives({
      happens: async () => {
        await stopReplica(target);
        await write();
        await source.query('FLUSH BINARY LOGS');
        const logs = await source.query<{ Log_name: string }>('SHOW BINARY LOGS');
        await write();
        const newest = logs.at(-1)?.Log_name ?? '';
        await vi.waitFor(async () => {
          // A thread that still serves a replica which has gone keeps its file.
          await endDumps();
          await source.query('PURGE BINARY LOGS TO ?', [newest]);
          const [first] = await source.query<{ Log_name: string }>('SHOW BINARY LOGS');
          expect(first?.Log_name).toBe(newest);
        }, patient);
        await startReplica(target, 'sql');
        await target.query(flavour === 'mysql' ? 'START REPLICA' : 'START SLAVE');
      },
      state: 'broken',
      evidence: /the receiver stopped on error (1236|13114)/,
      alert: 'replication-broken',
      ends: async () => {
        // As after a new copy of the source.
        await stopReplica(target);
        await target.query('SET sql_log_bin = 0');
        const missing = await source.query<{ id: number }>('SELECT id FROM d.t');
        for (const { id } of missing) await target.query('REPLACE INTO d.t VALUES (?, 0)', [id]);
        await target.query('SET sql_log_bin = 1');
        await adoptPosition();
        await startReplica(target);
      },
    });
  });

  test('a source whose binlog was reset breaks replication, and what the target has of its former history is no match', async () => {
    await using watched = watch();
    await write();
    await watched.lives({
      happens: async () => {
        await source.query(flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
        // Behind the same numbers are other transactions now.
        await write();
      },
      state: 'broken',
      evidence: /the receiver stopped on error/,
      alert: 'replication-broken',
      meanwhile: (engine) =>
        vi.waitFor(
          () => expect(engine.pair('pair')?.lag?.evidence).toContain('its history was reset or restored'),
          patient,
        ),
      ends: async () => {
        await forgetSource(target);
        await target.query('SET sql_log_bin = 0');
        await target.query('REPLACE INTO d.t VALUES (?, 0)', [pair.lastRow()]);
        await target.query('SET sql_log_bin = 1');
        if (flavour === 'mariadb') await target.query('RESET MASTER');
        await adoptPosition();
        await replicate(target, source, { port: proxy.port });
      },
    });
  });

  test('of two channels one that is stopped is the matter of its own pair', async () => {
    const [a, b, both] = await Promise.all([1, 2, 3].map(() => startServer({ flavour })));
    if (!a || !b || !both) throw new Error('unreachable');
    await using started = new AsyncDisposableStack();
    for (const server of [a, b, both]) started.use(server);
    // In one domain two writers would not be ordered.
    if (flavour === 'mariadb') await b.query('SET GLOBAL gtid_domain_id = 2');
    await replicate(both, a, { channel: 'from-a' });
    await replicate(both, b, { channel: 'from-b' });
    const other = pairConfig([], { name: 'other', source: 'b', target: 'both', checks: noChecks });
    await using watched = watchForFaults({
      servers: { a, b, both },
      pair: { source: 'a', target: 'both' },
      others: [other],
    });
    const from = new Date();
    await watched.lives({
      // One thread: both stop one after the other, and a status read in between is another sentence.
      happens: () => stopReplica(both, 'io', 'from-a'),
      state: 'stopped',
      evidence: /the receiver is stopped/,
      alert: 'replication-stopped',
      meanwhile: async (engine) => {
        // On a busy machine any pair may be unknown for a moment; none may take over another's fault.
        await vi.waitFor(() => expect(engine.pair('other')?.state).toBe('in-sync'), patient);
        const { items } = engine.alerts({ pair: 'other' }, { limit: 9 });
        expect(items.filter(({ rule }) => rule.startsWith('replication'))).toEqual([]);
        const events = engine.events('other', { from, to: new Date() });
        expect(events.filter(({ state }) => state === 'stopped' || state === 'broken')).toEqual([]);
      },
      ends: () => startReplica(both, 'io', 'from-a'),
    });
  });

  test('a revoked privilege is named with the GRANT that mends it, and the lag goes on', async () => {
    const privilege = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR';
    const account = `'lockstep'@'127.0.0.1'`;
    await using watched = watch();
    await target.query('SET sql_log_bin = 0');
    await watched.lives({
      happens: async () => {
        await target.query(`REVOKE ${privilege} ON *.* FROM ${account}`);
        await killSessions(target);
      },
      state: 'in-sync',
      shown: (engine) => engine.servers().flatMap(({ missingPrivileges }) => missingPrivileges)[0]?.grant,
      evidence: new RegExp(`GRANT ${privilege} ON \\*\\.\\* TO '`),
      alert: 'privilege-missing',
      meanwhile: (engine) => vi.waitFor(() => expect(engine.pair('pair')?.lag?.lagMs).toBe(0), patient),
      ends: async () => {
        await target.query(`GRANT ${privilege} ON *.* TO ${account}`);
        await killSessions(target);
      },
    });
    await target.query('SET sql_log_bin = 1');
  });

  test('a clock that is set by an hour is told, and moves no lag', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-clock-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const clock = await steppedClock(folder);
    if (!clock) return context.skip('libfaketime is not on this machine and could not be fetched');
    await using master = await startServer({ flavour });
    await using stepped = await startServer({ flavour, env: clock.env });
    await replicate(stepped, master);
    await master.query('CREATE DATABASE d');
    await using watched = watchForFaults({ servers: { source: master, target: stepped } });
    // Forth on one flavour and back on the other, for it takes a while to be noticed.
    const [seconds, where] = flavour === 'mariadb' ? ([-3600, 'back'] as const) : ([3600, 'ahead'] as const);
    const from = new Date();
    await watched.lives({
      happens: () => clock.stepTo(seconds),
      state: 'in-sync',
      shown: (engine) => {
        const ahead = engine.servers()[1]?.clockAheadMs ?? 0;
        return Math.abs(ahead - seconds * 1000) < 10_000 ? `its clock moved 1 h ${where}` : ahead;
      },
      evidence:
        flavour === 'mariadb'
          ? /its clock moved .+ back|is 1 h behind/
          : /its clock moved .+ ahead|is 1 h ahead of/,
      alert: 'clock-wrong',
      meanwhile: () => master.query('CREATE TABLE d.t (id INT)'),
      ends: () => clock.stepTo(0),
    });
    const [lag] = watched.engine.lagHistory('pair', { from, to: new Date(), maxPoints: 1 });
    expect(lag?.maxMs).toBeLessThan(1_800_000);
  });

  test('a target that is suddenly writable is noticed', async () => {
    await target.query('SET GLOBAL read_only = 1');
    await using watched = watch();
    await watched.lives({
      happens: () => target.query('SET GLOBAL read_only = 0'),
      state: 'in-sync',
      shown: (engine) => (engine.servers()[1]?.readOnly === false ? 'target is writable' : ''),
      evidence: /target(, the target,)? is writable/,
      alert: 'read-only-changed',
      ends: () => target.query('SET GLOBAL read_only = 1'),
    });
    await target.query('SET GLOBAL read_only = 0');
  });

  test('a source that is suddenly read-only is noticed', async () => {
    await using watched = watch();
    await watched.lives({
      happens: () => source.query('SET GLOBAL read_only = 1'),
      state: 'in-sync',
      shown: (engine) => (engine.servers()[0]?.readOnly === true ? 'source is read-only' : ''),
      evidence: /source(, the source,)? is read-only/,
      alert: 'read-only-changed',
      ends: () => source.query('SET GLOBAL read_only = 0'),
    });
  });
});
