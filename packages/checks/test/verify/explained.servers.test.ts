import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { ServerFault, type SqlRow } from '../../src/server/sql-server.ts';
import { verifyConfig } from '../support/config.ts';
import { plant, verify } from '../support/verify.ts';

/** What a client that printed one character for another would show of every key. */
const printedAs = (from: string, to: string) => (_sql: string, rows: SqlRow[]) =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        // A key, not a hash: those have 32 digits.
        typeof value === 'string' && value.length < 32 ? value.replaceAll(from, to) : value,
      ]),
    ),
  );

function manyMore(rows: SqlRow[]): SqlRow[] {
  return Array.from({ length: 5000 }, () => rows[0] ?? {});
}

const oddKeys = [
  { charset: 'cp1251', one: '0x6198', plain: '0x62', other: '0x6398' },
  { charset: 'gbk', one: '0x61A140', plain: '0x62', other: '0x63A140' },
  { charset: 'sjis', one: '0x61815F', plain: '0x62', other: '0x635C' },
  { charset: 'latin1', one: '0x6181', plain: '0x62', other: '0x6381' },
];

describe.each(flavours)('on %s', (flavour) => {
  test.each(oddKeys)('a key of $charset that Unicode does not print is found and named', async (odd) => {
    const { charset, one, plain, other } = odd;
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.k`;
    const literal = (hex: string) => `_${charset} ${hex}`;
    await schema.source.query(
      `CREATE TABLE ${t} (k VARCHAR(10) CHARACTER SET ${charset} PRIMARY KEY, v INT)`,
    );
    await schema.source.query(
      `INSERT INTO ${t} VALUES (${literal(one)}, 1), (${literal(plain)}, 2), (${literal(other)}, 3)`,
    );
    await plant(schema, `UPDATE ${t} SET v = 9 WHERE v = 1`, `DELETE FROM ${t} WHERE v = 3`);
    const { of } = await verify(schema, { changes: { verify: { ...verifyConfig, maxChunkRows: 1 } } });
    expect(of('k')).toMatchObject({
      verdict: 'DIFFERENT',
      differences: { missing: 1, surplus: 0, changed: 1 },
      rows: [{ columns: expect.anything() as object }, {}],
    });
    const [row] = await schema.source.query<{ n: string }>(`SELECT COUNT(*) AS n FROM ${t}`);
    expect(Number(row?.n)).toBe(3);
  });

  test('a key that does not survive printing is unverified, never a match', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.k`;
    await schema.source.query(`CREATE TABLE ${t} (k VARCHAR(10) PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES ('a', 1), ('bé', 2), ('c', 3)`);
    await plant(schema, `UPDATE ${t} SET v = 9 WHERE v = 2`);
    const { of } = await verify(schema, { garble: printedAs('é', '?') });
    expect(of('k')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringContaining('cannot be named') as string,
    });
  });

  test('a key that prints like that of another row is unverified, never a match', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.k`;
    await schema.source.query(`CREATE TABLE ${t} (k VARCHAR(10) PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES ('a', 1), ('bé', 2), ('b?', 2), ('c', 3)`);
    await plant(schema, `UPDATE ${t} SET v = 9 WHERE k = 'bé'`);
    for (const maxChunkRows of [1, 100]) {
      const { of } = await verify(schema, {
        garble: printedAs('é', '?'),
        changes: { verify: { ...verifyConfig, maxChunkRows } },
      });
      expect(of('k').verdict, String(maxChunkRows)).toBe('UNVERIFIED');
    }
  });

  test('a boundary that prints as one before it ends the table, with the reason', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.k`;
    await schema.source.query(`CREATE TABLE ${t} (k VARCHAR(10) COLLATE utf8mb4_bin PRIMARY KEY, v INT)`);
    await schema.source.query(
      `INSERT INTO ${t} VALUES ('a', 1), ('b', 2), ('c', 3), ('é', 4), ('éa', 5), ('éb', 6), ('éc', 7)`,
    );
    await schema.caughtUp();
    const { of } = await verify(schema, {
      garble: printedAs('é', '?'),
      changes: { verify: { ...verifyConfig, maxChunkRows: 2 } },
    });
    expect(of('k')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringContaining('does not sort as it is printed') as string,
    });
  });

  test('a list that is cut short is no proof of a match', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.k`;
    await schema.source.query(`CREATE TABLE ${t} (k INT PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)`);
    await plant(schema, `UPDATE ${t} SET v = 9 WHERE k = 5`);
    const { of } = await verify(schema, {
      garble: (sql, rows) => (/LIMIT \d+$/.test(sql) ? rows.slice(0, 3) : rows),
    });
    expect(of('k')).toMatchObject({
      verdict: 'UNVERIFIED',
      reason: expect.stringContaining('it differs, and its rows cannot be named') as string,
    });
  });

  test.each(['checksum', 'consistency'] as const)(
    'contents that are grouped under a wrong hash are no match of a %s',
    async (check) => {
      const schema = await freshSchema(flavour);
      const t = `${schema.sql}.k`;
      await schema.source.query(`CREATE TABLE ${t} (k INT, v INT)`);
      await schema.source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 2), (2, 3)`);
      await plant(
        schema,
        check === 'checksum' ? `UPDATE ${t} SET v = 9 WHERE v = 3` : `DELETE FROM ${t} WHERE v = 3`,
      );
      const { of } = await verify(schema, {
        check,
        // As if the groups were those of a column of the table's own.
        garble: (sql, rows) => (sql.includes('GROUP BY') ? rows.slice(0, 0) : rows),
      });
      expect(of('k').verdict).toBe('UNVERIFIED');
    },
  );

  test('members of a SET beyond the BMP are compared', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.s`;
    await schema.source.query(
      `CREATE TABLE ${t} (id INT PRIMARY KEY, s SET('😀','😁') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL)`,
    );
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 3), (2, 1), (3, 2), (4, 0)`);
    await plant(schema, `UPDATE ${t} SET s = 1 WHERE id = 1`, `UPDATE ${t} SET s = 0 WHERE id = 3`);
    const { of } = await verify(schema);
    expect(of('s')).toMatchObject({ verdict: 'DIFFERENT', differences: { changed: 2 } });
    expect(of('s').rows.map(({ key }) => key)).toEqual([{ id: '1' }, { id: '3' }]);
  });

  test('text of another charset is not called the same where its characters have no place in Unicode', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.c`;
    await schema.source.query(
      `CREATE TABLE ${t} (id INT PRIMARY KEY, v VARCHAR(10) CHARACTER SET cp1251, w VARCHAR(10) CHARACTER SET cp1251)`,
    );
    await schema.source.query(`INSERT INTO ${t} VALUES (1, _cp1251 0x98, 'я'), (2, 'a', 'b')`);
    const utf8 = 'VARCHAR(10) CHARACTER SET utf8mb4';
    await plant(
      schema,
      `DROP TABLE ${t}`,
      `CREATE TABLE ${t} (id INT PRIMARY KEY, v ${utf8}, w ${utf8})`,
      `INSERT INTO ${t} VALUES (1, '?', 'я'), (2, 'a', 'b')`,
    );
    const { of } = await verify(schema);
    expect(of('c')).toMatchObject({
      verdict: 'DIFFERENT',
      differences: { changed: 1 },
      rows: [{ key: { id: '1' }, columns: ['v'] }],
    });
  });

  test('the checksum of the server is told, and decides nothing', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.orders`;
    await schema.source.query(
      `CREATE TABLE ${t} (id INT PRIMARY KEY, status CHAR(10) CHARACTER SET latin1, amount DECIMAL(10,2), customer INT)`,
    );
    const values = Array.from({ length: 2000 }, (_, i) => `(${i}, 'accepted', ${i % 97}.50, ${i % 13})`);
    await schema.source.query(`INSERT INTO ${t} VALUES ${values.join(', ')}`);
    await schema.caughtUp();
    const schedule = { everyMs: 1 };
    const changes = {
      checks: {
        checksum: { enabled: true, schedule, method: 'native' as const },
        consistency: { enabled: false, schedule, method: 'count' as const },
      },
    };
    const garble = (sql: string, rows: SqlRow[]) =>
      sql.startsWith('CHECKSUM TABLE') ? rows.map((row) => ({ ...row, Checksum: '1' })) : rows;
    await plant(schema, `UPDATE ${t} SET status = 'refused' WHERE id IN (3, 1700)`);
    const { of } = await verify(schema, { changes, garble });
    expect(of('orders')).toMatchObject({ verdict: 'DIFFERENT', differences: { changed: 2 } });
    expect(of('orders').reason).toContain('CHECKSUM TABLE is the same on both sides');
  });

  test('a table that is empty on the source and too large for a statement on the target is different', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.large`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    const values = Array.from({ length: 4000 }, (_, i) => `(${i}, ${i})`);
    await plant(schema, `INSERT INTO ${t} VALUES ${values.join(', ')}`);
    const { of } = await verify(schema, {
      changes: { verify: { ...verifyConfig, maxChunkRows: 5000, maxRowsListed: 5 } },
      // As if more rows could not be counted in the time that a statement has.
      garble: (sql, rows) => {
        const [count] = Object.values(rows[0] ?? {});
        if (!sql.startsWith('SELECT COUNT(*)') || Number(count) <= 1000) return rows;
        throw new ServerFault('timeout', 'target', 'target: no answer within 10 s');
      },
    });
    expect(of('large')).toMatchObject({ verdict: 'DIFFERENT', differences: { surplus: 4000 } });
  });

  test.each(['VARCHAR(20)', 'BINARY(8)', 'DATETIME(6)', 'DECIMAL(12,2)'])(
    'a chunk of full parts is compared to its end, whatever its key is (%s)',
    async (type) => {
      const schema = await freshSchema(flavour);
      const t = `${schema.sql}.full`;
      await schema.source.query(`CREATE TABLE ${t} (k ${type} PRIMARY KEY, v INT)`);
      const key = (i: number) =>
        type.startsWith('DATETIME') ? `'2026-01-01 00:00:00.0' + INTERVAL ${i} SECOND` : `${10_000_000 + i}`;
      const values = Array.from({ length: 12_000 }, (_, i) => `(${key(i)}, ${i})`);
      await schema.source.query(`INSERT INTO ${t} VALUES ${values.join(', ')}`);
      await plant(schema, `UPDATE ${t} SET v = -1 WHERE v IN (1, 4999, 5000, 7001, 11990)`);
      for (const maxChunkRows of [2000, 4000, 5000]) {
        const { of } = await verify(schema, { changes: { verify: { ...verifyConfig, maxChunkRows } } });
        expect(of('full')).toMatchObject({
          verdict: 'DIFFERENT',
          reason: '5 rows changed',
          rowsCompared: 12_000,
        });
      }
    },
  );

  test('rows with long keys are named, however little a statement may hold', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.long_keys`;
    await schema.source.query(`CREATE TABLE ${t} (k VARBINARY(3000) PRIMARY KEY, v INT)`);
    const values = Array.from({ length: 900 }, (_, i) => `(CONCAT(REPEAT('k', 2990), ${1000 + i}), ${i})`);
    await schema.source.query(`INSERT INTO ${t} VALUES ${values.join(', ')}`);
    await plant(schema, `UPDATE ${t} SET v = -1 - v`);
    let longest = 0;
    const { of } = await verify(schema, {
      garble: (sql, rows) => {
        longest = Math.max(longest, sql.length);
        return rows;
      },
    });
    expect(of('long_keys')).toMatchObject({ verdict: 'DIFFERENT', differences: { changed: 900 } });
    // The least that a server may be told to take, and the default of old ones.
    expect(longest).toBeLessThan(1024 * 1024);
  });

  test('what is confirmed stays different though the rest of its chunk cannot be decided', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.part`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    const values = Array.from({ length: 3000 }, (_, i) => `(${i}, ${i})`);
    await schema.source.query(`INSERT INTO ${t} VALUES ${values.join(', ')}`);
    await plant(schema, `UPDATE ${t} SET v = -1 WHERE id IN (5, 2500)`);
    let lists = 0;
    const { of } = await verify(schema, {
      changes: { verify: { ...verifyConfig, maxChunkRows: 5000 } },
      garble: (sql, rows) => {
        // A list of the later row's part cannot be had to its end.
        if (!/LIMIT \d+$/.test(sql) || !rows.some((row) => String(Object.values(row)[0]) === '2500')) {
          return rows;
        }
        lists++;
        return [...rows, ...manyMore(rows)];
      },
    });
    expect(lists).toBeGreaterThan(0);
    expect(of('part')).toMatchObject({ verdict: 'DIFFERENT', differences: { changed: 1 } });
    expect(of('part').reason).toContain('grew from');
  });
});

test.runIf(flavours.includes('mysql'))('JSON values that only print alike are different', async () => {
  const schema = await freshSchema('mysql');
  const t = `${schema.sql}.j`;
  const typed = [
    `CAST('2020-01-01' AS DATE)`,
    `CAST('10:11:12' AS TIME)`,
    `CAST('2020-01-01 10:11:12' AS DATETIME)`,
    `_binary 'bytes'`,
  ];
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, j JSON)`);
  for (const [i, value] of typed.entries()) {
    await schema.source.query(`INSERT INTO ${t} VALUES (${i}, JSON_OBJECT('a', ${value}, 'n', 1.25))`);
    await schema.source.query(`INSERT INTO ${t} VALUES (${i + 100}, JSON_ARRAY(JSON_OBJECT('b', ${value})))`);
  }
  expect((await verify(schema)).of('j').verdict).toBe('MATCH');
  await plant(schema, `UPDATE ${t} SET j = CAST(CAST(j AS CHAR) AS JSON)`);
  expect((await verify(schema)).of('j')).toMatchObject({ verdict: 'DIFFERENT', differences: { changed: 8 } });
});
