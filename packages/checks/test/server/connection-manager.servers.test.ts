import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { freePort, pausingProxy, startServer, type TestServer } from '@lockstep/servers';
import { patient, soonSilentMs, unhurriedMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ServerConfig } from '../../src/config.ts';
import { silent } from '../../src/log.ts';
import type { ServerState } from '../../src/model/server.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { connection, serverConfig } from '../support/config.ts';

function manage(server: ServerConfig, silentAfterMs = unhurriedMs) {
  const changes: ServerState[] = [];
  const manager = new ConnectionManager({
    servers: [server],
    connection: { ...connection, connectTimeoutMs: silentAfterMs },
    log: silent,
    onChange: (state) => changes.push(state),
  });
  onTestFinished(() => manager.stop());
  manager.start();
  return { manager, changes };
}

/** Listens on a port and passes connections on to wherever `to` says at that moment; resolves to the port. */
async function forward(port: number, to: () => number): Promise<number> {
  const door = createServer((client) => {
    const upstream = connect(to(), '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => client.destroy());
  });
  onTestFinished(() => void door.close());
  door.listen(port, '127.0.0.1');
  await once(door, 'listening');
  return (door.address() as AddressInfo).port;
}

describe.each(flavours)('on %s', (flavour) => {
  let handle: TestServer;
  /** Not started; `firstMs`, `mostMs`: the pauses between attempts, of which each is soon called silent. */
  const soonSilent = (firstMs: number, mostMs: number) => {
    const manager = new ConnectionManager({
      servers: [serverConfig('db', handle)],
      connection: {
        ...connection,
        connectTimeoutMs: soonSilentMs,
        attempts: 1,
        firstDelayMs: firstMs,
        maxDelayMs: mostMs,
      },
      log: silent,
      onChange: () => undefined,
    });
    onTestFinished(() => manager.stop());
    return manager;
  };
  beforeAll(async () => {
    handle = await startServer({ flavour });
  });
  afterAll(() => handle.remove());

  test('a server that is down at start is tried a few times, then called disconnected, and found when it comes', async () => {
    const port = await freePort();
    const { manager, changes } = manage({ ...serverConfig('late', handle), port });
    const late = manager.get('late');
    expect(late.state).toMatchObject({ connection: 'connecting', version: null, lastContact: null });
    await expect(late.query('SELECT 1')).rejects.toMatchObject({ kind: 'connection' });
    await vi.waitFor(() => expect(late.state.connection).toBe('disconnected'), patient);
    expect(changes.map(({ connection, attempts }) => [connection, attempts])).toEqual([
      ['connecting', 1],
      ['connecting', 2],
      ['disconnected', 3],
    ]);
    expect(changes[1]?.evidence).toMatch(/^attempt 2 of 3 failed: connection refused.+; next in 400 ms$/);
    await forward(port, () => handle.port);
    expect(await late.waitUntilConnected(patient.timeout)).toBe(true);
    expect(late.state).toMatchObject({ connection: 'connected', attempts: 0 });
  });

  test('a lost server is found again, by itself', async () => {
    const proxy = await pausingProxy(handle.port);
    onTestFinished(() => proxy.close());
    const { manager, changes } = manage(serverConfig('db', handle, proxy.port));
    const db = manager.get('db');
    expect(await db.waitUntilConnected(patient.timeout)).toBe(true);
    await handle.kill9();
    await vi.waitFor(() => expect(db.state.connection).toBe('disconnected'), patient);
    expect(db.state.lastContact).not.toBeNull();
    await handle.start();
    await vi.waitFor(() => expect(db.state).toMatchObject({ connection: 'connected', attempts: 0 }), patient);
    expect(changes.map(({ connection }) => connection).filter((c, i, all) => c !== all[i - 1])).toEqual([
      'connected',
      'connecting',
      'disconnected',
      'connected',
    ]);
    expect(await db.query('SELECT 1 AS one')).toHaveLength(1);
  });

  test('a server that was frozen is found in the moment it goes on, however long the pause before the next attempt', async () => {
    const manager = soonSilent(3_600_000, 3_600_000);
    await handle.freeze();
    try {
      manager.start();
      const db = manager.get('db');
      await vi.waitFor(() => expect(db.state.connection).toBe('disconnected'), patient);
      expect(db.state.evidence).toMatch(/^attempt 1 failed: no answer within .+; next in 1 h$/);
      handle.thaw();
      await vi.waitFor(
        () => expect(db.state).toMatchObject({ connection: 'connected', attempts: 0 }),
        patient,
      );
    } finally {
      handle.thaw();
    }
  });

  test('what is left open for an hour is tried at once when the configuration is taken up again', async () => {
    const manager = soonSilent(3_600_000, 3_600_000);
    await handle.freeze();
    try {
      manager.start();
      const db = manager.get('db');
      await vi.waitFor(() => expect(db.state.attempts).toBe(1), patient);
      db.tryNow();
      await vi.waitFor(() => expect(db.state.attempts).toBe(2), patient);
    } finally {
      handle.thaw();
    }
  });

  test('logins that a frozen server takes and does not answer come further and further apart, as it counts them once it goes on', async () => {
    const manager = soonSilent(100, 200);
    await handle.freeze();
    try {
      manager.start();
      const db = manager.get('db');
      await vi.waitFor(
        () => expect(db.state.evidence).toMatch(/no answer within .+; next in ([4-9]\d\d ms|[\d.]+ s)$/),
        patient,
      );
      handle.thaw();
      await vi.waitFor(() => expect(db.state.connection).toBe('connected'), patient);
    } finally {
      handle.thaw();
    }
  });

  test('a server that is started again is found at once, however long the pause before the next attempt', async () => {
    const port = await freePort();
    const manager = new ConnectionManager({
      servers: [{ ...serverConfig('late', handle), port }],
      connection: { ...connection, attempts: 1, firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 },
      log: silent,
      onChange: () => undefined,
    });
    onTestFinished(() => manager.stop());
    manager.start();
    const late = manager.get('late');
    await vi.waitFor(() => expect(late.state.connection).toBe('disconnected'), patient);
    await forward(port, () => handle.port);
    await vi.waitFor(
      () => expect(late.state).toMatchObject({ connection: 'connected', attempts: 0 }),
      patient,
    );
  });

  test('a frozen server rejects in time, is called lost, and stopping does not wait for it', async () => {
    const { manager } = manage(serverConfig('db', handle), soonSilentMs);
    const db = manager.get('db');
    await db.waitUntilConnected(patient.timeout);
    await handle.freeze();
    try {
      await expect(
        db.query('SELECT 1', [], { lane: 'sampler', timeoutMs: soonSilentMs }),
      ).rejects.toMatchObject({
        kind: 'timeout',
      });
      await vi.waitFor(() => expect(db.state.connection).not.toBe('connected'), patient);
      await manager.stop();
    } finally {
      handle.thaw();
    }
  });

  test('a server that becomes read-only, or writable, is noticed', async () => {
    const { manager, changes } = manage(serverConfig('db', handle));
    const db = manager.get('db');
    await db.waitUntilConnected(patient.timeout);
    expect(db.state.readOnly).toBe(false);
    await handle.query('SET GLOBAL read_only = 1');
    onTestFinished(() => handle.query('SET GLOBAL read_only = 0').then(() => undefined));
    await vi.waitFor(() => expect(changes.at(-1)?.readOnly).toBe(true), patient);
  });

  test('stopping ends statements in flight, here and on the server', async () => {
    const { manager } = manage(serverConfig('db', handle));
    const db = manager.get('db');
    await db.waitUntilConnected(patient.timeout);
    const query = db.query(`SELECT BENCHMARK(1000000000, SHA2('x', 256)) /* in flight */`);
    const outcome = expect(query).rejects.toMatchObject({ kind: 'cancelled' });
    const inFlight = async () =>
      (
        await handle.query(
          `SELECT 1 FROM information_schema.processlist WHERE info LIKE '%BENCHMARK(%/* in flight%' AND id <> CONNECTION_ID()`,
        )
      ).length;
    await vi.waitFor(async () => expect(await inFlight()).toBe(1), patient);
    await manager.stop();
    await outcome;
    await vi.waitFor(async () => expect(await inFlight()).toBe(0), patient);
  });

  test('a rotated password is read anew, and a refused login says so', async () => {
    await handle.query(`CREATE USER IF NOT EXISTS 'rotating'@'127.0.0.1' IDENTIFIED BY 'first'`);
    let password = 'wrong';
    const { manager } = manage({
      ...serverConfig('db', handle),
      user: 'rotating',
      password: () => Promise.resolve(password),
    });
    const db = manager.get('db');
    await vi.waitFor(() => expect(db.state.evidence).toContain('access denied for rotating'), patient);
    password = 'first';
    await vi.waitFor(() => expect(db.state.connection).toBe('connected'), patient);
    await handle.query(`ALTER USER 'rotating'@'127.0.0.1' IDENTIFIED BY 'second'`);
    password = 'second';
    // New connections use the new one; those that are open stay.
    await Promise.all([1, 2, 3].map(() => db.query('SELECT SLEEP(0.1)')));
    expect(db.state.connection).toBe('connected');
  });

  test('a password that cannot be read is said, in its own words', async () => {
    const { manager } = manage({
      ...serverConfig('db', handle),
      password: () => Promise.reject(new Error('cannot read /run/secrets/db: no such file')),
    });
    await vi.waitFor(
      () => expect(manager.get('db').state.evidence).toContain('cannot read /run/secrets/db: no such file'),
      patient,
    );
  });

  test('another server behind the same address is noticed', async () => {
    await using other = await startServer({ flavour });
    let to = handle.port;
    const port = await forward(0, () => to);
    await other.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
    await handle.query(`CREATE USER IF NOT EXISTS 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
    const { manager } = manage({
      ...serverConfig('vip', handle, port),
      user: 'same',
      password: () => Promise.resolve('pw'),
    });
    const vip = manager.get('vip');
    await vip.waitUntilConnected(patient.timeout);
    const before = vip.state.identity;
    to = other.port;
    await vi.waitFor(async () => {
      await vip.query('SELECT SLEEP(0)', [], { lane: 'sampler' }).catch(() => undefined);
      expect(vip.state.identity).not.toBe(before);
    }, patient);
    const [row] = await vip.query('SELECT @@port AS port');
    expect(Number(row?.['port'])).toBe(other.port);
  });
});
