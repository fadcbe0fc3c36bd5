import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema, type TendedPair, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { plant, verify } from '../support/verify.ts';

interface Logged {
  command: string;
  statement: string;
}

/**
 * From now on until the test ends the general logs of both servers are kept; resolves with a function that reads what
 * Lockstep sent.
 */
async function listen(pair: TendedPair): Promise<() => Promise<Logged[]>> {
  const servers = [pair.source, pair.target];
  for (const server of servers) {
    await server.query('SET sql_log_bin = 0');
    await server.query('TRUNCATE TABLE mysql.general_log');
    await server.query('SET sql_log_bin = 1');
    await server.query(`SET GLOBAL log_output = 'TABLE'`);
    await server.query('SET GLOBAL general_log = ON');
    onTestFinished(async () => {
      await server.query('SET GLOBAL general_log = OFF');
      await server.query('SET GLOBAL log_output = DEFAULT');
    });
  }
  return async () => {
    const logs = await Promise.all(
      servers.map(async (server) => {
        await server.query('SET GLOBAL general_log = OFF');
        // A thread is told by its number: only the first entry of each has the account.
        return server.query<Logged>(
          `SELECT command_type AS command, CONVERT(argument USING utf8mb4) AS statement FROM mysql.general_log
           WHERE thread_id IN (SELECT thread_id FROM mysql.general_log WHERE user_host LIKE '%${server.monitor.user}%')`,
        );
      }),
    );
    // MariaDB writes down a packet of several as one; none of these has a `;` of its own.
    return logs
      .flat()
      .flatMap(({ command, statement }) =>
        statement.split(';').map((each) => ({ command, statement: each.trimStart() })),
      )
      .filter(({ command, statement }) => command !== 'Query' || statement !== '');
  };
}

function wellMannered(log: Logged[]): void {
  expect(log.length).toBeGreaterThan(10);
  for (const { command, statement } of log) {
    expect(['Connect', 'Query', 'Quit'], statement).toContain(command);
    if (command !== 'Query') continue;
    expect(statement.trim()).toMatch(/^(SELECT|SHOW|SET NAMES|SET SESSION|KILL QUERY \d+$)\b/i);
    expect(statement).not.toMatch(/\b(INTO|FOR UPDATE|FOR SHARE|LOCK IN SHARE MODE|GET_LOCK)\b/i);
    if (statement.startsWith('SET')) expect(statement).not.toMatch(/\b(GLOBAL|PERSIST\w*)\b|@@/i);
  }
}

describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({ flavour });

  test('a whole run, with differences to be settled, sends nothing but SELECT and SHOW, besides its session’s SET', async () => {
    const schema = await freshSchema(pair);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v VARCHAR(10))`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
    await schema.source.query(`CREATE TABLE ${schema.sql}.keyless (v INT)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.keyless VALUES (1), (1)`);
    await plant(
      schema,
      `UPDATE ${t} SET v = 'x' WHERE id = 2`,
      `DELETE FROM ${t} WHERE id = 3`,
      `INSERT INTO ${schema.sql}.keyless VALUES (2)`,
    );
    const log = await listen(pair);
    await verify(schema);
    await verify(schema, { check: 'consistency' });
    wellMannered(await log());
  });

  test('a whole life of the service, from its start to its end, sends nothing else, and ends by KILL only what it began itself', async () => {
    const schema = await freshSchema(pair);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v VARCHAR(10))`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
    await schema.source.query(`CREATE TABLE ${schema.sql}.slow (id INT PRIMARY KEY)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.slow VALUES (1)`);
    await plant(schema, `UPDATE ${t} SET v = 'x' WHERE id = 2`, `DELETE FROM ${t} WHERE id = 3`);
    const log = await listen(pair);

    const where = 'SLEEP(30) = 0';
    const slow = { match: `${schema.name}.slow`, ignoreColumns: [], maskColumns: [], method: null, where };
    const { engine, stop } = startEngine({
      servers: { source: schema.source, target: schema.target },
      pairs: [
        pairConfig([`${schema.name}.t`], {
          tables: { include: [`${schema.name}.t`], exclude: [], overrides: [slow] },
          throttle: { maxLagMs: 10_000, maxThreadsRunning: 1000, maxFlowControl: 0.05 },
        }),
      ],
    });
    await vi.waitFor(() => {
      expect(engine.pair('pair')).toMatchObject({ state: 'in-sync', lag: { lagMs: 0 } });
      for (const check of ['checksum', 'consistency'] as const) {
        expect(engine.runs({ check }, { limit: 1 }).items).toMatchObject([{ state: 'finished' }]);
      }
    }, patient);
    const { statements } = await engine.repair('pair', 'checksum', schema.name, 't');
    expect(statements.length).toBeGreaterThan(1);
    const run = engine.startRun('pair', 'checksum', [`${schema.name}.slow`], 'me');
    await vi.waitFor(async () => {
      const [sleeping] = await pair.target.query<{ n: number }>(
        `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = '${pair.target.monitor.user}' AND INFO LIKE '%SLEEP(30)%'`,
      );
      expect(Number(sleeping?.n)).toBeGreaterThan(0);
    }, patient);
    engine.cancelRun(run.id, 'me');
    await vi.waitFor(() => expect(engine.run(run.id)).toMatchObject({ state: 'cancelled' }), patient);
    await stop();

    const sent = await log();
    wellMannered(sent);
    // All of it was heard: lag, status, tables, chunks, the repair's rows, the end of what was cancelled.
    for (const part of [
      /gtid/i,
      /^SHOW (ALL SLAVES|REPLICA) STATUS/,
      /COLUMN_NAME/,
      /SUM\(/,
      /HEX\(/,
      /^KILL/,
    ]) {
      expect(sent.some(({ statement }) => part.test(statement))).toBe(true);
    }
  });
});
