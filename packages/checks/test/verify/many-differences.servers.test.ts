import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a table full of differences is counted exactly and listed up to the limit', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    const limit = flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
    await schema.source.query(`SET SESSION ${limit} = 1000000`);
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT NOT NULL)`);
    await schema.source.query(
      `INSERT INTO ${t} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, i FROM n`,
    );
    await plant(
      schema,
      `UPDATE ${t} SET v = -v WHERE id <= 9000`,
      `DELETE FROM ${t} WHERE id BETWEEN 9001 AND 12000`,
      `INSERT INTO ${t} SELECT id + 1000000, v FROM ${t} WHERE id > 15000`,
    );
    const result = (await verify(schema)).of('t');
    expect(result).toMatchObject({
      verdict: 'DIFFERENT',
      differences: { changed: 9000, missing: 3000, surplus: 5000 },
      sourceRows: 20_000,
      targetRows: 22_000,
    });
    expect(result.rows).toHaveLength(100);
  });
});
