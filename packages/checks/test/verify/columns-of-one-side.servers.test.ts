import { createFreshSchema, type FreshSchema, type OwnPair, startPair } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { asksWhatTablesAre, plant, verify } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  let pair: OwnPair;
  let schema: FreshSchema;
  const t = () => `${schema.sql}.t`;
  beforeAll(async () => {
    pair = await startPair({ flavour });
    schema = await createFreshSchema(pair);
    await pair.source.query(`CREATE TABLE ${t()} (id INT PRIMARY KEY, a INT, b INT, KEY k (a, b))`);
    await pair.source.query(`INSERT INTO ${t()} VALUES (1, 1, 1), (2, 2, 2)`);
    await schema.caughtUp();
    for (const server of [pair.source, pair.target]) {
      await server.query('SET sql_log_bin = 0');
      const wild = schema.sql.replaceAll('_', '\\_');
      await server.query(`REVOKE SELECT ON ${wild}.* FROM '${server.monitor.user}'@'127.0.0.1'`);
      await server.query('SET sql_log_bin = 1');
    }
  });
  afterAll(() => pair.remove());

  /** The account may read all of the table on one side, and two columns on the other. */
  const grant = async (side: 'source' | 'target', privilege: string) => {
    const account = `'${pair[side].monitor.user}'@'127.0.0.1'`;
    await pair[side].query('SET sql_log_bin = 0');
    await pair[side].query(`GRANT SELECT, SELECT (id, a) ON ${t()} TO ${account}`);
    await pair[side].query(`REVOKE SELECT, SELECT (id, a) ON ${t()} FROM ${account}`);
    await pair[side].query(`GRANT ${privilege} ON ${t()} TO ${account}`);
    await pair[side].query('SET sql_log_bin = 1');
  };

  test.each([
    ['source', 'target'],
    ['target', 'source'],
  ] as const)('columns that the %s does not show are not said to be on the %s only', async (hides, shows) => {
    await grant(shows, 'SELECT');
    await grant(hides, 'SELECT (id, a)');
    for (const check of ['checksum', 'consistency'] as const) {
      expect(await checkOnce(schema, {}, check)).toMatchObject([
        {
          verdict: 'UNVERIFIED',
          schemaDifferences: [],
          reason: expect.stringContaining(`${hides} shows some of its columns only`) as string,
        },
      ]);
    }
    await plant(schema, `ALTER TABLE ${t()} MODIFY a BIGINT`, `UPDATE ${t()} SET a = 3 WHERE id = 2`);
    expect(await checkOnce(schema)).toMatchObject([
      { verdict: 'DIFFERENT', schemaDifferences: [{ object: 'column a' }], rows: [{ key: { id: '2' } }] },
    ]);
    await plant(schema, `ALTER TABLE ${t()} MODIFY a INT`, `UPDATE ${t()} SET a = 2 WHERE id = 2`);
  });

  /** All may be read, and two columns are in the catalog at every moment of a grant. */
  const listedAllAlong = async () => {
    for (const side of ['source', 'target'] as const) await grant(side, 'SELECT, INSERT (id, a)');
  };

  test.each([['source', 'target'], ['target']] as const)(
    'columns that only some sessions of the %s see are neither passed over nor missing',
    async (...sides) => {
      await listedAllAlong();
      await plant(schema, `UPDATE ${t()} SET b = 7 WHERE id = 2`);
      const narrowed = async (side: 'source' | 'target', sql: string, privilege: string) => {
        if (asksWhatTablesAre(sql) && sides.some((each) => each === side)) await grant(side, privilege);
      };
      const { of } = await verify(schema, {
        // As sessions that began after rights were taken away, and before.
        before: (side, sql) => narrowed(side, sql, 'SELECT (id, a)'),
        after: (side, sql) => narrowed(side, sql, 'SELECT'),
      });
      expect(of('t'), of('t').reason).toMatchObject({
        verdict: 'UNVERIFIED',
        schemaDifferences: [],
        reason: expect.stringContaining('some connections saw columns of it that others did not') as string,
      });
      await plant(schema, `UPDATE ${t()} SET b = 2 WHERE id = 2`);
    },
  );

  test.each(['source', 'target'] as const)(
    'indexes that only some sessions of the %s see are not said to be on the other side only',
    async (side) => {
      await listedAllAlong();
      const narrowed = async (of: 'source' | 'target', sql: string, privilege: string) => {
        if (of === side && sql.includes('FROM information_schema.STATISTICS')) await grant(side, privilege);
      };
      const { of } = await verify(schema, {
        before: (each, sql) => narrowed(each, sql, 'SELECT (id, a)'),
        after: (each, sql) => narrowed(each, sql, 'SELECT'),
      });
      // MySQL hides no index.
      const verdict = flavour === 'mariadb' ? { verdict: 'UNVERIFIED' } : {};
      expect(of('t'), of('t').reason).toMatchObject({ ...verdict, schemaDifferences: [] });
    },
  );
});
