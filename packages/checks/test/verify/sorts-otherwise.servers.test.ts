import { expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { migration } from '../support/migration.ts';
import { verify } from '../support/verify.ts';

const options = (maxChunkRows: number) => ({
  changes: { verify: { ...verifyConfig, settleMs: 50, maxChunkRows } },
  route: { kind: null, evidence: 'the target is not a replica' },
});

const unlike = [
  // `lJ` is a letter of its own to MySQL, behind all that begin with `l`, and two to MariaDB.
  {
    collation: 'utf8mb4_croatian_ci',
    keys: ['a', 'al', 'alJ', 'alk', 'am', 'lJ', 'nJ', 'nK', 'nk2', 'ž'],
    changed: ['alJ', 'nJ'],
    missing: 'lJ',
    surplus: 'blJ',
  },
  // What Unicode did not have yet in its version 9 comes last in MySQL. Older releases of MariaDB do not have it.
  {
    collation: 'utf8mb4_0900_ai_ci',
    keys: ['a', 'b', '€', '🥰', '🥰x', 'z', '0', '1', 'x🥰', 'y'],
    changed: ['🥰', '🥰x'],
    missing: 'x🥰',
    surplus: 'y🥰',
  },
];

test.each(unlike)(
  'rows are the same wherever they lie, where $collation sorts otherwise on the two sides',
  async ({ collation, keys, changed, missing, surplus }) => {
    const schema = await migration();
    const known = await schema.target.query(
      `SELECT 1 FROM information_schema.COLLATIONS WHERE COLLATION_NAME = '${collation}'`,
    );
    if (known.length === 0) return;
    const inOrder: string[] = [];
    for (const server of [schema.source, schema.target]) {
      await server.query(
        `CREATE TABLE ${schema.sql}.t
           (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE ${collation} PRIMARY KEY, v INT NOT NULL DEFAULT 0)`,
      );
      await server.query(`INSERT INTO ${schema.sql}.t (k) VALUES ${keys.map((k) => `('${k}')`).join(', ')}`);
      const ordered = await server.query(`SELECT k FROM ${schema.sql}.t ORDER BY k`);
      inOrder.push(ordered.map(({ k }) => String(k)).join());
    }
    expect(inOrder[0]).not.toBe(inOrder[1]);
    for (const rows of [1, 2, 3, 4]) {
      const { verdict, reason, rowsCompared, chunks } = (await verify(schema, options(rows))).of('t');
      expect({ verdict, rowsCompared }, `${rows} rows a chunk: ${reason}`).toEqual({
        verdict: 'MATCH',
        rowsCompared: keys.length,
      });
      expect(chunks).toBeGreaterThan(1);
    }

    await schema.target.query(
      `UPDATE ${schema.sql}.t SET v = 1 WHERE k IN (${changed.map((k) => `'${k}'`).join(', ')})`,
    );
    await schema.target.query(`DELETE FROM ${schema.sql}.t WHERE k = '${missing}'`);
    await schema.target.query(`INSERT INTO ${schema.sql}.t (k) VALUES ('${surplus}')`);
    for (const rows of [1, 2, 3, 4]) {
      const result = (await verify(schema, options(rows))).of('t');
      expect(result.differences, `${rows} rows a chunk: ${result.reason}`).toEqual({
        missing: 1,
        surplus: 1,
        changed: 2,
      });
      expect(result.rows.map(({ kind, key }) => `${kind} ${key['k']}`).sort()).toEqual(
        [...changed.map((k) => `changed ${k}`), `missing ${missing}`, `surplus ${surplus}`].sort(),
      );
    }
  },
);

test('whole ranges of rows that lie elsewhere on the other side are cut to an end', async () => {
  const schema = await migration();
  const digit = Array.from({ length: 10 }, (_, i) => `SELECT ${i} AS d`).join(' UNION ALL ');
  for (const server of [schema.source, schema.target]) {
    await server.query(
      `CREATE TABLE ${schema.sql}.t
         (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_croatian_ci PRIMARY KEY, v INT NOT NULL DEFAULT 0)`,
    );
    // Each is before the other on one side.
    for (const group of ['lJ', 'lk']) {
      await server.query(
        `INSERT INTO ${schema.sql}.t (k) SELECT CONCAT('${group}', a.d, b.d, c.d, e.d)
         FROM (${digit}) a, (${digit}) b, (${digit}) c, (${digit}) e`,
      );
    }
  }
  await schema.target.query(`UPDATE ${schema.sql}.t SET v = 1 WHERE k = 'lJ5000'`);
  await schema.target.query(`DELETE FROM ${schema.sql}.t WHERE k = 'lk5000'`);
  for (const rows of [1000, 12_000]) {
    let asked = 0;
    const before = () =>
      ++asked > 3000 ? Promise.reject(new Error('it asks without end')) : Promise.resolve();
    const result = (await verify(schema, { ...options(rows), before })).of('t');
    expect(result, result.reason).toMatchObject({
      verdict: 'DIFFERENT',
      differences: { missing: 1, surplus: 0, changed: 1 },
    });
  }
});
