import { caughtUp, createFreshSchema, type OwnPair, startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';

async function ignore({ target }: OwnPair, schema: string, table: string): Promise<void> {
  if (target.flavour === 'mysql') {
    await target.query('STOP REPLICA');
    await target.query(`CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (\`${schema}\`.\`${table}\`)`);
    await target.query('START REPLICA');
  } else {
    await target.query('STOP SLAVE');
    await target.query(`SET GLOBAL replicate_ignore_table = '${schema}.${table}'`);
    await target.query('START SLAVE');
  }
}

describe.each(flavours)('on %s', (flavour) => {
  test('what replication leaves out is different, and the filter that explains it is named, in a milder alert', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    // Once it was replicated.
    await schema.source.query(`CREATE TABLE ${schema.sql}.\`left\` (id INT PRIMARY KEY)`);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    await ignore(pair, schema.name, 'left');
    await schema.source.query(`INSERT INTO ${schema.sql}.\`left\` VALUES (1)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1)`);
    await schema.caughtUp();
    const { engine } = startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [pairConfig([`${schema.name}.*`])],
    });
    await vi.waitFor(() => {
      const left = engine.table('pair', schema.name, 'left')?.standing;
      expect(left?.verdict, left?.reason).toBe('DIFFERENT');
      expect(left?.reason).toMatch(/; the target leaves it out: Replicate_Ignore_Table=\S+\.left$/i);
      expect(engine.table('pair', schema.name, 't')?.standing?.verdict).toBe('MATCH');
      const alerts = engine.alerts({ states: ['firing'] }, { limit: 10 }).items;
      expect(alerts.map(({ rule, severity }) => ({ rule, severity }))).toContainEqual({
        rule: 'table-different',
        severity: 'WARNING',
      });
    }, patient);
  });

  test('a table that a filter keeps from the target is not called missing, but excluded by it, in a milder alert', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    await ignore(pair, schema.name, 'left');
    for (const table of ['left', 't']) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.\`${table}\` (id INT PRIMARY KEY)`);
    }
    // This one nothing explains.
    await schema.source.query('SET sql_log_bin = 0');
    await schema.source.query(`CREATE TABLE ${schema.sql}.lost (id INT PRIMARY KEY)`);
    await schema.source.query('SET sql_log_bin = 1');
    await schema.caughtUp();
    const { engine } = startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [pairConfig([`${schema.name}.*`])],
    });
    await vi.waitFor(() => {
      const left = engine.table('pair', schema.name, 'left')?.standing;
      expect(left?.verdict, left?.reason).toBe('UNVERIFIED');
      expect(left?.reason).toMatch(
        /^the table is on the source only, excluded by Replicate_Ignore_Table=\S+\.left$/i,
      );
      const lost = engine.table('pair', schema.name, 'lost')?.standing;
      expect([lost?.verdict, lost?.reason]).toEqual(['MISSING', 'the table is on the source only']);
      const alerts = engine.alerts({ states: ['firing'] }, { limit: 10 }).items;
      expect(
        alerts
          .map(({ rule, severity, table }) => ({ rule, severity, table }))
          .sort((a, b) => (a.table! < b.table! ? -1 : 1)),
      ).toEqual([
        { rule: 'table-missing', severity: 'WARNING', table: `${schema.name}.left` },
        { rule: 'table-missing', severity: 'CRITICAL', table: `${schema.name}.lost` },
      ]);
    }, patient);
    // What is on the target only no filter explains.
    await pair.target.query(`CREATE TABLE ${schema.sql}.\`left\` (id INT PRIMARY KEY)`);
    await schema.source.query(`DROP TABLE ${schema.sql}.\`left\``);
    await schema.caughtUp();
    const [left] = await checkOnce(schema);
    expect([left?.table, left?.verdict]).toEqual(['left', 'MISSING']);
  });

  test('nor is what comes to the target under another name of its schema', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    await pair.target.query(`CREATE DATABASE another`);
    if (flavour === 'mysql') {
      await pair.target.query('STOP REPLICA');
      await pair.target.query(
        `CHANGE REPLICATION FILTER REPLICATE_REWRITE_DB = ((\`${schema.name}\`, another))`,
      );
      await pair.target.query('START REPLICA');
    } else {
      await pair.target.query('STOP SLAVE');
      await pair.target.query(`SET GLOBAL replicate_rewrite_db = '${schema.name}->another'`);
      await pair.target.query('START SLAVE');
    }
    const connection = await pair.source.connect();
    await connection.query(`USE ${schema.sql}`);
    await connection.query('CREATE TABLE t (id INT PRIMARY KEY)');
    await connection.end();
    await schema.caughtUp();
    expect(await pair.target.query('SELECT * FROM another.t')).toEqual([]);
    const [table] = await checkOnce(schema);
    expect([table?.verdict, table?.reason]).toEqual([
      'UNVERIFIED',
      expect.stringMatching(/^the table is on the source only, excluded by Replicate_Rewrite_DB=.*another/),
    ]);
  });

  test('nor is what its source keeps out of its binary log', async () => {
    const names = ['unlogged', 'logged'];
    await using pair = await startPair({ flavour, options: ['--binlog-ignore-db=unlogged'] });
    for (const name of names) {
      for (const server of [pair.source, pair.target]) {
        await server.query('SET sql_log_bin = 0');
        await server.query(`GRANT SELECT ON ${name}.* TO '${server.monitor.user}'@'127.0.0.1'`);
        await server.query('SET sql_log_bin = 1');
      }
      await pair.source.query(`CREATE DATABASE ${name}`);
      // Such a filter goes by the default database.
      const connection = await pair.source.connect();
      await connection.query(`USE ${name}`);
      await connection.query('CREATE TABLE t (id INT PRIMARY KEY)');
      await connection.end();
    }
    await caughtUp(pair.source, pair.target);
    const [unlogged] = await checkOnce({ name: 'unlogged', ...pair });
    expect([unlogged?.verdict, unlogged?.reason]).toEqual([
      'UNVERIFIED',
      'the table is on the source only, excluded by binlog_ignore_db=unlogged of source',
    ]);
    const [logged] = await checkOnce({ name: 'logged', ...pair });
    expect(logged?.verdict).toBe('MATCH');
  });
});

