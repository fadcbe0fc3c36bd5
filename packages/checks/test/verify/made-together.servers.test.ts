import type { Flavour, FreshSchema } from '@lockstep/servers';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { plant, verify } from '../support/verify.ts';

const rows = Array.from({ length: 2000 }, (_, id) => `(${id}, 0)`).join();
const changes = { verify: { ...verifyConfig, maxChunkRows: 200, parallel: 1 } };

/** Two tables of one definition that both servers made in one second, as they tell. */
async function madeTogether(
  flavour: Flavour,
  engine: string,
): Promise<FreshSchema & { a: string; b: string }> {
  const schema = await freshSchema(flavour);
  const { source, target, name, sql } = schema;
  const [a, b] = [`${sql}.a`, `${sql}.b`] as const;
  const seconds = `SELECT DISTINCT CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${name}'`;
  for (;;) {
    await source.query(`DROP TABLE IF EXISTS ${a}, ${b}`);
    for (const table of [a, b]) {
      await source.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, v INT) ENGINE = ${engine}`);
    }
    await schema.caughtUp();
    const made = await Promise.all([source, target].map((server) => server.query(seconds)));
    if (made.every(({ length }) => length === 1)) break;
  }
  for (const table of [a, b]) await source.query(`INSERT INTO ${table} VALUES ${rows}`);
  await plant(schema, `UPDATE ${a} SET v = 1 WHERE id = 1990`, `UPDATE ${b} SET v = 1 WHERE id = 3`);
  return { ...schema, a, b };
}

const kinds = flavours.flatMap((flavour) => ['InnoDB', 'MyISAM'].map((engine) => ({ flavour, engine })));

describe.each(kinds)(
  'two tables that were made in one second, $engine on $flavour,',
  ({ flavour, engine }) => {
    test('are never taken for one, though each takes the other’s name while it is compared', async () => {
      const schema = await madeTogether(flavour, engine);
      const { a, b, sql, source } = schema;
      const only = [{ schema: schema.name, table: 'a' }];
      const swap = async () => {
        await source.query(`RENAME TABLE ${a} TO ${sql}.x, ${b} TO ${a}, ${sql}.x TO ${b}`);
        await schema.caughtUp();
      };
      let chunks = 0;
      const once = await verify(schema, {
        changes,
        only,
        beforeChunk: async () => ++chunks === 4 && (await swap()),
      });
      expect(once.results).toMatchObject([{ verdict: 'DIFFERENT', differences: { changed: 1 } }]);
      const always = await verify(schema, {
        changes,
        only,
        beforeChunk: async (n) => n % 5 === 0 && (await swap()),
      });
      expect(always.results).not.toMatchObject([{ verdict: 'MATCH' }]);
    });
  },
);
