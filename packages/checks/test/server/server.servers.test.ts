import { inVainMs, patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ServerFault } from '../../src/server/sql-server.ts';
import { connect } from '../support/connect.ts';

/** What is refused, as its fault. */
const faultOf = async (work: Promise<unknown>): Promise<ServerFault> => {
  const error: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ServerFault);
  return error as ServerFault;
};

/** Does not notice by itself that nobody listens any more, as SLEEP does. */
const busy = `SELECT BENCHMARK(1000000000, SHA2('x', 256))`;

describe.each(flavours)('on %s', (flavour) => {
  const connected = async () => {
    const { source } = await sharedPair(flavour);
    const { server } = await connect({ server: source });
    if (!server) throw new Error('unreachable');
    return { handle: source, server };
  };

  test('knows what server it is', async () => {
    const { handle, server } = await connected();
    expect(server.facts).toMatchObject({ flavour, version: handle.version, gtidMode: true, binlog: true });
    expect(server.state).toMatchObject({
      connection: 'connected',
      attempts: 0,
      readOnly: false,
      identity: server.facts?.identity,
      evidence: expect.stringMatching(/^connected to My?(SQL|riaDB|aria)/) as string,
    });
  });

  test.each(['checks', 'sampler', 'status'] as const)(
    'every connection of lane %s has the fixed session state',
    async (lane) => {
      const { handle, server } = await connected();
      await handle.query(`SELECT 1`);
      const isolation = flavour === 'mysql' ? 'transaction_isolation' : 'tx_isolation';
      const readOnly = flavour === 'mysql' ? 'transaction_read_only' : 'tx_read_only';
      const [row] = await server.query(
        `SELECT @@session.time_zone AS zone, @@session.sql_mode AS mode, @@session.autocommit AS autocommit,
         @@session.${isolation} AS level, @@session.${readOnly} AS readOnly, @@session.character_set_results AS results,
         @@session.character_set_client AS client`,
        [],
        { lane },
      );
      expect(Object.values(row ?? {}).map(String)).toEqual([
        '+00:00',
        'ALLOW_INVALID_DATES',
        '1',
        'READ-COMMITTED',
        '1',
        'utf8mb4',
        'utf8mb4',
      ]);
    },
  );

  test('cannot write, not even by mistake', async () => {
    const { handle } = await connected();
    // An account of its own: others look meanwhile at what the shared one may.
    const monitor = { user: 'creator', password: 'Pass-word-1' };
    const root = await handle.connect();
    await root.query('SET sql_log_bin = 0');
    onTestFinished(async () => {
      await root.query(`DROP USER 'creator'@'127.0.0.1'`);
      await root.end();
    });
    await root.query(`CREATE USER 'creator'@'127.0.0.1' IDENTIFIED BY '${monitor.password}'`);
    await root.query(`GRANT CREATE ON *.* TO 'creator'@'127.0.0.1'`);
    const may = Object.create(handle, { monitor: { value: monitor } }) as typeof handle;
    const { server: privileged } = await connect({ server: may });
    expect(await faultOf(privileged?.query('CREATE DATABASE oops') ?? Promise.resolve())).toMatchObject({
      kind: 'statement',
      errno: 1792,
    });
    expect(privileged?.connected).toBe(true);
  });

  test('numbers, dates, decimals and JSON come as the server prints them', async () => {
    const { server } = await connected();
    const [row] = await server.query(
      `SELECT CAST(18446744073709551615 AS UNSIGNED) AS big, CAST(1.50 AS DECIMAL(5,2)) AS price,
         CAST('2026-01-02 03:04:05.678' AS DATETIME(3)) AS at, '🐘' AS text, x'00ff' AS bytes, NULL AS nothing`,
    );
    expect(row).toEqual({
      big: '18446744073709551615',
      price: '1.50',
      at: '2026-01-02 03:04:05.678',
      text: '🐘',
      bytes: Buffer.from([0, 255]),
      nothing: null,
    });
  });

  const running = async (handle: Awaited<ReturnType<typeof connected>>['handle'], comment: string) => {
    const rows = await handle.query<{ info: string | null }>(
      'SELECT info FROM information_schema.processlist',
    );
    return rows.filter(({ info }) => info?.includes(comment) && !info.includes('processlist')).length;
  };

  test('a statement past its deadline rejects, and is killed on the server', async () => {
    const { handle, server } = await connected();
    const fault = await faultOf(server.query(`${busy} /* past its deadline */`, [], { timeoutMs: inVainMs }));
    expect(fault).toMatchObject({ kind: 'timeout', server: 'server' });
    expect(fault.message).toContain(`no answer within ${inVainMs} ms`);
    await vi.waitFor(async () => expect(await running(handle, 'past its deadline')).toBe(0), patient);
    expect(await server.query('SELECT 1 AS one')).toHaveLength(1);
    expect(server.state.connection).toBe('connected');
  });

  test('the deadline holds while waiting for a connection, too', async () => {
    const { server } = await connected();
    const sleepers = Array.from({ length: 4 }, () =>
      server.query('SELECT SLEEP(60)', [], { timeoutMs: 3 * inVainMs }).catch(() => null),
    );
    expect(await faultOf(server.query('SELECT 1', [], { timeoutMs: inVainMs }))).toMatchObject({
      kind: 'timeout',
    });
    // The other lanes are not concerned.
    await server.query('SELECT 1', [], { lane: 'sampler', timeoutMs: unhurriedMs });
    await Promise.all(sleepers);
    await server.query('SELECT 1', [], { timeoutMs: unhurriedMs });
  });

  test('an aborted statement rejects with the reason, and is killed on the server', async () => {
    const { handle, server } = await connected();
    const controller = new AbortController();
    const query = server.query(`${busy} /* aborted */`, [], { signal: controller.signal });
    query.catch(() => undefined);
    await vi.waitFor(async () => expect(await running(handle, 'aborted')).toBe(1), patient);
    const reason = new Error('not needed any more');
    controller.abort(reason);
    await expect(query).rejects.toBe(reason);
    await vi.waitFor(async () => expect(await running(handle, 'aborted')).toBe(0), patient);
  });

  test('the server’s own limit ends what nobody could kill', async () => {
    const { server } = await connected();
    const limit = flavour === 'mysql' ? '@@session.max_execution_time' : '@@session.max_statement_time';
    const limitOf = async (timeoutMs?: number) => {
      const [row] = await server.query(
        `SELECT ${limit} AS value`,
        [],
        timeoutMs === undefined ? {} : { timeoutMs },
      );
      return Number(row?.['value']) * (flavour === 'mysql' ? 1 : 1000);
    };
    expect(await limitOf()).toBe(60_000);
    expect(await limitOf(300_000)).toBe(300_000);
    expect(await limitOf(30_000)).toBe(60_000);
  });

  test('a connection that was closed while idle is replaced without a word', async () => {
    const { handle, server } = await connected();
    const [row] = await server.query('SELECT CONNECTION_ID() AS id');
    await handle.query('KILL ?', [Number(row?.['id'])]);
    const [next] = await server.query('SELECT CONNECTION_ID() AS id');
    expect(next?.['id']).not.toBe(row?.['id']);
    expect(server.state.connection).toBe('connected');
  });

  test('what the server refuses is told apart', async () => {
    const { server } = await connected();
    expect(await faultOf(server.query('SELEKT 1'))).toMatchObject({ kind: 'statement', errno: 1064 });
    const denied = await faultOf(server.query('SELECT * FROM mysql.user'));
    expect(denied).toMatchObject({ kind: 'privilege', errno: 1142 });
    expect(denied.message).toMatch(/^server \(127\.0\.0\.1:\d+\): SELECT command denied/);
  });
});
