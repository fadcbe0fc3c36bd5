import {
  caughtUp,
  createFreshSchema,
  createMonitorUser,
  type OwnPair,
  replicate,
  startPair,
  startServer,
} from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  let pair: OwnPair;
  beforeAll(async () => {
    pair = await startPair({ flavour });
  });
  afterAll(() => pair.remove());

  test('tables of schemas that no pattern fits are not opened', async () => {
    const { source, target } = pair;
    const schema = await createFreshSchema(pair);
    const other = await createFreshSchema(pair);
    await source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await source.query(`CREATE TABLE ${other.sql}.innodb (id INT PRIMARY KEY)`);
    await source.query(`CREATE TABLE ${other.sql}.memory (id INT PRIMARY KEY) ENGINE = MEMORY`);
    await schema.caughtUp();
    for (const server of [source, target]) await server.query('FLUSH LOCAL TABLES');
    expect((await verify(schema)).run.verdicts).toEqual({ MATCH: 1 });
    for (const server of [source, target]) {
      expect(await server.query(`SHOW OPEN TABLES FROM ${other.sql}`)).toEqual([]);
    }
  });

  test('a schema called SYS is one of the user’s', async () => {
    const { source, target } = pair;
    await source.query('CREATE DATABASE SYS');
    await source.query('CREATE TABLE SYS.t (id INT PRIMARY KEY)');
    for (const server of [source, target]) await createMonitorUser(server, ['SYS']);
    const schema = { ...(await createFreshSchema(pair)), name: 'SYS', sql: '`SYS`' };
    await plant(schema, 'INSERT INTO SYS.t VALUES (1)');
    const { results } = await verify(schema, {
      changes: { tables: { include: ['*.*'], exclude: [], overrides: [] } },
    });
    expect(results.map(({ schema: s, table, verdict }) => [s, table, verdict])).toContainEqual([
      'SYS',
      't',
      'DIFFERENT',
    ]);
    expect(results.map((result) => result.schema)).not.toContain('sys');
  });
});

test.each(flavours)(
  'a table has one name where the target knows names in small letters only (%s)',
  async (flavour) => {
    await using source = await startServer({ flavour });
    await using target = await startServer({ flavour, options: ['--lower-case-table-names=1'] });
    await replicate(target, source);
    await source.query('CREATE DATABASE Shop');
    await source.query('CREATE TABLE Shop.Orders (id INT PRIMARY KEY)');
    await source.query('CREATE TABLE Shop.plain (id INT PRIMARY KEY)');
    for (const server of [source, target]) {
      await createMonitorUser(server, [server === target ? 'shop' : 'Shop']);
    }
    const schema = { ...(await createFreshSchema({ source, target })), name: 'Shop', sql: '`Shop`' };
    await plant(schema, 'INSERT INTO Shop.Orders VALUES (1)');
    const { results } = await verify(schema, {
      changes: { tables: { include: ['*.*'], exclude: [], overrides: [] } },
    });
    // They are compared side by side.
    results.sort((a, b) => a.table.localeCompare(b.table));
    expect(results.map((result) => [result.schema, result.table, result.verdict])).toEqual([
      ['Shop', 'Orders', 'DIFFERENT'],
      ['Shop', 'plain', 'MATCH'],
    ]);

    // To the target it is the same table.
    const renamed = await verify(schema, {
      changes: { tables: { include: ['*.*'], exclude: [], overrides: [] } },
      only: [{ schema: 'Shop', table: 'plain' }],
      beforeDefinition: async (n) => {
        if (n > 1) return;
        await source.query('RENAME TABLE Shop.plain TO Shop.x');
        await source.query('RENAME TABLE Shop.x TO Shop.Plain');
      },
    });
    expect(renamed.of('plain')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: 'source calls it Shop.Plain by now, which is one name to target',
    });
  },
);

