import { createFreshSchema, type FreshSchema, type ServerHandle, startPair } from '@lockstep/servers';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { verifyConfig } from '../support/config.ts';
import { plant, verify } from '../support/verify.ts';

/** Takes what Lockstep may read of the schema, on both sides, and gives these instead. */
async function grantOnly(schema: FreshSchema, ...grants: string[]): Promise<void> {
  await schema.caughtUp();
  for (const server of [schema.source, schema.target]) {
    await server.query('SET sql_log_bin = 0');
    await server.query(
      `REVOKE SELECT ON \`${schema.name.replaceAll('_', '\\_')}\`.* FROM ${accountOf(server)}`,
    );
    await server.query('SET sql_log_bin = 1');
    for (const each of grants) await grant(server, each);
  }
}

/** On this side only. */
async function grant(server: ServerHandle, privilege: string): Promise<void> {
  await server.query('SET sql_log_bin = 0');
  await server.query(`GRANT ${privilege} TO ${accountOf(server)}`);
  await server.query('SET sql_log_bin = 1');
}

const accountOf = ({ monitor }: ServerHandle) => `'${monitor.user}'@'127.0.0.1'`;

describe.each(flavours)('on %s', (flavour) => {
  test('a table that the account may not see is missing from the list until SELECT is granted on both sides, and never called missing', async () => {
    const schema = await freshSchema(flavour);
    for (const table of ['hidden', 'seen']) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY)`);
    }
    const listed = async () => {
      const { run, results } = await verify(schema);
      return [run.evidence, ...results.map(({ table, verdict }) => `${table} ${verdict}`)];
    };
    await grantOnly(schema);
    expect(await listed()).toEqual([
      expect.stringMatching(/no table to compare: .* the account may see none \(SELECT .* on both sides\)/),
    ]);
    for (const server of [schema.source, schema.target]) await grant(server, `SELECT ON ${schema.sql}.seen`);
    expect(await listed()).toEqual([expect.stringContaining('1 MATCH'), 'seen MATCH']);
    await grant(schema.source, `SELECT ON ${schema.sql}.*`);
    expect(await listed()).toEqual([expect.any(String), 'hidden UNVERIFIED', 'seen MATCH']);
    await grant(schema.target, `SELECT ON ${schema.sql}.*`);
    expect(await listed()).toEqual([expect.any(String), 'hidden MATCH', 'seen MATCH']);
  });

  test.each([
    ['alone', []],
    ['beside a privilege that shows the table', ['SHOW VIEW ON `schema`.*']],
    ['beside one on other columns', ['INSERT (a) ON `schema`.t']],
    ['beside one that shows the column, but not what is in it', ['INSERT (hidden) ON `schema`.t']],
  ])('a table with an invisible column that may not be read is never said to match: %s', async (_, more) => {
    const schema = await freshSchema(flavour);
    await schema.source.query(
      `CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, a INT, hidden INT INVISIBLE)`,
    );
    await schema.source.query(`INSERT INTO ${schema.sql}.t (id, a, hidden) VALUES (1, 1, 1), (2, 2, 2)`);
    await plant(schema, `UPDATE ${schema.sql}.t SET hidden = 9 WHERE id = 2`);
    const grants = more.map((grant) => grant.replace('`schema`', schema.sql));
    await grantOnly(schema, `SELECT (id, a) ON ${schema.sql}.t`, ...grants);
    const { verdict, reason } = (await verify(schema)).of('t');
    expect([verdict, reason]).toEqual(['UNVERIFIED', expect.stringMatching(/GRANT SELECT ON `/)]);
  });

  test('a column that is invisible, or counts up, on one side only is a difference of the definitions', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(
      `CREATE TABLE ${schema.sql}.t (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b INT)`,
    );
    await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1, 1, 1)`);
    await plant(schema, `ALTER TABLE ${schema.sql}.t MODIFY b INT INVISIBLE, MODIFY id INT NOT NULL`);
    const result = (await verify(schema)).of('t');
    expect(result.verdict).toBe('SCHEMA_DIFFERS');
    expect(result.schemaDifferences.map(({ message }) => message)).toEqual([
      'column id auto_increment: yes on the source, no on the target',
      'column b visibility: visible on the source, invisible on the target',
    ]);
    await plant(schema, `UPDATE ${schema.sql}.t SET b = 2`);
    expect((await verify(schema)).of('t').rows.map(({ columns }) => columns)).toEqual([['b']]);
  });

  test('a column may be called like a property of every object', async () => {
    const schema = await freshSchema(flavour);
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'h', 'n', 'c0'];
    const columns = names.map((name) => `\`${name}\` INT NOT NULL`).join(', ');
    const values = names.map(() => '1').join(', ');
    for (const [table, key] of [
      ['keyed', ', PRIMARY KEY (`__proto__`, `constructor`)'],
      ['keyless', ''],
      ['beside', ', id INT PRIMARY KEY'],
    ] as const) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (${columns}${key})`);
      const id = table === 'beside' ? ', 7' : '';
      await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES (${values}${id})`);
    }
    const { run, results } = await verify(schema);
    expect(results.map(({ table, verdict, reason }) => [table, verdict, reason])).toEqual(
      ['beside', 'keyed', 'keyless'].map((table) => [table, 'MATCH', '1 row compared, all the same']),
    );
    expect(run.state).toBe('finished');
    await plant(
      schema,
      `UPDATE ${schema.sql}.beside SET \`__proto__\` = 2`,
      `UPDATE ${schema.sql}.keyed SET \`toString\` = 2`,
      `DELETE FROM ${schema.sql}.keyless`,
    );
    const { of } = await verify(schema);
    expect(of('beside').rows).toMatchObject([{ kind: 'changed', columns: ['__proto__'] }]);
    expect(of('keyed').rows.map(({ kind, key, columns }) => [kind, Object.entries(key), columns])).toEqual([
      ['changed', [['__proto__', '1'], ['constructor', '1']], ['toString']], // oxfmt-ignore
    ]);
    expect(of('keyless').rows.map(({ kind, key }) => [kind, Object.entries(key).length])).toEqual([
      ['missing', names.length],
    ]);
  });

  test('a table that is dropped everywhere during a run is no difference, unless somebody named it', async () => {
    const schema = await freshSchema(flavour);
    for (const table of ['a', 'b', 'c']) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY)`);
    }
    const { run, results } = await verify(schema, {
      beforeDefinition: async (n) => {
        if (n === 2) await schema.source.query(`DROP TABLE ${schema.sql}.b, ${schema.sql}.c`);
      },
    });
    expect(results.map(({ table, verdict }) => [table, verdict])).toEqual([['a', 'MATCH']]);
    expect([run.state, run.evidence, run.progress.tablesTotal]).toEqual(['finished', '1 MATCH', 1]);
    const named = await verify(schema, { only: [{ schema: schema.name, table: 'b' }] });
    expect(named.of('b')).toMatchObject({ verdict: 'MISSING', reason: 'the table is on neither side' });
  });

  test('a pattern that fits no table is named, and so is a run that found none', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    const tables = {
      include: [`${schema.name}.*`, 'shpo.*', `${schema.name}.x?`],
      exclude: [],
      overrides: [
        { match: '*.custmer', ignoreColumns: [], maskColumns: ['email'], method: null, where: null },
      ],
    };
    const { run } = await verify(schema, { changes: { tables } });
    expect([run.evidence, run.unmatched]).toEqual([
      `1 MATCH; no table that the account may see fits shpo.*, ${schema.name}.x?; the settings of *.custmer hold for no table`,
      ['shpo.*', `${schema.name}.x?`],
    ]);
    const none = await verify(schema, { changes: { tables: { ...tables, include: ['shpo.*'] } } });
    expect(none.run.evidence).toMatch(/^UNVERIFIED, no table to compare: .+ fits shpo\.\*;/);
  });

  test('what is in the place of tables and not compared is counted', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await schema.source.query(`CREATE VIEW ${schema.sql}.v AS SELECT * FROM ${schema.sql}.t`);
    if (flavour === 'mariadb') await schema.source.query(`CREATE SEQUENCE ${schema.sql}.s`);
    await schema.caughtUp();
    const { run, results } = await verify(schema);
    expect(results).toHaveLength(1);
    expect(run.evidence).toBe(`1 MATCH; not compared: 1 view${flavour === 'mariadb' ? ', 1 sequence' : ''}`);
    await plant(schema, `DROP VIEW ${schema.sql}.v`, `CREATE TABLE ${schema.sql}.v (id INT)`);
    expect((await verify(schema)).of('v')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringMatching(/on source it is not a table, but a view/) as string,
    });
  });

  test('rows whose virtual columns are made of other things are not said to match in them', async () => {
    const schema = await freshSchema(flavour);
    const { sql, source } = schema;
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, a INT, g INT AS (a + 1) VIRTUAL)`);
    await source.query(`INSERT INTO ${sql}.t (id, a) VALUES (1, 1)`);
    await plant(
      schema,
      `ALTER TABLE ${sql}.t DROP COLUMN g`,
      `ALTER TABLE ${sql}.t ADD COLUMN g INT AS (a + 2) VIRTUAL`,
    );
    const { verdict, reason } = (await verify(schema)).of('t');
    expect(verdict).toBe('SCHEMA_DIFFERS');
    expect(reason).toMatch(/; the 1 row matches in what both sides store$/);
  });

  test('a table whose engine does not keep its keys unique is compared without one', async () => {
    const schema = await freshSchema(flavour);
    for (const part of ['p1', 'p2']) {
      await schema.source.query(
        `CREATE TABLE ${schema.sql}.${part} (id INT PRIMARY KEY, v INT) ENGINE = MyISAM`,
      );
      await schema.source.query(`INSERT INTO ${schema.sql}.${part} VALUES (1, 1), (2, 2)`);
    }
    await schema.source.query(
      `CREATE TABLE ${schema.sql}.whole (id INT PRIMARY KEY, v INT) ENGINE = MERGE UNION = (${schema.sql}.p1, ${schema.sql}.p2)`,
    );
    expect((await verify(schema)).of('whole').verdict).toBe('MATCH');
    // Every key is there as often as before, and the row that is found first by it is the same.
    await plant(schema, `UPDATE ${schema.sql}.p2 SET v = 9 WHERE id = 2`);
    expect((await verify(schema)).of('whole')).toMatchObject({
      verdict: 'DIFFERENT',
      differences: { missing: 1, surplus: 1, changed: 0 },
    });
  });

  test('statistics that are years off do not decide whether a table is compared', async () => {
    const schema = await freshSchema(flavour);
    const old = `${schema.sql}.old`;
    await schema.source.query(`CREATE TABLE ${old} (v INT) STATS_PERSISTENT = 1, STATS_AUTO_RECALC = 0`);
    await schema.source.query(`INSERT INTO ${old} VALUES (1), (2), (2)`);
    await schema.caughtUp();
    for (const server of [schema.source, schema.target]) {
      await server.query('SET sql_log_bin = 0');
      await server.query(`ANALYZE TABLE ${old}`);
      await server.query(
        `UPDATE mysql.innodb_table_stats SET n_rows = 5000000 WHERE database_name = '${schema.name}'`,
      );
      // Which reads them anew.
      await server.query(`RENAME TABLE ${old} TO ${schema.sql}.t`);
      await server.query('SET sql_log_bin = 1');
    }
    if (flavour === 'mysql') await schema.source.query('SET SESSION information_schema_stats_expiry = 0');
    const listed = await schema.source.query<{ n: number }>(
      `SELECT TABLE_ROWS AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema.name}'`,
    );
    expect(listed).toEqual([{ n: 5_000_000 }]);
    const result = (await verify(schema)).of('t');
    expect([result.verdict, result.rowsCompared]).toEqual(['MATCH', 3]);
    const few = { verify: { ...verifyConfig, maxRowsWithoutKey: 2 } };
    expect((await verify(schema, { changes: few })).of('t')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: 'no key, and more rows than the limit of 2',
    });
  });
});

// MariaDB has it in a package of its own.
test.runIf(flavours.includes('mysql'))(
  'of a table that shows rows of another server it is said that both sides may show the same',
  async () => {
    await using pair = await startPair({ flavour: 'mysql', options: ['--federated'] });
    const schema = await createFreshSchema(pair);
    const { source, sql, name } = schema;
    await source.query(`CREATE TABLE ${sql}.kept (id INT PRIMARY KEY)`);
    await source.query(`INSERT INTO ${sql}.kept VALUES (1), (2)`);
    const { port, rootUser, rootPassword } = source;
    await source.query(
      `CREATE TABLE ${sql}.shown (id INT PRIMARY KEY) ENGINE=FEDERATED
         CONNECTION='mysql://${rootUser}:${rootPassword}@127.0.0.1:${port}/${name}/kept'`,
    );
    await schema.caughtUp();
    expect(await checkOnce(schema)).toMatchObject([
      { table: 'kept', verdict: 'MATCH', reason: '2 rows compared, all the same' },
      {
        table: 'shown',
        verdict: 'MATCH',
        reason:
          '2 rows compared, all the same; a table of FEDERATED keeps no rows of its own, but shows what is elsewhere: on both sides maybe the same',
      },
    ]);
  },
);
