import dns from 'node:dns';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import {
  createMonitorUser,
  pausingProxy,
  type ServerHandle,
  startPair,
  startReplica,
  type TestServer,
} from '@lockstep/servers';
import { patient, soonSilentMs } from '@lockstep/servers/patience';
import { flavours, tendedPair } from '@lockstep/servers/vitest';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { killSessions, shutOut, watchForFaults } from '../support/fault.ts';

/** One pair for all; every test leaves it as it was. */
describe.each(flavours)('on %s', (flavour) => {
  let source: TestServer;
  let target: TestServer;

  const pair = tendedPair({
    flavour,
    seed: async ({ source, target }) => {
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
      await source.query('INSERT INTO d.t VALUES (1), (2), (3)');
      for (const handle of [source, target]) await createMonitorUser(handle, ['d']);
    },
  });
  beforeEach(() => ({ source, target } = pair));

  test('a killed source makes the lag unknown, never 0', async () => {
    await using watched = watchForFaults({ servers: { source, target } });
    await watched.lives({
      happens: () => source.kill9(),
      state: 'unknown',
      evidence: /source.*: attempt 3 failed: connection refused/,
      alert: 'connection-lost',
      meanwhile: (engine) => vi.waitFor(() => expect(engine.pair('pair')?.lag?.lagMs).toBeNull(), patient),
      ends: async () => {
        await source.start();
        await startReplica(target);
      },
    });
  });

  test('a frozen target makes the lag unknown', async () => {
    await using watched = watchForFaults({ servers: { source, target }, silentAfterMs: soonSilentMs });
    await watched.lives({
      happens: () => target.freeze(),
      state: 'unknown',
      evidence: /target.*: attempt 3 failed: no answer within/,
      alert: 'connection-lost',
      meanwhile: (engine) => vi.waitFor(() => expect(engine.pair('pair')?.lag?.lagMs).toBeNull(), patient),
      ends: () => target.thaw(),
    });
  });

  test('a link that swallows everything is as good as none', async () => {
    const proxy = await pausingProxy(target.port);
    onTestFinished(() => proxy.close());
    await using watched = watchForFaults({
      servers: { source, target },
      reach: { target: { port: proxy.port } },
      silentAfterMs: soonSilentMs,
    });
    await watched.lives({
      happens: () => proxy.pause(),
      state: 'unknown',
      evidence: /target.*: attempt 3 failed: no answer within/,
      alert: 'connection-lost',
      ends: () => {
        // The server would keep what its peer has left behind; a link that comes back tells it.
        proxy.resume();
        proxy.cut();
      },
    });
  });

  test('a host name that stops resolving is named once connections are lost', async () => {
    let known = true;
    const system = dns.lookup;
    const lookup = ((host: string, options: object, found: (...answer: unknown[]) => void) => {
      if (host !== 'db1.lockstep.test') return system(host, options, found as never);
      const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
      if (!known) process.nextTick(found, error);
      else if ('all' in options && options.all) {
        process.nextTick(found, null, [{ address: '127.0.0.1', family: 4 }]);
      } else process.nextTick(found, null, '127.0.0.1', 4);
    }) as typeof dns.lookup;
    vi.spyOn(dns, 'lookup').mockImplementation(lookup);
    onTestFinished(() => void vi.restoreAllMocks());
    await using watched = watchForFaults({
      servers: { source, target },
      reach: { source: { host: 'db1.lockstep.test' } },
    });
    await watched.lives({
      happens: () => {
        known = false;
        return shutOut(watched.engine, 'source', source);
      },
      state: 'unknown',
      evidence: /source.*: attempt 3 failed: the host name is not known \(ENOTFOUND\)/,
      alert: 'connection-lost',
      ends: () => (known = true),
    });
  });

  test('a server with too many connections is said to have them', async () => {
    await using watched = watchForFaults({ servers: { source, target } });
    await watched.healthy();
    const fillers = await Promise.all(Array.from({ length: 14 }, () => source.connect()));
    await watched.lives({
      happens: async () => {
        await source.query('SET GLOBAL max_connections = 10');
        await shutOut(watched.engine, 'source', source);
      },
      state: 'unknown',
      evidence: /source.*: attempt 3 failed: it has too many connections.+1040/,
      alert: 'connection-lost',
      ends: async () => {
        await source.query('SET GLOBAL max_connections = 200');
        for (const filler of fillers) filler.destroy();
      },
    });
  });

  test('a server that blocks this host after failed connections says how to unblock it', async (context) => {
    await using own = await startPair({
      flavour,
      // Without name resolution no server counts failures; and it never counts those of 127.0.0.1.
      options: ['--skip-name-resolve=OFF', '--max-connect-errors=2'],
    });
    const { monitor } = own.source;
    await own.source.query('SET sql_log_bin = 0');
    await own.source.query(`CREATE USER '${monitor.user}'@'127.0.0.2' IDENTIFIED BY '${monitor.password}'`);
    await own.source.query('SET sql_log_bin = 1');
    const port = await forwardFrom('127.0.0.2', own.source.port);
    await using watched = watchForFaults({
      servers: { source: own.source, target: own.target },
      reach: { source: { port } },
    });
    const blocked = async () => {
      for (let failures = 0; failures < 4; failures++) await failToLogIn(port);
      const [row] = await own.source.query<{ errors: number }>(
        `SELECT SUM_CONNECT_ERRORS AS errors FROM performance_schema.host_cache WHERE IP = '127.0.0.2'`,
      );
      return flavour === 'mariadb' || Number(row?.errors) > 0;
    };
    if (!(await blocked())) return context.skip('this machine’s name service keeps hosts from being counted');
    const unblock = () =>
      own.source.query(flavour === 'mysql' ? 'TRUNCATE performance_schema.host_cache' : 'FLUSH HOSTS');
    await unblock();
    await watched.lives({
      happens: async () => {
        await blocked();
        await shutOut(watched.engine, 'source', own.source);
      },
      state: 'unknown',
      evidence:
        /source.*: attempt 3 failed: it blocks this host after failed connections; .+unblocks it \(1129/,
      alert: 'connection-lost',
      ends: unblock,
    });
  });

  test('a password that was rotated on the server is read anew', async () => {
    let password = source.monitor.password;
    await using watched = watchForFaults({
      servers: { source, target },
      reach: { source: { password: () => Promise.resolve(password) } },
    });
    const rotateTo = async (next: string) => {
      await source.query('SET sql_log_bin = 0');
      await source.query(`ALTER USER 'lockstep'@'127.0.0.1' IDENTIFIED BY '${next}'`);
      await source.query('SET sql_log_bin = 1');
    };
    await watched.lives({
      happens: async () => {
        await rotateTo('rotated');
        await shutOut(watched.engine, 'source', source);
      },
      state: 'unknown',
      evidence: /source.*: attempt 3 failed: access denied for lockstep/,
      alert: 'connection-lost',
      ends: () => (password = 'rotated'),
    });
    await rotateTo(source.monitor.password);
  });

  const checks = {
    checksum: { enabled: true, schedule: { everyMs: 3_600_000 }, method: 'rows' },
    consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' },
  } as const;

  test('connections that are killed in mid-query are replaced, and what they asked is asked again', async () => {
    const slow = { match: '*', ignoreColumns: [], maskColumns: [], method: null, where: 'SLEEP(0.3) = 0' };
    await using watched = watchForFaults({
      servers: { source, target },
      pair: { tables: { include: ['d.t'], exclude: [], overrides: [slow] }, checks },
    });
    await watched.lives({
      happens: () =>
        vi.waitFor(
          async () => {
            const { engine } = watched;
            if (engine.activeRuns().length === 0) engine.startRun('pair', 'checksum', null, 'me');
            await killSleepers(source);
            const firing = engine.alerts({ states: ['firing'] }, { limit: 9 }).items;
            expect(firing.map(({ rule }) => rule)).toContain('connection-unstable');
          },
          { ...patient, interval: 700 },
        ),
      state: 'in-sync',
      shown: (engine) => engine.servers()[0]?.broken?.message,
      evidence: /source .+(connection was killed|server closed the connection)/,
      alert: 'connection-unstable',
      // A run in which too many were killed has failed; the next has not.
      ends: () => {
        if (watched.engine.activeRuns().length === 0) watched.engine.startRun('pair', 'checksum', null, 'me');
      },
    });
    await vi.waitFor(
      () =>
        expect(watched.engine.runs({}, { limit: 1 }).items).toMatchObject([
          { state: 'finished', verdicts: { MATCH: 1 } },
        ]),
      patient,
    );
  });

  test('a server with another identity is another server, whose data is to be verified anew', async () => {
    await using watched = watchForFaults({
      servers: { source, target },
      pair: { tables: { include: ['d.t'], exclude: [], overrides: [] }, checks },
    });
    await vi.waitFor(() => expect(watched.engine.pair('pair')?.tables.match).toBe(1), patient);
    await watched.lives({
      happens: async () => {
        if (flavour === 'mysql') {
          await source.stop();
          await rm(join(source.dataDir, 'auto.cnf'));
          await source.start();
        } else {
          await source.query(`SET GLOBAL server_id = ${source.serverId + 1}`);
          const threads = await source.query<{ Id: number; Command: string }>('SHOW PROCESSLIST');
          for (const { Id, Command } of threads) {
            if (Command.startsWith('Binlog Dump')) await source.query('KILL ?', [Id]);
          }
          await killSessions(source);
        }
        await startReplica(target).catch(() => undefined);
      },
      state: 'in-sync',
      shown: (engine) => (engine.servers()[0]?.replaced ? 'another server answers' : ''),
      evidence: /another server answers|the server_(uu)?id of source .+ it was .+ before/,
      alert: 'server-replaced',
      // One that begins before the status was read again cannot tell yet.
      ends: () =>
        vi.waitFor(async () => {
          const { id } = watched.engine.startRun('pair', 'checksum', null, 'me');
          await vi.waitFor(() => expect(watched.engine.run(id)?.finishedAt).toBeTruthy(), patient);
          expect(watched.engine.run(id)?.verdicts).toEqual({ MATCH: 1 });
        }, patient),
    });
  });
});

/** Kills connections of Lockstep's while their statements sleep. */
async function killSleepers(handle: ServerHandle): Promise<void> {
  const sleepers = await handle.query<{ id: number }>(
    `SELECT id FROM information_schema.processlist
     WHERE user = 'lockstep' AND info LIKE '%SLEEP(0.3)%' AND state LIKE '%sleep%'`,
  );
  for (const { id } of sleepers) await handle.query('KILL ?', [id]).catch(() => undefined);
}

/** A port whose connections reach the other one from another address of this machine. */
async function forwardFrom(localAddress: string, to: number): Promise<number> {
  const door = createServer((client) => {
    const upstream = connect({ port: to, host: '127.0.0.1', localAddress });
    // However one of the two ends, so does the other.
    pipeline(client, upstream, client, () => undefined);
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return (door.address() as AddressInfo).port;
}

/** Says something to the server that is no login. */
async function failToLogIn(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end('this is no login at all'));
  await once(socket, 'close');
}
