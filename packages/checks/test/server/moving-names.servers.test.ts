import { startServer, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConnectionConfig } from '../../src/config.ts';
import { silent } from '../../src/log.ts';
import type { ServerState } from '../../src/model/server.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { connection, serverConfig } from '../support/config.ts';
import { forward } from '../support/forward.ts';

/** As it is told. */
const flavourName = { mysql: 'MySQL', mariadb: 'MariaDB' };

describe.each(flavours)('on %s', (flavour) => {
  let servers: TestServer[];
  beforeAll(async () => {
    servers = await Promise.all([startServer({ flavour }), startServer({ flavour })]);
    for (const server of servers) await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
  });
  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  /** `from`: as whom the server sees who connects. */
  const manage = async (
    to: () => TestServer,
    changes: Partial<ConnectionConfig>,
    from: () => string = () => '127.0.0.1',
  ) => {
    const led: number[] = [];
    const address = await forward(() => {
      led.push(to().port);
      return { port: led.at(-1)!, host: '127.0.0.1', localAddress: from() };
    });
    const states: ServerState[] = [];
    const manager = new ConnectionManager({
      servers: [
        {
          ...serverConfig('vip', servers[0]!, address.port),
          user: 'same',
          password: () => Promise.resolve('pw'),
        },
      ],
      connection: { ...connection, healthIntervalMs: 100, ...changes },
      log: silent,
      onChange: (state) => states.push(state),
    });
    onTestFinished(() => manager.stop());
    manager.start();
    return { vip: manager.get('vip'), states, led };
  };

  const portOf = (answer: { port?: unknown }[]) => Number(answer[0]?.port);
  const quick = 'SELECT @@port AS port';

  test('a name that moves is told as moved, once, though the old connections live', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    let to = first;
    const { vip, states, led } = await manage(() => to, { renewMs: 200 });
    await vip.waitUntilConnected(patient.timeout);
    const before = vip.state.identity;
    expect(portOf(await vip.query(quick, [], { lane: 'sampler' }))).toBe(first.port);
    to = second;
    // The sampler's connection is never idle, and nothing breaks it.
    await vi.waitFor(async () => {
      const answer = await vip.query(quick, [], { lane: 'sampler' }).catch(() => []);
      expect(portOf(answer)).toBe(second.port);
    }, patient);
    expect(vip.state).toMatchObject({ connection: 'connected', replaced: { before } });
    const opened = led.length;
    await vi.waitFor(() => expect(led.length).toBeGreaterThan(opened + 3), patient);
    expect(new Set(states.map(({ replaced }) => replaced?.at.getTime()).filter(Boolean)).size).toBe(1);
  });

  test.runIf(flavours.length > 1)(
    'what a name leads to is told anew when it moves to another product',
    async () => {
      const first = servers[0]!;
      await using other = await startServer({ flavour: flavour === 'mysql' ? 'mariadb' : 'mysql' });
      await other.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      let to: TestServer = first;
      const { vip, states } = await manage(() => to, { renewMs: 100 });
      await vip.waitUntilConnected(patient.timeout);
      const said = `connected to ${flavourName[flavour]} ${first.version.join('.')}`;
      expect(vip.state.evidence).toContain(said);
      to = other;
      await vi.waitFor(() => expect(vip.state.flavour).toBe(other.flavour), patient);
      expect(vip.state.evidence).toContain(
        `connected to ${flavourName[other.flavour]} ${other.version.join('.')}`,
      );
      const since = states.filter((state) => state.flavour === other.flavour);
      expect(since.filter(({ evidence }) => evidence.includes(said))).toEqual([]);
    },
  );

  test('of a name that moves to a server that turns the login away nothing is told by the old connections', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    let to = first;
    const { vip } = await manage(() => to, { renewMs: 100 });
    await vip.waitUntilConnected(patient.timeout);
    const ask = () => vip.query(quick, [], { lane: 'sampler' });
    expect(portOf(await ask())).toBe(first.port);
    await second.query(`ALTER USER 'same'@'127.0.0.1' IDENTIFIED BY 'another'`);
    onTestFinished(async () => void (await second.query(`ALTER USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`)));
    to = second;
    await vi.waitFor(() => expect(vip.state.evidence).toContain('access denied for same'), patient);
    await expect(ask()).rejects.toMatchObject({ kind: 'connection' });
  });

  test('of a name that moves to a server that has blocked the account nothing is told by the old connections', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    let to = first;
    const { vip } = await manage(() => to, { renewMs: 100 });
    await vip.waitUntilConnected(patient.timeout);
    const ask = () => vip.query(quick, [], { lane: 'sampler' });
    expect(portOf(await ask())).toBe(first.port);
    const [block, unblock] =
      flavour === 'mysql'
        ? [
            'FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME 1',
            'FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0',
          ].map((how) => `ALTER USER 'same'@'127.0.0.1' ${how}`)
        : ['SET GLOBAL max_password_errors = 1', 'SET GLOBAL max_password_errors = DEFAULT'];
    await second.query(block!);
    onTestFinished(async () => {
      await second.query(unblock!);
      await second.query('FLUSH PRIVILEGES');
    });
    const wrong = {
      ...serverConfig('wrong', second),
      user: 'same',
      password: () => Promise.resolve('wrong'),
    };
    for (let i = 0; i < 2; i++) {
      const limits = { lockWaitSeconds: 5, statementMs: 5000 };
      const { signal } = new AbortController();
      await expect(SqlConnection.open(wrong, limits, patient.timeout, signal)).rejects.toThrow();
    }
    to = second;
    await vi.waitFor(() => expect(vip.state.evidence).toMatch(/is blocked/), patient);
    await expect(ask()).rejects.toMatchObject({ kind: 'connection' });
  });

  test('of a name that moves to a server that lets nobody in from here nothing is told by the old connections', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    let to = first;
    const { vip } = await manage(
      () => to,
      { renewMs: 100 },
      () => (to === first ? '127.0.0.1' : '127.0.0.9'),
    );
    await vip.waitUntilConnected(patient.timeout);
    const ask = () => vip.query(quick, [], { lane: 'sampler' });
    expect(portOf(await ask())).toBe(first.port);
    to = second;
    await vi.waitFor(() => expect(vip.state.evidence).toContain('does not allow connections'), patient);
    await expect(ask()).rejects.toMatchObject({ kind: 'connection' });
  });

  test('a name that balances is said in one sentence with its remedy, and left alone', async () => {
    let turn = 0;
    const { vip, states, led } = await manage(() => servers[turn++ % 2]!, {
      renewMs: 200,
      leftAloneMs: 3_600_000,
    });
    const asking = new AbortController();
    onTestFinished(() => asking.abort());
    await vi.waitFor(async () => {
      await Promise.allSettled([vip.query(quick), vip.query(quick, [], { lane: 'sampler' })]);
      expect(vip.state.evidence).toMatch(
        new RegExp(
          `each connection leads to another server \\(2 seen: .+:${servers
            .map(({ port }) => port)
            .sort()
            .join(', .+:')}\\): a name that balances; name instances; next in 1 h$`,
        ),
      );
    }, patient);
    expect(vip.state).toMatchObject({ connection: 'disconnected', replaced: null });
    const opened = led.length;
    // Four answers tell it, and with each may be on their way on a busy machine: one of the checks, one of the sampler,
    // two of the status, and one in the place of another.
    expect(opened).toBeLessThanOrEqual(4 * 5);
    const told = states.length;
    // Nobody who asks, and asks again, opens any more.
    for (let i = 0; i < 20; i++) {
      await expect(vip.query(quick)).rejects.toMatchObject({
        message: expect.stringContaining('name instances') as string,
      });
    }
    expect([led.length, states.length]).toEqual([opened, told]);
  });

  test('of a name that balances between a writer and its replica nobody says that its role changes', async () => {
    await servers[1]!.query('SET GLOBAL read_only = ON');
    onTestFinished(() => servers[1]!.query('SET GLOBAL read_only = OFF').then(() => undefined));
    let turn = 0;
    const { vip } = await manage(() => servers[turn++ % 2]!, { renewMs: 200, leftAloneMs: 50 });
    for (let i = 0; i < 2; i++) {
      const { attempts } = vip.state;
      await vi.waitFor(async () => {
        await Promise.allSettled([vip.query(quick), vip.query(quick, [], { lane: 'sampler' })]);
        expect(vip.state.evidence).toContain('name instances');
        expect(vip.state.attempts).toBeGreaterThan(attempts);
      }, patient);
      expect(vip.state).toMatchObject({ readOnly: null, readOnlyChanged: null });
    }
  });

  test('a name that balances no more is believed again after a while', async () => {
    let turn = 0;
    let balances = true;
    const { vip } = await manage(() => servers[balances ? turn++ % 2 : 0]!, {
      renewMs: 200,
      leftAloneMs: 50,
    });
    await vi.waitFor(async () => {
      await Promise.allSettled([vip.query(quick), vip.query(quick, [], { lane: 'sampler' })]);
      expect(vip.state.evidence).toContain('name instances');
    }, patient);
    balances = false;
    await vi.waitFor(() => expect(vip.state.connection).toBe('connected'), patient);
    expect(portOf(await vip.query(quick))).toBe(servers[0]!.port);
  });
});
