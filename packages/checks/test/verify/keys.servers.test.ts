import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import type { Version } from '../../src/server/flavour.ts';
import { verifyConfig } from '../support/config.ts';
import { mariadbHas } from '../support/mariadb-has.ts';
import { plant, verify } from '../support/verify.ts';

/** With no room for tables without a key, what is compared is compared by its key. */
const chunksOf = (maxChunkRows: number) => ({
  changes: { verify: { ...verifyConfig, maxChunkRows, maxRowsWithoutKey: 0, parallel: 4 } },
});

interface KeyCase {
  name: string;
  /** Columns of the table and its key. */
  columns: string;
  /** Keys that source and target have, as SQL. */
  keys: string[];
  /** Keys of surplus rows: below, between and above the others where there is room. */
  surplus: string[];
  only?: 'mysql' | 'mariadb';
  /** Of MariaDB's versions, the first that has it. */
  since?: Version;
}

const many = (count: number, from = 1) => Array.from({ length: count }, (_, i) => String(from + i));

const cases: KeyCase[] = [
  {
    name: 'a composite key',
    columns: 'a INT, b VARCHAR(9), c DATE, PRIMARY KEY (a, b, c)',
    keys: ["1, 'x', '2026-01-01'", "1, 'x', '2026-01-02'", "1, 'y', '2026-01-01'", "2, '', '2026-01-01'"],
    surplus: ["0, 'z', '2026-01-01'", "1, 'x', '2025-12-31'", "2, 'z', '2026-01-01'"],
  },
  {
    name: 'an index that runs downwards in part',
    columns: 'a INT, b INT, PRIMARY KEY (a, b DESC)',
    keys: ['1, 3', '1, 2', '1, 1', '2, 9', '2, 8', '3, 1', '3, 0'],
    surplus: ['0, 0', '1, 9', '1, -1', '2, 7', '3, -5', '4, 4'],
  },
  {
    name: 'an index that runs downwards',
    columns: 'a BIGINT, PRIMARY KEY (a DESC)',
    keys: many(20, -3),
    surplus: ['-9223372036854775808', '9223372036854775807', '40'],
  },
  {
    name: 'text that knows no case and no accents',
    columns: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci PRIMARY KEY',
    keys: ["'a'", "'Äb'", "'B'", "'é'", "'Z'", "'😀'", "'ß'", "'x y'", "''", "'o''clock'", "'back\\\\slash'"],
    surplus: ["' !'", "'ac'", "'zz'", "'😁'"],
  },
  {
    name: 'text where trailing spaces do not count',
    columns: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY',
    keys: ["'a '", "'b'", "'c  '", "'d'"],
    surplus: ["' '", "'bb '", "'e '"],
  },
  {
    name: 'text in latin1',
    columns: 'k VARCHAR(20) CHARACTER SET latin1 PRIMARY KEY',
    keys: ["'a'", "'ä'", "'é'", "'ß'", "'ÿ'", "'€'"],
    surplus: ["'A!'", "'ö'", "'z'"],
  },
  {
    name: 'text by its bytes, in utf16',
    columns: 'k VARCHAR(20) CHARACTER SET utf16 COLLATE utf16_bin PRIMARY KEY',
    keys: ["'a'", "'A'", "'ä'", "'😀'", "'\\uFFFD'", "'漢'"],
    surplus: ["'0'", "'b'", "'😁'"],
  },
  {
    name: 'bytes with zeros in them',
    columns: 'k VARBINARY(8) PRIMARY KEY',
    keys: ["X''", "X'00'", "X'0000'", "X'00FF'", "X'61'", "X'6100'", "X'FF'"],
    surplus: ["X'000000'", "X'6101'", "X'FFFF'"],
  },
  {
    name: 'a UUID in 16 bytes',
    columns: 'k BINARY(16) PRIMARY KEY',
    keys: many(9)
      .map((n) => `UNHEX(MD5('${n}'))`)
      .map((sql) => sql.replace(/MD5\('(.)'\)/, "RPAD('$1', 32, '7')")),
    surplus: ["X'00'", "UNHEX(RPAD('4', 32, '8'))", "UNHEX(REPEAT('F', 32))"],
  },
  {
    name: 'a UUID',
    only: 'mariadb',
    since: [10, 7, 0],
    columns: 'k UUID PRIMARY KEY',
    keys: many(9).map((n) => `'${n}0000000-1234-4234-8234-12345678901${n}'`),
    surplus: ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
  },
  {
    name: 'an address',
    only: 'mariadb',
    columns: 'k INET6 PRIMARY KEY',
    keys: ["'::1'", "'::ffff:1.2.3.4'", "'2001:db8::1'", "'fe80::1'"],
    surplus: ["'::'", "'2001:db8::2'", "'ffff::'"],
  },
  {
    name: 'whole numbers up to 2^64',
    columns: 'k BIGINT UNSIGNED PRIMARY KEY',
    keys: ['9007199254740992', '9007199254740993', '18446744073709551613', '18446744073709551614'],
    surplus: ['0', '9007199254740994', '18446744073709551615'],
  },
  {
    name: 'decimals of all digits',
    columns: 'k DECIMAL(65,30) PRIMARY KEY',
    keys: [
      `-${'9'.repeat(35)}.${'9'.repeat(30)}`,
      `0.${'0'.repeat(29)}1`,
      `0.${'0'.repeat(29)}2`,
      `${'9'.repeat(35)}.${'9'.repeat(29)}8`,
    ],
    surplus: ['0', `0.${'0'.repeat(29)}3`, `${'9'.repeat(35)}.${'9'.repeat(30)}`],
  },
  {
    name: 'FLOAT',
    columns: 'k FLOAT PRIMARY KEY',
    keys: ['-1e30', '-1.5', '0', '0.1', '0.10000001', '16777216', '16777218', '3.4e38'],
    surplus: ['-3.4e38', '0.10000002', '16777220'],
  },
  {
    name: 'DOUBLE',
    columns: 'k DOUBLE, n INT, PRIMARY KEY (k, n)',
    keys: ['-1.0446612447316866e-169, 1', '0, 1', '0.1, 1', '0.1, 2', '0.10000000000000002, 1', '1e300, 1'],
    surplus: [
      '-1.7976931348623157e308, 0',
      '0.1, 3',
      '-1.0446612447316868e-169, 1',
      '1.7976931348623157e308, 9',
    ],
  },
  {
    name: 'BIT',
    columns: 'k BIT(64) PRIMARY KEY',
    keys: ['1', '2', '255', '9223372036854775808', '18446744073709551614'],
    surplus: ['0', '3', '18446744073709551615'],
  },
  {
    name: 'YEAR',
    columns: 'k YEAR, n INT, PRIMARY KEY (k, n)',
    keys: ['0, 1', '0, 2', '1901, 1', '1970, 1', '2026, 1', '2026, 2', '2155, 1'],
    surplus: ['0, 0', '2000, 1', '2155, 2'],
  },
  {
    name: 'DATETIME with zeros and impossible days',
    columns: 'k DATETIME(6) PRIMARY KEY',
    keys: [
      ...["'0000-00-00'", "'2026-00-00'", "'2026-02-31 10:00:00'", "'2026-03-29 02:30:00'"],
      ...["'2026-03-29 02:30:00.000001'", "'9999-12-31 23:59:59.999998'"],
    ],
    surplus: ["'2026-01-00'", "'2026-03-29 02:30:00.000002'", "'9999-12-31 23:59:59.999999'"],
  },
  {
    name: 'DATE with zeros and impossible days',
    columns: 'k DATE PRIMARY KEY',
    keys: ["'0000-00-00'", "'2026-00-00'", "'2026-02-28'", "'2026-02-31'", "'2026-03-01'"],
    surplus: ["'2026-02-00'", "'2026-02-30'", "'9999-12-31'"],
  },
  {
    name: 'TIMESTAMP across the hour that is twice',
    columns: "k TIMESTAMP(6) NOT NULL DEFAULT '2025-01-01', n INT, PRIMARY KEY (k, n)",
    // In UTC; where clocks go back these are read as 02:30 twice.
    keys: ["'2025-10-26 00:30:00', 1", "'2025-10-26 01:30:00', 1", "'2025-10-26 01:30:00.000001', 1"],
    surplus: ["'1970-01-01 00:00:01', 1", "'2025-10-26 00:30:00', 2", "'2038-01-19 03:14:07', 1"],
  },
  {
    name: 'TIME',
    columns: 'k TIME(6) PRIMARY KEY',
    keys: ["'-838:59:58'", "'-00:00:00.000001'", "'00:00:00'", "'12:00:00.000001'", "'838:59:58'"],
    surplus: ["'-838:59:59'", "'12:00:00.000002'", "'838:59:59'"],
  },
  {
    name: 'ENUM, by the order of its labels',
    columns: "k ENUM('z','','a','b,c','m') NOT NULL, n INT NOT NULL, UNIQUE KEY (k, n)",
    keys: ["'z', 1", "'z', 2", "'a', 1", "'', 1", "'a', 2", "'b,c', 1", "'no label', 1", "'no label', 5"],
    surplus: ["'no label', 0", "'', 2", "'z', 0", "'m', 1"],
  },
  {
    name: 'a unique key, where the primary key cannot be used',
    columns: "s SET('a','b'), k INT NOT NULL, PRIMARY KEY (s), UNIQUE KEY k (k)",
    keys: ["'', 1", "'a', 2", "'b', 3"],
    surplus: ["'a,b', 0"],
  },
];

