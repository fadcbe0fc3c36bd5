import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { verify } from '../support/verify.ts';

/** Asked of a table that no catalog listed, whether it is there. */
const asksForItself = (sql: string) => sql.startsWith('SELECT 1 FROM');

describe.each(flavours)('on %s', (flavour) => {
  test('a table that is renamed to and fro is no view, and no privilege is missing', async () => {
    const schema = await freshSchema(flavour);
    const { source, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await source.query('SET sql_log_bin = 0');
    const away = () => source.query(`RENAME TABLE ${sql}.t TO ${sql}.u`);
    const back = () => source.query(`RENAME TABLE ${sql}.u TO ${sql}.t`);
    await schema.caughtUp();
    await away();
    let asked = 0;
    try {
      const { results } = await verify(schema, {
        only: [{ schema: schema.name, table: 't' }],
        // Whenever the catalog is asked it is away, and whenever it is itself asked for it is there.
        before: async (side, statement) => {
          if (side !== 'source' || !asksForItself(statement)) return;
          asked++;
          await back();
        },
        after: async (side, statement) => {
          if (side === 'source' && asksForItself(statement)) await away();
        },
      });
      expect(results).toMatchObject([
        { verdict: 'UNVERIFIED', reason: 'its definition changed during each of 3 attempts' },
      ]);
      expect(asked).toBe(3);
    } finally {
      await source.query('SET sql_log_bin = 1');
    }
  });
});