test.each(flavours)(
  'letters that JavaScript folds otherwise than servers make no two tables of one (%s)',
  async (flavour) => {
    await using source = await startServer({ flavour });
    await using target = await startServer({ flavour, options: ['--lower-case-table-names=1'] });
    await replicate(target, source);
    await source.query('CREATE DATABASE shop');
    // MariaDB does not find the second by the name that it was made with.
    const names = flavour === 'mysql' ? ['ΠΕΛΑΤΕΣ', 'İller'] : ['ΠΕΛΑΤΕΣ'];
    for (const name of names) {
      await source.query(`CREATE TABLE shop.${name} (id INT PRIMARY KEY)`);
    }
    for (const server of [source, target]) await createMonitorUser(server, ['shop']);
    const schema = { ...(await createFreshSchema({ source, target })), name: 'shop', sql: '`shop`' };
    await caughtUp(source, target);
    const { results } = await verify(schema, {
      changes: { tables: { include: ['shop.*'], exclude: [], overrides: [] } },
    });
    const found = results.map(({ table, verdict }) => `${table} ${verdict}`).sort();
    expect(found).toEqual(names.map((name) => `${name} MATCH`).sort());
  },
);

test('where the source alone compares names without case, tables have the names by which the target knows them', async () => {
  await using source = await startServer({ flavour: 'mariadb', options: ['--lower-case-table-names=1'] });
  await using target = await startServer({ flavour: 'mariadb' });
  await replicate(target, source);
  await source.query('CREATE DATABASE shop');
  await source.query('CREATE TABLE shop.Orders (id INT PRIMARY KEY)');
  await source.query('CREATE TABLE shop.Plain (id INT PRIMARY KEY)');
  for (const server of [source, target]) await createMonitorUser(server, ['shop']);
  const schema = { ...(await createFreshSchema({ source, target })), name: 'shop', sql: '`shop`' };
  // DDL is replicated as it was written.
  await plant(schema, 'CREATE TABLE shop.orders (id INT PRIMARY KEY)');
  const { results } = await verify(schema, {
    changes: { tables: { include: ['Shop.*'], exclude: [], overrides: [] } },
  });
  const found = results.map(({ table, verdict }) => `${table} ${verdict}`).sort();
  expect(found).toEqual(['Orders UNVERIFIED', 'Plain MATCH', 'orders UNVERIFIED']);
});

test('patterns, overrides and typed names fold as the servers fold names; two that collide are not compared', async () => {
  await using source = await startServer({ flavour: 'mariadb' });
  await using target = await startServer({ flavour: 'mariadb', options: ['--lower-case-table-names=1'] });
  await replicate(target, source);
  await source.query('CREATE DATABASE Shop');
  await source.query('CREATE TABLE Shop.Orders (id INT PRIMARY KEY, secret INT)');
  await source.query('CREATE TABLE Shop.Twin (id INT PRIMARY KEY)');
  await source.query('SET sql_log_bin = 0');
  await source.query('CREATE TABLE Shop.twin (id INT PRIMARY KEY)');
  await source.query('SET sql_log_bin = 1');
  for (const server of [source, target]) {
    await createMonitorUser(server, [server === target ? 'shop' : 'Shop']);
  }
  const schema = { ...(await createFreshSchema({ source, target })), name: 'Shop', sql: '`Shop`' };
  await plant(schema, 'INSERT INTO Shop.Orders VALUES (1, 987654321)');
  const override = { ignoreColumns: [], method: null, where: null };
  const tables = {
    include: ['sHOP.*'],
    exclude: [],
    overrides: [{ ...override, match: 'shop.orders', maskColumns: ['secret'] }],
  };
  const collide = 'source has Shop.Twin and Shop.twin, which are one table on target';
  const { results: found } = await verify(schema, { changes: { tables } });
  const results = found.sort((a, b) => (a.table < b.table ? -1 : 1));
  expect(results.map(({ table, verdict }) => [table, verdict])).toEqual([
    ['Orders', 'DIFFERENT'],
    ['Twin', 'UNVERIFIED'],
    ['twin', 'UNVERIFIED'],
  ]);
  for (const { reason } of results.slice(1)) expect(reason).toContain(collide);
  expect(JSON.stringify(results[0]?.rows)).not.toContain('987654321');

  const typed = await verify(schema, { changes: { tables }, only: [{ schema: 'SHOP', table: 'orders' }] });
  expect(typed.results.map(({ table, verdict }) => [table, verdict])).toEqual([['Orders', 'DIFFERENT']]);
});
