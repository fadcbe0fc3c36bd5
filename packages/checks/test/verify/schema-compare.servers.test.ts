import { createMonitorUser, startServer } from '@lockstep/servers';
import { flavours, freshSchema, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listTables, readDefinition } from '../../src/verify/table/catalog.ts';
import { compareSchemas } from '../../src/verify/table/schema-compare.ts';
import { connect } from '../support/connect.ts';
import { mariadbHas } from '../support/mariadb-has.ts';
import { plant, verify } from '../support/verify.ts';

/** In indices; before, MariaDB reads the word and sorts upwards. */
const descends = !flavours.includes('mariadb') || mariadbHas([10, 8, 0]);

/** Bodies of CREATE TABLE that every server understands. */
const tables = [
  `id INT PRIMARY KEY, a TINYINT, b BOOLEAN, c SMALLINT UNSIGNED, d MEDIUMINT, e BIGINT UNSIGNED, f INT(6) ZEROFILL,
   g INT(11), h DECIMAL(65,30), i NUMERIC, j FLOAT, k FLOAT(10,2), l DOUBLE(20,4) UNSIGNED, m REAL, n BIT, o YEAR, p YEAR(4)`,
  `id INT AUTO_INCREMENT PRIMARY KEY, a DATE, b DATETIME(6), c TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
   d TIME(3), e TIMESTAMP(6) NULL, f DATETIME DEFAULT NOW()`,
  `id CHAR(10) PRIMARY KEY, a VARCHAR(10) NOT NULL DEFAULT 'it''s', b NCHAR(4), c NATIONAL VARCHAR(5), d TINYTEXT, e TEXT, f MEDIUMTEXT,
   g LONGTEXT, h VARCHAR(20) CHARACTER SET latin1, i VARCHAR(20) CHARACTER SET utf8, j TEXT CHARACTER SET utf16,
   k VARCHAR(5) COLLATE utf8mb4_bin, l VARCHAR(5) COLLATE utf8mb4_unicode_ci, KEY a (a(3), b${descends ? ' DESC' : ''}), FULLTEXT KEY ft (d, e)`,
  `id BINARY(16) PRIMARY KEY, a VARBINARY(10), b TINYBLOB, c BLOB, d MEDIUMBLOB, e LONGBLOB, f CHAR(3) BYTE, UNIQUE KEY b (a, b(5))`,
  `id INT PRIMARY KEY, a ENUM('a','b  c','d''e','','/*f*/'), b SET('x','y') NOT NULL DEFAULT 'x', c JSON, d JSON NOT NULL, CHECK (id > 0)`,
  `id INT PRIMARY KEY, a GEOMETRY, b POINT NOT NULL, c LINESTRING, d POLYGON, e MULTIPOINT, f MULTILINESTRING, g MULTIPOLYGON,
   h GEOMETRYCOLLECTION, SPATIAL KEY b (b)`,
  `id INT, a INT, s INT AS (a + 1) STORED, v VARCHAR(20) AS (CONCAT('x', a)) VIRTUAL, PRIMARY KEY (id), UNIQUE KEY s (s, a)`,
  `id INT, d DATE, PRIMARY KEY (id, d)) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN MAXVALUE`,
];

test('the same DDL is the same table on MySQL and on two releases of MariaDB', async () => {
  const newest = await startServer({ flavour: 'mariadb', release: 'newest' });
  onTestFinished(() => newest.remove());
  const handles = [(await sharedPair('mysql')).source, (await sharedPair('mariadb')).source, newest];
  const schema = `s_${Math.random().toString(36).slice(2)}`;
  onTestFinished(async () => {
    for (const handle of handles) await handle.query(`DROP DATABASE IF EXISTS ${schema}`);
  });
  for (const handle of handles) {
    await handle.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
    await createMonitorUser(handle, [schema]);
    for (const [i, body] of tables.entries()) {
      const end = body.includes('PARTITION') ? ')' : ') ENGINE=InnoDB';
      await handle.query(`CREATE TABLE ${schema}.t${i} (${body}${end}`);
    }
  }
  const servers = Object.values(await connect(Object.fromEntries(handles.map((h, i) => [`s${i}`, h]))));
  for (const i of tables.keys()) {
    const name = { schema, table: `t${i}` };
    for (const source of servers) {
      for (const target of servers) {
        const [from, to] = await Promise.all([readDefinition(source, name), readDefinition(target, name)]);
        const { differences } = compareSchemas(
          from!,
          to!,
          { source: source.facts!, target: target.facts! },
          [],
        );
        expect(
          differences.map(({ message }) => message),
          `${source.facts!.versionText} and ${target.facts!.versionText}`,
        ).toEqual([]);
      }
    }
  }
});

const base = `id INT PRIMARY KEY, a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, b INT NOT NULL, c ENUM('x y','z'),
  d TEXT, g INT AS (b + 1) STORED, h INT AS (b + 2) VIRTUAL, KEY k (a), UNIQUE KEY u (b, a)`;

