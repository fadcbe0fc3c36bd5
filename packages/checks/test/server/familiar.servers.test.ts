import { type ServerHandle, startServer } from '@lockstep/servers';
import { unhurriedMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Familiar } from '../../src/server/familiar.ts';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { serverConfig } from '../support/config.ts';

async function open(server: ServerHandle, familiar: Familiar | null = null): Promise<SqlConnection> {
  const limits = { statementMs: unhurriedMs, lockWaitSeconds: 5 };
  const { signal } = new AbortController();
  const connection = await SqlConnection.open(
    serverConfig('a', server),
    limits,
    unhurriedMs,
    signal,
    familiar,
  );
  onTestFinished(() => connection.destroy());
  return connection;
}

describe.each(flavours)('on %s', (flavour) => {
  test('a server that is known is asked little by a new connection, and all where that may not be so any more', async () => {
    await using server = await startServer({ flavour });
    await using other = await startServer({ flavour });
    const { facts, familiar, readOnly } = await open(server);
    await server.query(`SET GLOBAL log_output = 'TABLE'`);
    await server.query('SET GLOBAL general_log = ON');
    // MariaDB notes what is sent as one as one.
    const packets = async ({ threadId }: SqlConnection) => {
      const said = await server.query<{ argument: string }>(
        `SELECT CONVERT(argument USING utf8mb4) AS argument FROM mysql.general_log
         WHERE thread_id = ${threadId} AND command_type = 'Query' AND argument NOT LIKE 'SELECT%'`,
      );
      return said.map(({ argument }) => argument.split(' ', 3).join(' '));
    };
    const few = (packets: string[]) => {
      const [set, ...shows] = packets;
      expect(set).toMatch(/^SET NAMES/);
      expect(shows).toEqual(flavour === 'mysql' ? ['SHOW CHARACTER SET'] : []);
    };
    const ask = async (connection: SqlConnection, sql: string) => {
      const [row] = await connection.query<{ is: number | string }>(sql, [], unhurriedMs);
      return String(row?.is);
    };

    const second = await open(server, familiar);
    few(await packets(second));
    const { startedAt } = facts.running ?? {};
    expect(second).toMatchObject({
      facts: { ...facts, running: { startedAt: expect.closeTo(startedAt ?? 0, -1) as number } },
      readOnly,
    });
    expect(await ask(second, 'SELECT @@SESSION.time_zone AS `is`')).toBe('+00:00');

    const longAgo = { ...familiar, learnedAt: -Infinity };
    expect(await packets(await open(server, longAgo))).toContain('SHOW SESSION VARIABLES');

    const running = { startedAt: (startedAt ?? 0) - 60, upSeconds: 1 };
    expect(await packets(await open(server, { ...familiar, running }))).toContain('SHOW SESSION VARIABLES');

    // What it had as long as a plugin was there.
    const gone = flavour === 'mysql' ? 'tx_isolation' : 'max_execution_time';
    const hadMore = { ...familiar, unset: new Set([...familiar.unset, gone]) };
    const hasLess = await open(server, hadMore);
    expect(await packets(hasLess)).toContain('SHOW SESSION VARIABLES');
    few(await packets(await open(server, hasLess.familiar)));

    const elsewhere = await open(other, familiar);
    expect(elsewhere.facts.identity).not.toBe(facts.identity);
    expect(await ask(elsewhere, 'SELECT @@port AS `is`')).toBe(String(other.port));

    for (const changed of ['sql_safe_updates = 1', 'autocommit = 0']) {
      await server.query(`SET GLOBAL ${changed}`);
    }
    const anew = await open(server, familiar);
    expect(await packets(anew)).toContain('SHOW SESSION VARIABLES');
    expect(await ask(anew, 'SELECT @@SESSION.sql_safe_updates AS `is`')).toBe('0');
    few(await packets(await open(server, anew.familiar)));
  });
});
