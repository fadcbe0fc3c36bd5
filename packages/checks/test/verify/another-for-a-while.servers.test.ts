import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { plant, verify } from '../support/verify.ts';

const asksForRows = (statement: string) => statement.startsWith('SELECT COUNT(*)');

/** What is renamed to and fro, and before which of the target's chunks. */
const swaps = [
  {
    what: 'another table, for a part of the comparison,',
    key: 'PRIMARY KEY',
    to: (s: string) => [`RENAME TABLE ${s}.t TO ${s}.was, ${s}.other TO ${s}.t`],
    fro: (s: string) => [`RENAME TABLE ${s}.t TO ${s}.other, ${s}.was TO ${s}.t`],
    from: 2,
  },
  {
    what: 'a view of another table, for all of it,',
    key: '',
    to: (s: string) => [`RENAME TABLE ${s}.t TO ${s}.was`, `CREATE VIEW ${s}.t AS SELECT * FROM ${s}.other`],
    fro: (s: string) => [`DROP VIEW ${s}.t`, `RENAME TABLE ${s}.was TO ${s}.t`],
    from: 1,
  },
];

describe.each(flavours)('on %s', (flavour) => {
  const engines = flavour === 'mysql' ? ['InnoDB', 'MyISAM'] : ['InnoDB', 'Aria', 'MyISAM'];

  test.each(engines.flatMap((engine) => swaps.map((swap) => ({ engine, ...swap }))))(
    '$what that has the name of a table of $engine is not taken for it',
    async ({ engine, key, to, fro, from }) => {
      const schema = await freshSchema(flavour);
      const { source, target, sql } = schema;
      // The other one is not made in the same second.
      await source.query('SET timestamp = 1700000000');
      await source.query(`CREATE TABLE ${sql}.t (id INT ${key}, v INT) ENGINE = ${engine}`);
      await source.query('SET timestamp = DEFAULT');
      const rows = Array.from({ length: 300 }, (_, id) => `(${id}, 0)`).join();
      await source.query(`INSERT INTO ${sql}.t VALUES ${rows}`);
      await plant(
        schema,
        `CREATE TABLE ${sql}.other LIKE ${sql}.t`,
        `INSERT INTO ${sql}.other SELECT * FROM ${sql}.t`,
        `UPDATE ${sql}.t SET v = 1 WHERE id BETWEEN 110 AND 120`,
      );
      // InnoDB of MariaDB dates a table by its file, to the second.
      await vi.waitFor(async () => {
        const [row] = await target.query(
          `SELECT CREATE_TIME < NOW() AS past FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema.name}' AND TABLE_NAME = 't'`,
        );
        expect(Number(row?.['past'])).toBe(1);
      }, patient);
      const unlogged = async (statements: string[]) => {
        await target.query('SET sql_log_bin = 0');
        for (const statement of statements) await target.query(statement);
        await target.query('SET sql_log_bin = 1');
      };
      let chunks = 0;
      const { of } = await verify(schema, {
        only: [{ schema: schema.name, table: 't' }],
        changes: { verify: { ...verifyConfig, maxChunkRows: 100, parallel: 1 } },
        before: async (side, statement) => {
          if (side === 'target' && asksForRows(statement) && ++chunks === from) await unlogged(to(sql));
        },
        after: async (side, statement) => {
          if (side === 'target' && asksForRows(statement) && chunks === from) await unlogged(fro(sql));
        },
      });
      expect(chunks).toBeGreaterThanOrEqual(from);
      const { verdict, reason } = of('t');
      // Where it looks altered, it is examined anew.
      expect(`${verdict}: ${reason}`).toMatch(
        /^(UNVERIFIED: .*another table had its name on target|DIFFERENT: )/,
      );
    },
  );
});