// MySQL compares them as it does all names.
test.runIf(flavours.includes('mariadb'))(
  "MariaDB's filters of tables fit names in any case, whatever they leave out or let through",
  async () => {
    await using pair = await startPair({ flavour: 'mariadb' });
    const { source, target } = pair;
    const schema = await createFreshSchema(pair);
    const upper = schema.name.toUpperCase();
    await target.query('STOP SLAVE');
    await target.query(`SET GLOBAL replicate_ignore_table = '${schema.name}.LEFT'`);
    await target.query(`SET GLOBAL replicate_wild_do_table = '${upper}.%'`);
    await target.query('START SLAVE');
    for (const table of ['left', 'brought', 'lost']) {
      await source.query(`CREATE TABLE ${schema.sql}.\`${table}\` (id INT PRIMARY KEY)`);
      await source.query(`INSERT INTO ${schema.sql}.\`${table}\` VALUES (1)`);
    }
    await schema.caughtUp();
    expect(
      await target.query(
        `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY name`,
        [schema.name],
      ),
    ).toEqual([{ name: 'brought' }, { name: 'lost' }]);
    await target.query('SET sql_log_bin = 0');
    await target.query(`DELETE FROM ${schema.sql}.brought`);
    await target.query(`DROP TABLE ${schema.sql}.lost`);
    const [brought, left, lost] = await checkOnce(schema);
    expect(brought).toMatchObject({ verdict: 'DIFFERENT', reason: '1 row missing on the target' });
    expect(brought).not.toHaveProperty('excludedBy');
    expect(lost).toMatchObject({ verdict: 'MISSING', reason: 'the table is on the source only' });
    expect(left).toMatchObject({
      verdict: 'UNVERIFIED',
      excludedBy: `Replicate_Ignore_Table=${schema.name}.LEFT`,
    });
  },
);
