import type { FreshSchema } from '@lockstep/servers';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { repairText } from '../../src/verify/repair/repair-text.ts';
import { connect } from '../support/connect.ts';
import { plant, verify } from '../support/verify.ts';

const onTheirWay = 500;

/**
 * Writes until stopped, without a pause but for what is on its way, lest the machine gives the target less than the
 * source: hot rows, a row toggled between two values, inserts and deletes.
 */
function writeLoad(schema: FreshSchema): { stop: () => Promise<number> } {
  let running = true;
  let writes = 0;
  const t = `${schema.sql}.t`;
  const loop = async (statement: (i: number) => string) => {
    const connection = await schema.source.connect();
    for (let i = 0; running; i++) {
      await connection.query(statement(i));
      writes++;
      if (writes % onTheirWay === 0) await schema.caughtUp();
    }
    await connection.end();
  };
  const done = Promise.all([
    loop((i) => `UPDATE ${t} SET v = v + 1 WHERE id = ${1 + (i % 2)}`),
    loop((i) => `UPDATE ${t} SET status = '${i % 2 ? 'a' : 'b'}' WHERE id = 100`),
    loop((i) => `UPDATE ${t} SET v = v + 1 WHERE id = ${1 + ((i * 7919) % 3900)}`),
    loop((i) =>
      i % 2
        ? `DELETE FROM ${t} WHERE id > 5000 ORDER BY id LIMIT 1`
        : `INSERT INTO ${t} (v, status) VALUES (${i}, 'new')`,
    ),
  ]);
  return {
    stop: async () => {
      running = false;
      await done;
      return writes;
    },
  };
}

describe.each(flavours)('on %s', (flavour) => {
  test('under writes to the same rows, again and again, nothing is called different but what was planted, until it is repaired', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(
      `CREATE TABLE ${t} (id INT PRIMARY KEY AUTO_INCREMENT, v INT NOT NULL, status VARCHAR(10) NOT NULL, pad CHAR(60) NOT NULL DEFAULT 'x')`,
    );
    await schema.source.query(
      `SET SESSION ${flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations'} = 1000000`,
    );
    await schema.source.query(
      `INSERT INTO ${t} (id, v, status) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, 0, 'new' FROM n`,
    );
    await schema.caughtUp();
    const load = writeLoad(schema);
    try {
      for (let pass = 0; pass < 6; pass++) {
        const result = (await verify(schema)).of('t');
        expect(
          result.differences,
          `${result.verdict}: ${result.reason} ${JSON.stringify(result.rows)}`,
        ).toEqual({ missing: 0, surplus: 0, changed: 0 });
        // On a machine too busy to watch closely a hot row may stay unknown; then that, and only that, is said.
        expect(['MATCH', 'UNVERIFIED'], result.reason).toContain(result.verdict);
        if (result.verdict === 'UNVERIFIED') {
          expect(result.reason).toMatch(/^\d+ rows? (is|are) written too often to be compared$/);
        }
        const count = (await verify(schema, { check: 'consistency' })).of('t');
        expect(count.verdict, count.reason).toBe('MATCH');
      }
    } finally {
      await load.stop();
    }
    await schema.caughtUp();
    const quiet = (await verify(schema)).of('t');
    expect(quiet.verdict, quiet.reason).toBe('MATCH');
    await plant(
      schema,
      `UPDATE ${t} SET pad = 'wrong' WHERE id IN (4000, 4001)`,
      `DELETE FROM ${t} WHERE id = 4500`,
    );
    const again = writeLoad(schema);
    try {
      const result = (await verify(schema)).of('t');
      expect(
        result.rows.map(({ kind, key }) => `${kind} ${key['id']}`),
        result.reason,
      ).toEqual(['changed 4000', 'changed 4001', 'missing 4500']);
      expect(result.verdict).toBe('DIFFERENT');
      const { source, target } = await connect({ source: schema.source, target: schema.target });
      const repair = await repairText({
        source: source!,
        target: target!,
        name: { schema: schema.name, table: 't' },
        rows: result.rows,
        total: 3,
        override: { ignoreColumns: [], maskColumns: [], where: null },
        query: {},
      });
      await plant(schema, ...repair.preamble, ...repair.statements);
      const repaired = (await verify(schema)).of('t');
      expect(repaired.rows, repaired.reason).toEqual([]);
    } finally {
      await again.stop();
    }
  });
});