test('the case of a literal counts in an index of an expression, and that of a column does not', async () => {
  const schema = await freshSchema('mysql');
  const body = 'id INT PRIMARY KEY, a VARCHAR(20)';
  for (const table of ['literal', 'same']) {
    await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (${body}, KEY k ((CONCAT(a, 'X')), a))`);
  }
  await plant(
    schema,
    `ALTER TABLE ${schema.sql}.literal DROP KEY k, ADD KEY k ((CONCAT(a, 'x')), a)`,
    `ALTER TABLE ${schema.sql}.same DROP KEY k, ADD KEY k ((CONCAT(A, 'X')), A)`,
  );
  const { of } = await verify(schema);
  expect(of('literal').schemaDifferences).toMatchObject([{ object: 'index k' }]);
  expect(of('same').verdict).toBe('MATCH');
});

describe.each(flavours)('on %s', (flavour) => {
  test('every difference of a table is named', async () => {
    const schema = await freshSchema(flavour);
    const alterations: [alter: string, ...named: string[]][] = [
      ['DROP COLUMN d', 'column d text is on the source only'],
      ['ADD COLUMN e INT NOT NULL', 'column e int NOT NULL is on the target only'],
      [
        'MODIFY COLUMN d TEXT AFTER id',
        'column order: id, a, b, c, d, g on the source, id, d, a, b, c, g on the target',
      ],
      ['MODIFY COLUMN b BIGINT NOT NULL', 'column b: int on the source, bigint on the target'],
      ['MODIFY COLUMN b INT UNSIGNED NOT NULL', 'column b: int on the source, int unsigned on the target'],
      ['MODIFY COLUMN b INT NULL', 'column b nullability: NOT NULL on the source, NULL on the target'],
      [
        'MODIFY COLUMN a VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
        'column a: varchar(20) on the source, varchar(30) on the target',
      ],
      [
        `MODIFY COLUMN c ENUM('x  y','z')`,
        "column c: enum('x y','z') on the source, enum('x  y','z') on the target",
      ],
      [
        'MODIFY COLUMN a VARCHAR(20) CHARACTER SET latin1',
        'column a charset: utf8mb4 on the source, latin1 on the target',
      ],
      [
        'MODIFY COLUMN a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
        'column a collation: utf8mb4_general_ci on the source, utf8mb4_bin on the target',
      ],
      ['DROP KEY k', 'index k (a) is on the source only'],
      ['ADD KEY l (b)', 'index l (b) is on the target only'],
      ['DROP KEY k, ADD UNIQUE KEY k (a)', 'index k: (a) on the source, unique (a) on the target'],
      ['DROP KEY k, ADD KEY k (a(5))', 'index k: (a) on the source, (a(5)) on the target'],
      ...(flavour === 'mysql' || descends
        ? [
            ['DROP KEY k, ADD KEY k (a DESC)', 'index k: (a) on the source, (a desc) on the target'] as [
              string,
              string,
            ],
          ]
        : []),
      ['DROP KEY k, ADD FULLTEXT KEY k (a)', 'index k: (a) on the source, fulltext (a) on the target'],
      [
        'DROP KEY u, ADD UNIQUE KEY u (a, b)',
        'index u: unique (b, a) on the source, unique (a, b) on the target',
      ],
      [
        'DROP PRIMARY KEY, ADD PRIMARY KEY (id, b)',
        'primary key: unique (id) on the source, unique (id, b) on the target',
      ],
      ['DROP PRIMARY KEY', 'primary key unique (id) is on the source only'],
      ['ENGINE=MyISAM', 'engine: InnoDB on the source, MyISAM on the target'],
      ['MODIFY COLUMN g INT', 'column g generation: stored on the source, none on the target'],
      [
        'DROP COLUMN g, ADD COLUMN g INT AS (b + 1) VIRTUAL AFTER d',
        'column g generation: stored on the source, virtual on the target',
      ],
      ['DROP COLUMN h, ADD COLUMN h INT AS (b + 3) VIRTUAL', 'column h expression:'],
    ];
    for (const i of alterations.keys()) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.t${i} (${base}) ENGINE=InnoDB`);
      await schema.source.query(`INSERT INTO ${schema.sql}.t${i} (id, a, b) VALUES (1, 'x', 1), (2, 'y', 2)`);
    }
    await schema.source.query(`CREATE TABLE ${schema.sql}.here (id INT PRIMARY KEY)`);
    await schema.source.query(`CREATE VIEW ${schema.sql}.v AS SELECT 1`);
    await plant(
      schema,
      ...alterations.map(([alter], i) => `ALTER TABLE ${schema.sql}.t${i} ${alter}`),
      `CREATE TABLE ${schema.sql}.there (id INT PRIMARY KEY)`,
      `DROP TABLE ${schema.sql}.here`,
      `DROP VIEW ${schema.sql}.v`,
    );
    const { of, results } = await verify(schema);
    for (const [i, [alter, ...named]] of alterations.entries()) {
      const { verdict, schemaDifferences, differences, reason } = of(`t${i}`);
      const messages = schemaDifferences.map(({ message }) =>
        message
          // Widths that say nothing, and how an expression is written.
          .replace(/\b(int|bigint)\(\d+\)/g, '$1')
          .replace(/(expression:).*/, '$1'),
      );
      expect(messages, alter).toEqual(named);
      expect(differences, `${alter}: ${reason}`).toEqual({ missing: 0, surplus: 0, changed: 0 });
      expect(verdict, alter).toBe('SCHEMA_DIFFERS');
    }
    expect(of('here')).toMatchObject({ verdict: 'MISSING', reason: 'the table is on the source only' });
    expect(of('there')).toMatchObject({ verdict: 'MISSING', reason: 'the table is on the target only' });
    expect(results.map(({ table }) => table)).not.toContain('v');
  });

  test('no view and no table of the system is listed', async () => {
    const { source } = await sharedPair(flavour);
    const { server } = await connect({ server: source });
    const schemas = new Set(
      (await listTables(server!, () => true)).map(({ schema }) => schema.toLowerCase()),
    );
    for (const schema of ['mysql', 'sys', 'information_schema', 'performance_schema']) {
      expect(schemas).not.toContain(schema);
    }
  });
});