describe.each(flavours)('on %s', (flavour) => {
  test('keys of every sort: equal rows match; missing, changed and surplus rows are found, wherever they lie', async () => {
    const schema = await freshSchema(flavour);
    const here = cases.filter(
      ({ only, since }) => (!only || only === flavour) && (!since || mariadbHas(since)),
    );
    const table = (i: number) => `${schema.sql}.t${i}`;
    for (const server of [schema.source, schema.target]) {
      await server.query(`SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'`);
    }
    for (const [i, { columns, keys }] of here.entries()) {
      await schema.source.query(`CREATE TABLE ${table(i)} (${columns}, v INT NOT NULL, w INT NOT NULL)`);
      const rows = keys.map((key, n) => `(${key}, ${n}, 0)`);
      await schema.source.query(`INSERT INTO ${table(i)} VALUES ${rows.join(', ')}`);
    }
    await schema.caughtUp();
    const before = await verify(schema, chunksOf(1));
    for (const [i, { name, keys }] of here.entries()) {
      const result = before.of(`t${i}`);
      expect(result, `${name}: ${result.reason}`).toMatchObject({
        verdict: 'MATCH',
        rowsCompared: keys.length,
      });
      expect(result.chunks, name).toBeGreaterThan(2);
    }

    const planted = here.flatMap(({ keys, surplus }, i) => [
      `DELETE FROM ${table(i)} WHERE v = ${Math.floor(keys.length / 2)}`,
      `UPDATE ${table(i)} SET w = 1 WHERE v = 0`,
      ...surplus.map((key, n) => `INSERT INTO ${table(i)} VALUES (${key}, ${100 + n}, 0)`),
    ]);
    await plant(schema, ...planted);
    const after = await verify(schema, chunksOf(4));
    for (const [i, { name, surplus }] of here.entries()) {
      const { differences, rows, reason } = after.of(`t${i}`);
      expect(differences, `${name}: ${reason}`).toEqual({
        missing: 1,
        changed: 1,
        surplus: surplus.length,
      });
      expect(rows.find(({ kind }) => kind === 'changed')?.columns, name).toEqual(['w']);
    }
  });
});
