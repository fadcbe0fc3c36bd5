import { setImmediate } from 'node:timers/promises';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import type { TableResult } from '../../src/model/verdict.ts';
import { verifyConfig } from '../support/config.ts';
import { migration } from '../support/migration.ts';
import { plant, verify } from '../support/verify.ts';

/** The table `t` of two servers that have a collation each, in the rows that fit. */
async function tableOf(columns: string, rows: string) {
  const schema = await migration();
  const t = `${schema.sql}.t`;
  for (const server of [schema.source, schema.target]) {
    await server.query(`CREATE TABLE ${t} (${columns})`);
    await server.query(`INSERT INTO ${t} VALUES ${rows}`);
  }
  const compare = async (where: string, check: 'checksum' | 'consistency'): Promise<TableResult> => {
    const override = { match: '*', ignoreColumns: [], maskColumns: [], method: null, where };
    const { of } = await verify(schema, {
      check,
      changes: {
        verify: { ...verifyConfig, settleMs: 50 },
        tables: { include: [`${schema.name}.*`], exclude: [], overrides: [override] },
      },
      route: { kind: null, evidence: 'the target is not a replica' },
    });
    return of('t');
  };
  return { ...schema, t, compare };
}

// MySQL's usual collation takes ß for ss, and MariaDB's does not.
const rows = `(1, 'strasse', 0), (2, 'straße', 0), (3, 'x', 0)`;
const fits = `word = 'strasse' AND gone = 0`;
const alike = '1 row fits `where` on one server only, and is there on both, the same in all that is compared';

describe.each(['checksum', 'consistency'] as const)('in a %s', (check) => {
  test.each([
    ['with a key', 'id INT PRIMARY KEY, word VARCHAR(20), gone INT NOT NULL'],
    ['without one', 'id INT, word VARCHAR(20), gone INT NOT NULL'],
  ])('a row %s that one server alone takes for one that fits is not missing', async (_, columns) => {
    const { compare } = await tableOf(columns, rows);
    const result = await compare(fits, check);
    expect(result).toMatchObject({ verdict: 'MATCH', targetRows: null });
    expect(result.reason).toContain(alike);
  });

  test.each([
    ['with a key', 'id INT PRIMARY KEY, word VARCHAR(20), gone INT NOT NULL'],
    ['without one', 'id INT, word VARCHAR(20), gone INT NOT NULL'],
  ])('a row %s that is not there, and one that became another, differ', async (_, columns) => {
    const { target, t, compare } = await tableOf(columns, rows);
    await target.query(`DELETE FROM ${t} WHERE id = 1`);
    expect(await compare(fits, check)).toMatchObject({ verdict: 'DIFFERENT', differences: { missing: 1 } });
    await target.query(`INSERT INTO ${t} VALUES (1, 'strasse', 1)`);
    expect(await compare(fits, check)).toMatchObject({ verdict: 'DIFFERENT' });
    await target.query(`UPDATE ${t} SET gone = 0`);
    expect(await compare(fits, check)).toMatchObject({ verdict: 'MATCH' });
  });
});

test('of a row that does not fit any more on one side it is told what changed', async () => {
  const { target, t, compare } = await tableOf(
    'id INT PRIMARY KEY, word VARCHAR(20), gone INT NOT NULL',
    rows,
  );
  await target.query(`UPDATE ${t} SET gone = 1 WHERE id = 1`);
  expect(await compare(fits, 'checksum')).toMatchObject({
    verdict: 'DIFFERENT',
    differences: { changed: 1, missing: 0, surplus: 0 },
    rows: [{ kind: 'changed', key: { id: '1' }, columns: ['gone'] }],
  });
});

describe.each(flavours)(
  'on %s, what is written while rows without a key are counted on both sides',
  (flavour) => {
    test.each([
      {
        change: 'INSERT INTO t VALUES (5)',
        missing: 0,
        verdict: /^MATCH: .* fit `where` on one server only/,
      },
      { change: 'DELETE FROM t LIMIT 1', missing: 1, verdict: /^DIFFERENT: 1 row missing/ },
    ])('changes no verdict: $change', async ({ change, missing, verdict }) => {
      const schema = await freshSchema(flavour);
      const { source, sql } = schema;
      const t = `${sql}.t`;
      await source.query(`CREATE TABLE ${t} (n INT)`);
      await source.query(`INSERT INTO ${t} VALUES (5), (5), (5)`);
      await plant(schema, `DELETE FROM ${t} LIMIT ${missing}`);
      // To the source its rows fit, and to the target none does.
      const where = `@@port = ${source.port}`;
      const overrides = [{ match: '*', ignoreColumns: [], maskColumns: [], method: null, where }];
      const countsAll = (statement: string) =>
        / 32\) IN \('/.test(statement) && !statement.includes('@@port');
      let isTargetAsked = false;
      const targetAnswered = Promise.withResolvers<void>();
      let written = false;
      const { of } = await verify(schema, {
        changes: { tables: { include: [`${schema.name}.*`], exclude: [], overrides } },
        before: async (side, statement) => {
          if (!countsAll(statement)) return;
          if (side === 'target') isTargetAsked = true;
          if (side === 'target' || written) return;
          written = true;
          await setImmediate();
          // Where the target does not wait for what the source has, it answers before that.
          if (isTargetAsked) await targetAnswered.promise;
          await source.query(change.replace(' t', ` ${t}`));
        },
        after: (side, statement) => {
          if (side === 'target' && countsAll(statement)) targetAnswered.resolve();
          return Promise.resolve();
        },
      });
      expect(written).toBe(true);
      const said = of('t');
      expect(`${said.verdict}: ${said.reason}`).toMatch(verdict);
    });
  },
);
