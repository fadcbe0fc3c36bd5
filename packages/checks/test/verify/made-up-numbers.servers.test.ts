import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import type { SqlRow } from '../../src/server/sql-server.ts';
import { alias } from '../../src/server/sql-text.ts';
import { verify } from '../support/verify.ts';

/** The rows of answers to such statements, with something else in some of their columns. */
const instead = (asked: RegExp, values: Record<string, string>) => (sql: string, rows: SqlRow[]) =>
  asked.test(sql) ? rows.map((row) => ({ ...row, ...values })) : rows;

describe.each(flavours)('on %s', (flavour) => {
  const table = async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1, 1), (2, 2)`);
    await schema.caughtUp();
    return schema;
  };

  test.each(['many', '0.5', '-1', '1e999'])('a table of %s rows, by statistics, is of none', async (n) => {
    const { run, of } = await verify(await table(), { garble: instead(/TABLE_ROWS/, { n, b: n }) });
    expect(run.progress.rowsEstimated).toBe(0);
    expect(of('t').verdict).toBe('MATCH');
  });

  test.each([
    [0, 'many'],
    [0, '1e999'],
    [0, '9'.repeat(1_000_000)],
    [1, 'much'],
    [1, '9'.repeat(1_000_000)],
  ])('where item %i of a digest is no number nothing is known of the table', async (item, value) => {
    const digest = /^SELECT COUNT\(\*\)/;
    const { of } = await verify(await table(), { garble: instead(digest, { [alias(item)]: value }) });
    const { verdict, reason, rowsCompared } = of('t');
    expect(verdict).toBe('UNVERIFIED');
    expect(reason).toMatch(/no number|more rows than a table has/);
    expect(reason.length).toBeLessThan(1_000);
    expect(rowsCompared).toBe(0);
  });
});
