import { expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { migration } from '../support/migration.ts';
import { verify } from '../support/verify.ts';

const options = {
  changes: { verify: { ...verifyConfig, settleMs: 50 } },
  route: { kind: null, evidence: 'the target is not a replica' },
};

test('JSON is compared by value where MySQL and MariaDB write it differently', async () => {
  const schema = await migration();
  for (const server of [schema.source, schema.target]) {
    await server.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v VARCHAR(10) NOT NULL, j JSON)`);
  }
  const documents = [
    '{"b": 1, "a": [1, 2.50, null]}',
    '{"big":9007199254740993,"x":1e2}',
    '"\\u00e4"',
    'true',
    '[18446744073709551615, -9223372036854775808, 18446744073709551616, -9223372036854775809, 1e20]',
    '{}',
    '[1]',
  ];
  for (const [i, document] of documents.entries()) {
    for (const server of [schema.source, schema.target]) {
      await server.query(`INSERT INTO ${schema.sql}.t VALUES (${i}, 'x', ?)`, [document]);
    }
  }
  for (const server of [schema.source, schema.target]) {
    await server.query(`INSERT INTO ${schema.sql}.t VALUES (100, 'null', NULL)`);
  }
  const equal = (await verify(schema, options)).of('t');
  expect(equal.verdict, equal.reason).toBe('MATCH');

  await schema.target.query(`UPDATE ${schema.sql}.t SET j = '{"big":9007199254740992,"x":1e2}' WHERE id = 1`);
  await schema.target.query(`UPDATE ${schema.sql}.t SET j = 'null' WHERE id = 100`);
  await schema.target.query(`UPDATE ${schema.sql}.t SET v = 'y' WHERE id = 4`);
  const result = (await verify(schema, options)).of('t');
  expect(result.rows.map(({ key, columns }) => [key['id'], columns])).toEqual([
    ['1', ['j']],
    ['4', ['v']],
    ['100', ['j']],
  ]);
});

test('a migration target of another flavour, charset and column order is compared by content', async () => {
  const schema = await migration();
  await schema.source.query(
    `CREATE TABLE ${schema.sql}.t (id BIGINT UNSIGNED PRIMARY KEY, a VARCHAR(20) CHARACTER SET latin1, d DECIMAL(10,2), t DATETIME)`,
  );
  await schema.target.query(
    `CREATE TABLE ${schema.sql}.t (id BIGINT UNSIGNED PRIMARY KEY, d DECIMAL(12,4), a VARCHAR(20) CHARACTER SET utf8mb4, t DATETIME(6)) ROW_FORMAT=COMPACT`,
  );
  for (const server of [schema.source, schema.target]) {
    await server.query(
      `INSERT INTO ${schema.sql}.t (id, a, d, t) VALUES (1, 'é', 1.5, '2026-01-01'), (18446744073709551615, NULL, NULL, NULL)`,
    );
  }
  const result = (await verify(schema, options)).of('t');
  expect(result).toMatchObject({
    verdict: 'SCHEMA_DIFFERS',
    differences: { missing: 0, surplus: 0, changed: 0 },
  });
  expect(result.schemaDifferences.map(({ object }) => object)).toEqual([
    'column a charset',
    'column d',
    'column t',
    'column order',
  ]);
  await schema.target.query(`UPDATE ${schema.sql}.t SET d = 1.5001 WHERE id = 1`);
  expect((await verify(schema, options)).of('t')).toMatchObject({
    verdict: 'DIFFERENT',
    rows: [{ key: { id: '1' }, columns: ['d'] }],
  });
});

test('a match says of virtual columns that what they are made of was not compared between flavours', async () => {
  const schema = await migration();
  for (const [server, more] of [
    [schema.source, 1],
    [schema.target, 2],
  ] as const) {
    await server.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v INT AS (id + ${more}) VIRTUAL)`);
    await server.query(`INSERT INTO ${schema.sql}.t (id) VALUES (1)`);
  }
  expect((await verify(schema, options)).of('t')).toMatchObject({
    verdict: 'MATCH',
    reason:
      '1 row compared, all the same; not compared: what MySQL and MariaDB make virtual column v of, which each writes in its own way',
  });
});
