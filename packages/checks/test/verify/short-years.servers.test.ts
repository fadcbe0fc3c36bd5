import { expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { migration } from '../support/migration.ts';
import { verify } from '../support/verify.ts';

const options = {
  changes: { verify: { ...verifyConfig, settleMs: 50 } },
  route: { kind: null, evidence: 'the target is not a replica' },
};

test('a YEAR of two digits differs from one of four as a column, and in no row', async () => {
  const schema = await migration('mariadb', 'mysql');
  await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, y YEAR(2))`);
  await schema.target.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, y YEAR)`);
  for (const server of [schema.source, schema.target]) {
    await server.query(
      `INSERT INTO ${schema.sql}.t VALUES (1, 1999), (2, 2026), (3, 2000), (4, NULL), (5, 1970)`,
    );
  }
  const result = (await verify(schema, options)).of('t');
  expect(result).toMatchObject({
    verdict: 'SCHEMA_DIFFERS',
    schemaDifferences: [{ object: 'column y', source: 'year(2)', target: 'year' }],
    differences: { missing: 0, surplus: 0, changed: 0 },
  });
  await schema.target.query(`UPDATE ${schema.sql}.t SET y = 2027 WHERE id = 2`);
  expect((await verify(schema, options)).of('t')).toMatchObject({
    verdict: 'DIFFERENT',
    rows: [{ key: { id: '2' }, columns: ['y'] }],
  });
});

test('a YEAR of two digits is no name of a row with a year of four', async () => {
  const schema = await migration('mariadb', 'mysql');
  await schema.source.query(`CREATE TABLE ${schema.sql}.t (y YEAR(2) PRIMARY KEY, v INT)`);
  await schema.target.query(`CREATE TABLE ${schema.sql}.t (y YEAR PRIMARY KEY, v INT)`);
  for (const server of [schema.source, schema.target]) {
    await server.query(`INSERT INTO ${schema.sql}.t VALUES (1999, 1), (2026, 2)`);
  }
  const result = (await verify(schema, options)).of('t');
  expect(result).toMatchObject({
    verdict: 'SCHEMA_DIFFERS',
    differences: { missing: 0, surplus: 0, changed: 0 },
  });
});
