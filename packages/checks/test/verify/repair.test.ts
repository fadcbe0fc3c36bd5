import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { repairText } from '../../src/verify/repair/repair-text.ts';
import { connect } from '../support/connect.ts';
import { plant, verify } from '../support/verify.ts';

const columns = {
  both: [
    'i INT NULL',
    'u BIGINT UNSIGNED NULL',
    'd DECIMAL(20,6) NULL',
    'f FLOAT NULL',
    'g DOUBLE NULL',
    'b BIT(12) NULL',
    'y YEAR NULL',
    't TIME(6) NULL',
    'dt DATETIME(6) NULL',
    'ts TIMESTAMP(3) NULL',
    'c VARCHAR(40) CHARACTER SET utf8mb4 NULL',
    'l VARCHAR(40) CHARACTER SET latin1 NULL',
    'w VARCHAR(40) CHARACTER SET utf16 NULL',
    'x TEXT NULL',
    'v VARBINARY(20) NULL',
    'bl BLOB NULL',
    "e ENUM('a','b,c') NULL",
    "s SET('a','b') NULL",
    'p POINT NULL',
    'j JSON NULL',
    'gen INT AS (i + 1) STORED',
  ],
};
const names = 'id, i, u, d, f, g, b, y, t, dt, ts, c, l, w, x, v, bl, e, s, p, j';
const values = (n: number) =>
  `-${n}, 18446744073709551615 - ${n}, ${n}.000001, 0.1 * ${n}, 0.1 * ${n}, ${n}, 2000 + ${n % 50}, '12:00:00.00000${n % 10}',
   '2026-01-01 00:00:00.00000${n % 10}', '2026-06-01 10:00:00.123', 'ä''\\\\ 😀 ${n}', 'é${n}', 'ü${n}', REPEAT('long ${n} ', 200),
   X'00FF2C${(n % 90) + 10}', X'00', 'b,c', 'a,b', ST_GeomFromText('POINT(${n} 1)'), '{"a": [${n}, null]}'`;
const nulls = Array.from({ length: 20 }, () => 'NULL').join(', ');

describe.each(flavours)('on %s', (flavour) => {
  test('the repair text, run on the target as it is, makes the next run match, for every type', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(
      `CREATE TABLE ${t} (id INT AUTO_INCREMENT PRIMARY KEY, ${columns.both.join(', ')})`,
    );
    for (let n = 1; n <= 6; n++)
      await schema.source.query(`INSERT INTO ${t} (${names}) VALUES (${n}, ${values(n)})`);
    await schema.source.query(`INSERT INTO ${t} (${names}) VALUES (7, ${nulls})`);
    await plant(
      schema,
      `DELETE FROM ${t} WHERE id IN (1, 7)`,
      `INSERT INTO ${t} (${names}) VALUES (8, ${values(8)})`,
      `INSERT INTO ${t} (${names}) VALUES (9, ${nulls})`,
      `REPLACE INTO ${t} (${names}) VALUES (2, ${nulls})`,
      `REPLACE INTO ${t} (${names}) VALUES (3, ${values(33)})`,
      `UPDATE ${t} SET c = CONCAT(c, ' '), f = f * 1.000001, j = '[]' WHERE id = 4`,
    );
    const before = (await verify(schema)).of('t');
    expect(before.differences, before.reason).toEqual({ missing: 2, surplus: 2, changed: 3 });

    const { source, target } = await connect({ source: schema.source, target: schema.target });
    const repair = await repairText({
      source: source!,
      target: target!,
      name: { schema: schema.name, table: 't' },
      rows: before.rows,
      total: before.rows.length,
      override: { ignoreColumns: [], maskColumns: [] },
      query: {},
    });
    expect(repair.statements).toHaveLength(7);
    await plant(schema, ...repair.preamble, ...repair.statements);
    const after = (await verify(schema)).of('t');
    expect(after.verdict, `${after.reason}\n${repair.statements.join('\n')}`).toBe('MATCH');
  });

  test('a row that was changed since is left alone by its guard', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v VARCHAR(10))`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 'a')`);
    await plant(schema, `UPDATE ${t} SET v = 'b' WHERE id = 1`);
    const { rows } = (await verify(schema)).of('t');
    const { source, target } = await connect({ source: schema.source, target: schema.target });
    const { statements } = await repairText({
      source: source!,
      target: target!,
      name: { schema: schema.name, table: 't' },
      rows,
      total: 1,
      override: { ignoreColumns: [], maskColumns: [] },
      query: {},
    });
    await plant(schema, `UPDATE ${t} SET v = 'B' WHERE id = 1`, ...statements);
    expect(await schema.target.query(`SELECT v FROM ${t}`)).toEqual([{ v: 'B' }]);
  });
});
