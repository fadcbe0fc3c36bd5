import { createMonitorUser, type ServerHandle } from '@lockstep/servers';
import { flavours, freshSchema, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Version } from '../../src/server/flavour.ts';
import { rowExpression, rowHash } from '../../src/verify/row/row-expression.ts';
import { readDefinition } from '../../src/verify/table/catalog.ts';
import type { TableDefinition } from '../../src/verify/table/definition.ts';
import { connect } from '../support/connect.ts';
import { mariadbHas } from '../support/mariadb-has.ts';

/** A column type and values of it that are all different, as SQL literals. */
interface Sample {
  type: string;
  values: string[];
  only?: 'mysql' | 'mariadb';
  /** Of MariaDB's versions, the first that has it. */
  since?: Version;
}

const samples: Sample[] = [
  { type: 'TINYINT', values: ['NULL', '0', '1', '-1', '127', '-128'] },
  { type: 'INT UNSIGNED ZEROFILL', values: ['NULL', '0', '7', '4294967295'] },
  {
    type: 'BIGINT UNSIGNED',
    values: ['NULL', '0', '9007199254740993', '9007199254740992', '18446744073709551615'],
  },
  {
    type: 'DECIMAL(30,10)',
    values: ['NULL', '0', '0.0000000001', '-0.0000000001', '12345678901234567890.0000000001'],
  },
  { type: 'FLOAT', values: ['NULL', '0', '16777216', '16777218', '16777220', '0.1', '1e-38', '0.10000001'] },
  {
    type: 'DOUBLE',
    values: [
      'NULL',
      '0',
      '0.1',
      '0.10000000000000002',
      '1e300',
      '1.0000000000000002',
      '1',
      '9007199254740993e0',
      '123456789.12345679',
      '123456789.12345678',
    ],
  },
  { type: 'DOUBLE(20,4)', values: ['NULL', '0', '0.1', '123456.7891'] },
  { type: 'BIT(10)', values: ['NULL', "b'0'", "b'1'", "b'1111111111'"] },
  {
    type: 'BIT(64)',
    values: [
      'NULL',
      "b'0'",
      "b'1111111111111111111111111111111111111111111111111111111111111111'",
      "b'1111111111111111111111111111111111111111111111111111111111111110'",
    ],
  },
  { type: 'YEAR', values: ['NULL', '0', '1999', '2026'] },
  { type: 'DATE', values: ['NULL', "'1000-01-01'", "'9999-12-31'", "'0000-00-00'", "'2026-00-00'"] },
  {
    type: 'TIME(6)',
    values: ['NULL', "'00:00:00'", "'-838:59:59'", "'12:00:00.000001'", "'12:00:00.000002'"],
  },
  {
    type: 'DATETIME(6)',
    values: ['NULL', "'2026-01-01 00:00:00'", "'2026-01-01 00:00:00.000001'", "'0000-00-00'"],
  },
  {
    type: 'TIMESTAMP(3) NULL',
    values: ['NULL', "'2026-01-01 00:00:00'", "'2026-01-01 00:00:00.001'", "'0000-00-00'"],
  },
  {
    type: 'CHAR(10) CHARACTER SET utf8mb4',
    values: ['NULL', "''", "'a'", "'A'", "'ä'", "'0'", "'N'", "','", "'a,'", "'😀'"],
  },
  {
    type: 'VARCHAR(20) CHARACTER SET utf8mb4',
    values: ['NULL', "''", "'a'", "'a '", "'A'", "'a\\0'", "'N'", "'1,'", "',1'"],
  },
  { type: 'VARCHAR(20) CHARACTER SET latin1', values: ['NULL', "''", "'é'", "'e'", "'É'", "'€'"] },
  { type: 'VARCHAR(20) CHARACTER SET utf16', values: ['NULL', "''", "'é'", "'😀'", "'a,b'"] },
  { type: 'TEXT', values: ['NULL', "''", "REPEAT('x', 60000)", "CONCAT(REPEAT('x', 59999), 'y')"] },
  { type: 'MEDIUMTEXT', values: ['NULL', "''", "REPEAT('x', 3000000)", "CONCAT(REPEAT('x', 2999999), 'y')"] },
  { type: 'BINARY(4)', values: ['NULL', "''", "'\\0\\0\\0 '", "'a'", "x'FF00FF00'"] },
  { type: 'VARBINARY(10)', values: ['NULL', "''", "'\\0'", "'\\0\\0'", "x'2C4E'", "x'C328'"] },
  { type: 'BLOB', values: ['NULL', "''", "'\\0'", "x'00FF'"] },
  { type: 'LONGBLOB', values: ['NULL', "''", "'\\0'", "x'00FF'"] },
  { type: "ENUM('a','b,c','N','')", values: ['NULL', "'a'", "'b,c'", "'N'", "''"] },
  { type: "SET('a','b','c')", values: ['NULL', "''", "'a'", "'a,b'", "'b,c'"] },
  {
    type: 'GEOMETRY',
    values: [
      'NULL',
      "ST_GeomFromText('POINT(1 1)')",
      "ST_GeomFromText('POINT(1 2)')",
      "ST_GeomFromText('POINT(1 1)', 4326)",
    ],
  },
  { type: 'JSON', values: ['NULL', "'{}'", "'[]'", "'null'", `'{"a":1}'`, `'{"a":1.0}'`, `'"N"'`] },
  {
    type: 'UUID',
    only: 'mariadb',
    since: [10, 7, 0],
    values: ['NULL', "'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'"],
  },
  { type: 'INET6', only: 'mariadb', values: ['NULL', "'::'", "'::1'", "'::ffff:1.2.3.4'"] },
  {
    type: 'VECTOR(2)',
    only: 'mysql',
    values: ['NULL', "STRING_TO_VECTOR('[1,2]')", "STRING_TO_VECTOR('[1,3]')"],
  },
];

