import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { repairText } from '../../src/verify/repair/repair-text.ts';
import { connect } from '../support/connect.ts';
import { plant, verify } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a row without a key is repaired by what names it, whatever its evidence says', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1), (1), (2)`);
    await plant(schema, `DELETE FROM ${t} WHERE v = 2`);
    const { rows } = (await verify(schema)).of('t');
    expect(rows).toMatchObject([{ kind: 'missing', key: { v: '2' } }]);
    const { source, target } = await connect({ source: schema.source, target: schema.target });
    const { statements } = await repairText({
      source: source!,
      target: target!,
      name: { schema: schema.name, table: 't' },
      rows: rows.map((row) => ({ ...row, rounds: [] })),
      total: 1,
      override: { ignoreColumns: [], maskColumns: [], where: null },
      query: {},
    });
    expect(statements).toEqual([expect.stringMatching(/^INSERT .*2/s), 'COMMIT']);
  });
});
