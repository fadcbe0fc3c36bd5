import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import type { Version } from '../../src/server/flavour.ts';
import { verifyConfig } from '../support/config.ts';
import { mariadbHas } from '../support/mariadb-has.ts';
import { plant, verify } from '../support/verify.ts';

interface Peculiar {
  name: string;
  only?: 'mysql' | 'mariadb';
  /** Of MariaDB's versions, the first that has it. */
  since?: Version;
  /** Statements with `t` for the table; the first one makes it. */
  source: string[];
  rows: number;
  /** On the target alone. */
  planted: string[];
  /** `kind key columns`, in order. */
  found: string[];
  /** What the verdict says besides. */
  said?: RegExp;
}

const three = `INSERT INTO t (id, v) VALUES (1, 1), (2, 2), (3, 3)`;
const changed = { planted: ['UPDATE t SET v = 9 WHERE id = 2'], found: ['changed 2 v'], rows: 3 };

const tables: Peculiar[] = [
  ...['MyISAM', 'MEMORY'].map((engine) => ({
    name: engine,
    source: [`CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=${engine}`, three],
    ...changed,
  })),
  {
    name: 'an invisible column',
    source: ['CREATE TABLE t (id INT PRIMARY KEY, v INT INVISIBLE)', three],
    ...changed,
  },
  {
    name: 'generated columns, of which only the stored one is compared',
    source: [
      'CREATE TABLE t (id INT PRIMARY KEY, v INT, s INT AS (v + 1) STORED, w INT AS (v + 2) VIRTUAL)',
      three,
    ],
    ...changed,
    found: ['changed 2 v,s'],
  },
  {
    name: 'a unique key on a generated column',
    source: [
      'CREATE TABLE t (id INT NOT NULL, v INT, k INT AS (id * 2) STORED NOT NULL, UNIQUE KEY k (k))',
      three,
    ],
    only: 'mysql',
    ...changed,
    found: ['changed 4 v'],
  },
  {
    name: 'indexes on expressions',
    only: 'mysql',
    source: [
      'CREATE TABLE t (id INT NOT NULL, v INT, UNIQUE KEY e ((id + 1)), UNIQUE KEY k (id), KEY x ((v * 2)))',
      three,
    ],
    ...changed,
  },
  {
    name: 'a key that the optimizer does not see',
    only: 'mysql',
    source: [
      `CREATE TABLE t (s SET('a','b') PRIMARY KEY, id INT NOT NULL, v INT, UNIQUE KEY k (id) INVISIBLE)`,
      `INSERT INTO t VALUES ('a', 1, 1), ('b', 2, 2), ('a,b', 3, 3)`,
    ],
    ...changed,
  },
  {
    name: 'a key that the optimizer ignores',
    only: 'mariadb',
    since: [10, 6, 0],
    source: [
      `CREATE TABLE t (s SET('a','b') PRIMARY KEY, id INT NOT NULL, v INT, UNIQUE KEY k (id) IGNORED)`,
      `INSERT INTO t VALUES ('a', 1, 1), ('b', 2, 2), ('a,b', 3, 3)`,
    ],
    ...changed,
  },
  {
    name: 'a primary key that MySQL made up',
    only: 'mysql',
    source: [
      'SET SESSION sql_generate_invisible_primary_key = ON',
      'CREATE TABLE t (id INT, v INT)',
      'SET SESSION sql_generate_invisible_primary_key = OFF',
      three,
    ],
    ...changed,
  },
  {
    name: 'vectors',
    only: 'mysql',
    source: [
      'CREATE TABLE t (id INT PRIMARY KEY, v VECTOR(3))',
      `INSERT INTO t VALUES (1, STRING_TO_VECTOR('[1,2,3]')), (2, STRING_TO_VECTOR('[1,2,4]')), (3, NULL)`,
    ],
    rows: 3,
    planted: [`UPDATE t SET v = STRING_TO_VECTOR('[1,2,4.0000005]') WHERE id = 2`],
    found: ['changed 2 v'],
  },
  {
    name: 'compressed columns and pages',
    only: 'mariadb',
    source: [
      'CREATE TABLE t (id INT PRIMARY KEY, v TEXT COMPRESSED, w VARCHAR(500) COMPRESSED NOT NULL) PAGE_COMPRESSED=1',
      `INSERT INTO t VALUES (1, REPEAT('x', 5000), REPEAT('y', 400)), (2, REPEAT('x', 5000), ''), (3, NULL, '')`,
    ],
    rows: 3,
    planted: [`UPDATE t SET v = CONCAT(REPEAT('x', 4999), 'y') WHERE id = 2`],
    found: ['changed 2 v'],
  },
  {
    name: 'Aria',
    only: 'mariadb',
    source: ['CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=Aria', three],
    ...changed,
  },
  {
    name: 'UUIDs and addresses',
    only: 'mariadb',
    since: [10, 10, 0],
    source: [
      'CREATE TABLE t (id INT PRIMARY KEY, v INET4, w INET6, u UUID)',
      `INSERT INTO t VALUES (1, '1.2.3.4', '::1', '123e4567-e89b-12d3-a456-426655440000'), (2, NULL, NULL, NULL)`,
    ],
    rows: 2,
    planted: [`UPDATE t SET v = '1.2.3.5', u = '123e4567-e89b-12d3-a456-426655440001' WHERE id = 1`],
    found: ['changed 1 v,u'],
  },
  {
    name: 'a key on the whole of a long text',
    only: 'mariadb',
    source: [
      'CREATE TABLE t (k TEXT NOT NULL, v INT, UNIQUE KEY k (k))',
      `INSERT INTO t VALUES ('a', 1), ('b', 2)`,
    ],
    rows: 2,
    planted: [`UPDATE t SET v = 3 WHERE k = 'b'`],
    found: ['changed b v'],
  },
  ...[
    'id INT PRIMARY KEY, v INT',
    `id INT PRIMARY KEY, v INT, a TIMESTAMP(6) GENERATED ALWAYS AS ROW START, b TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
       PERIOD FOR SYSTEM_TIME (a, b)`,
  ].map((columns, i) => ({
    name: `a system-versioned table, its period ${i === 0 ? 'unseen' : 'named'}`,
    only: 'mariadb' as const,
    source: [
      `CREATE TABLE t (${columns}) WITH SYSTEM VERSIONING`,
      three,
      'UPDATE t SET v = v + 10',
      'DELETE FROM t WHERE id = 3',
    ],
    ...changed,
    rows: 2,
    said: /present rows are compared, not their history/,
  })),
  {
    name: 'periods that do not overlap',
    only: 'mariadb',
    source: [
      'CREATE TABLE t (id INT NOT NULL, a DATE, b DATE, v INT, PERIOD FOR p (a, b), PRIMARY KEY (id, p WITHOUT OVERLAPS))',
      `INSERT INTO t VALUES (1, '2026-01-01', '2026-02-01', 1), (1, '2026-02-01', '2026-03-01', 2), (2, '2026-01-01', '2026-02-01', 1)`,
    ],
    rows: 3,
    planted: [`UPDATE t SET v = 9 WHERE id = 1 AND a = '2026-02-01'`],
    found: ['changed 1,2026-03-01,2026-02-01 v'],
  },
  {
    name: 'no key: how many rows of which content are missing and surplus',
    source: [
      'CREATE TABLE t (id INT, v VARCHAR(9))',
      `INSERT INTO t VALUES (1, 'a'), (1, 'a'), (1, 'a'), (2, NULL), (2, NULL), (3, '')`,
    ],
    rows: 6,
    planted: [
      `DELETE FROM t WHERE id = 1 LIMIT 2`,
      `UPDATE t SET v = '' WHERE id = 2`,
      `INSERT INTO t VALUES (4, 'd'), (4, 'd'), (4, 'd')`,
    ],
    found: ['missing 1,a × 2', 'missing 2,NULL × 2', 'surplus 2, × 2', 'surplus 4,d × 3'],
  },
  {
    name: 'only keys that name no rows',
    source: [
      `CREATE TABLE t (id INT, s SET('a','b') NOT NULL, p VARCHAR(20) NOT NULL, UNIQUE KEY n (id), UNIQUE KEY p (p(3)), UNIQUE KEY s (s))`,
      `INSERT INTO t VALUES (1, 'a', 'one'), (NULL, 'b', 'two'), (NULL, '', 'six')`,
    ],
    rows: 3,
    planted: [`DELETE FROM t WHERE p = 'six'`],
    found: ['missing NULL,,six × 1'],
  },
];