async function hashes(
  name: string,
  definition: TableDefinition,
  other: TableDefinition,
  side: 'source' | 'target',
  server: ServerHandle,
): Promise<string[]> {
  const [from, to] = side === 'source' ? [definition, other] : [other, definition];
  const sides = from.columns
    .filter((column) => column.name !== 'id')
    .map((source) => ({ source, target: to.columns.find((c) => c.name === source.name) ?? source }));
  const expression = rowExpression(sides)[side];
  const lockstep = await connect({ [side]: server });
  const rows = await lockstep[side]!.query(`SELECT ${rowHash(expression)} AS h FROM ${name} ORDER BY id`);
  return rows.map((row) => String(row.h));
}

async function fill(server: ServerHandle, name: string, columns: string[], rows: string[][]): Promise<void> {
  await server.query(`SET sql_mode = ''`);
  await server.query(`CREATE TABLE ${name} (id INT PRIMARY KEY AUTO_INCREMENT, ${columns.join(', ')})`);
  for (const row of rows) {
    await server.query(`INSERT INTO ${name} VALUES (NULL, ${row.join(', ')})`);
  }
}

describe.each(flavours)('on %s', (flavour) => {
  const here = samples.filter(
    ({ only, since }) => (!only || only === flavour) && (!since || mariadbHas(since)),
  );

  test.each(here)('$type: every different value gives a different hash', async ({ type, values }) => {
    const { source, sql, name } = await freshSchema(flavour);
    await fill(
      source,
      `${sql}.t`,
      [`v ${type}`],
      values.map((value) => [value]),
    );
    const { server } = await connect({ server: source });
    const definition = await readDefinition(server!, { schema: name, table: 't' });
    const found = await hashes(`${sql}.t`, definition!, definition!, 'source', source);
    expect(found).toHaveLength(values.length);
    expect(new Set(found).size, JSON.stringify(found)).toBe(values.length);
  });

  test('values cannot pass from one column into the next, nor NULL for empty, in any combination', async () => {
    const { source, sql, name } = await freshSchema(flavour);
    const parts = ['NULL', "''", "','", "'N'", "'1'", "',,'", "'1,'", "',1'"];
    const rows = parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => [a, b, c])));
    await fill(source, `${sql}.t`, ['a VARCHAR(5)', 'b VARBINARY(5)', 'c VARCHAR(5)'], rows);
    const { server } = await connect({ server: source });
    const definition = await readDefinition(server!, { schema: name, table: 't' });
    const found = await hashes(`${sql}.t`, definition!, definition!, 'source', source);
    expect(new Set(found).size).toBe(rows.length);
  });
});

test('equal rows hash equal on MariaDB and MySQL, for every type that both have', async () => {
  const [mariadb, mysql] = [(await sharedPair('mariadb')).source, (await sharedPair('mysql')).source];
  const name = `x_${Math.random().toString(36).slice(2)}`;
  for (const server of [mariadb, mysql]) await server.query(`CREATE DATABASE ${name}`);
  onTestFinished(async () => {
    for (const server of [mariadb, mysql]) await server.query(`DROP DATABASE ${name}`);
  });
  const both = samples.filter(({ only, type }) => !only && type !== 'JSON');
  const longest = Math.max(...both.map(({ values }) => values.length));
  const rows = Array.from({ length: longest }, (_, i) =>
    both.map(({ values }) => values[i % values.length] ?? 'NULL'),
  );
  for (const server of [mariadb, mysql]) {
    await createMonitorUser(server, [name]);
    await fill(
      server,
      `${name}.t`,
      both.map(({ type }, i) => `v${i} ${type}`),
      rows,
    );
  }
  const lockstep = await connect({ mariadb, mysql });
  const a = await readDefinition(lockstep.mariadb!, { schema: name, table: 't' });
  const b = await readDefinition(lockstep.mysql!, { schema: name, table: 't' });
  for (const [i, { type }] of both.entries()) {
    const only = (definition: TableDefinition) => ({
      ...definition,
      columns: definition.columns.filter((column) => column.name === `v${i}`),
    });
    expect(await hashes(`${name}.t`, only(b!), only(a!), 'target', mysql), type).toEqual(
      await hashes(`${name}.t`, only(a!), only(b!), 'source', mariadb),
    );
  }
});
