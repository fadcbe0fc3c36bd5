import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { asksWhatTablesAre, verify } from '../support/verify.ts';

/** What a table is, is read first, in a sandwich of three, and closely; so often the source is met without it. */
const sourceReadings = 5;
/** The last of the sandwich, after which the source is asked for the table itself. */
const afterwards = 4;

describe.each(flavours)('on %s', (flavour) => {
  test.each([
    { what: 'a table that comes and goes', to: 'CREATE TABLE t (id INT PRIMARY KEY)', fro: 'DROP TABLE t' },
    { what: 'a column that does', to: 'ALTER TABLE t ADD COLUMN c INT', fro: 'ALTER TABLE t DROP COLUMN c' },
  ])('$what is no difference, though every round shows it on the target alone', async ({ to, fro }) => {
    const schema = await freshSchema(flavour);
    const { source, sql } = schema;
    await source.query(`USE ${sql}`);
    // Made anew within a second, it looks like the one before.
    await source.query('SET timestamp = 1700000000');
    if (to.startsWith('ALTER')) await source.query('CREATE TABLE t (id INT PRIMARY KEY)');
    await source.query(to);
    await schema.caughtUp();
    let there = true;
    let readings = 0;
    let answered = Promise.withResolvers<void>();
    const { results } = await verify(schema, {
      beforeDefinition: async (n) => {
        answered = Promise.withResolvers();
        readings = n;
        if (n <= sourceReadings && there) await source.query(fro);
        if (n <= sourceReadings) there = false;
      },
      garble: (statement, rows) => {
        if (asksWhatTablesAre(statement)) answered.resolve();
        return rows;
      },
      beforeTargetDefinition: async () => {
        await answered.promise;
        if (there || readings === afterwards) return;
        await source.query(to);
        there = true;
        await schema.caughtUp();
      },
    });
    expect(results).toMatchObject([{ table: 't', verdict: 'MATCH' }]);
  });

  test('a column that is there for a moment only is not one that the account may not see', async () => {
    const schema = await freshSchema(flavour);
    const { source, sql } = schema;
    // Altered within a second, it looks as it was.
    await source.query('SET timestamp = 1700000000');
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    let shown = 0;
    const alter = (how: string) => source.query(`ALTER TABLE ${sql}.t ${how}`);
    const isShown = (side: string, statement: string) =>
      side === 'source' && statement.startsWith('SHOW CREATE TABLE');
    const { of } = await verify(schema, {
      before: async (side, statement) => {
        if (isShown(side, statement) && ++shown === 1) await alter('ADD COLUMN c INT');
      },
      after: async (side, statement) => {
        if (isShown(side, statement) && shown === 1) await alter('DROP COLUMN c');
      },
    });
    expect(shown).toBeGreaterThan(0);
    expect(of('t'), of('t').reason).toMatchObject({ verdict: 'MATCH' });
  });
});