describe.each(flavours)('on %s', (flavour) => {
  const here = tables.filter(
    ({ only, since }) => (!only || only === flavour) && (!since || mariadbHas(since)),
  );

  test('tables of every make match when they are equal, and show what is not', async () => {
    const schema = await freshSchema(flavour);
    const named = (statement: string, i: number) => statement.replace(/\bt\b/, `${schema.sql}.t${i}`);
    for (const [i, { source }] of here.entries()) {
      for (const statement of source) await schema.source.query(named(statement, i));
    }
    if (flavour === 'mariadb') await schema.source.query(`CREATE SEQUENCE ${schema.sql}.counter`);
    await schema.caughtUp();
    const before = await verify(schema);
    expect(before.results).toHaveLength(here.length);
    for (const [i, { name, rows, said }] of here.entries()) {
      const result = before.of(`t${i}`);
      expect(result, `${name}: ${result.reason}`).toMatchObject({ verdict: 'MATCH', rowsCompared: rows });
      if (said) expect(result.reason, name).toMatch(said);
    }

    await plant(schema, ...here.flatMap(({ planted }, i) => planted.map((statement) => named(statement, i))));
    const after = await verify(schema);
    for (const [i, { name, found }] of here.entries()) {
      const { rows, reason } = after.of(`t${i}`);
      const shown = rows.map(({ kind, key, columns, count }) => {
        const content = Object.values(key).map((value) => value ?? 'NULL');
        return `${kind} ${content.join()} ${columns.length > 0 ? columns.join() : `× ${count}`}`;
      });
      expect(shown.sort(), `${name}: ${reason}`).toEqual(found.sort());
    }
  });

  test("an ENUM's label '' is told from a value that was no label", async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v ENUM('a',''))`);
    await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1, ''), (2, 'a')`);
    await plant(schema, `UPDATE IGNORE ${schema.sql}.t SET v = 0 WHERE id = 1`);
    const { rows } = (await verify(schema)).of('t');
    expect(rows.map(({ cells }) => cells.map((cell) => [cell.source.text, cell.target.text]))).toEqual([
      [['', '(no label)']],
    ]);
  });

  test('a table that cannot be named row by row is unverified beyond the limit, and says why', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(
      `CREATE TABLE ${schema.sql}.t (id INT, s SET('a','b') NOT NULL, p VARCHAR(20) NOT NULL, UNIQUE KEY n (id), UNIQUE KEY p (p(3)),
         UNIQUE KEY s (s))`,
    );
    await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1, 'a', 'one'), (NULL, 'b', 'two')`);
    await plant(schema, `UPDATE ${schema.sql}.t SET id = 2 WHERE p = 'two'`);
    const { verdict, reason } = (
      await verify(schema, { changes: { verify: { ...verifyConfig, maxRowsWithoutKey: 1 } } })
    ).of('t');
    expect(verdict).toBe('UNVERIFIED');
    expect(reason).toBe(
      `no key that both sides have (unique index n: a column of it may be NULL; unique index p: only the beginning of a column ` +
        `is in it; unique index s: column s (set('a','b')) cannot be asked for exactly on both sides), and more rows than the limit of 1`,
    );
  });
});
