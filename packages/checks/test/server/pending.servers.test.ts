import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { connect } from '../support/connect.ts';

test.each(flavours)(
  'what is not committed is read where that is asked for, and by no statement after it, on %s',
  async (flavour) => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 1)`);
    const { source } = await connect({ source: schema.source });
    const writer = await schema.source.connect();
    try {
      await writer.query('START TRANSACTION');
      await writer.query(`UPDATE ${t} SET v = 2 WHERE id = 1`);
      // The sampler's lane has one connection: both are asked of the same.
      const read = (pending: boolean) =>
        source!.query(`SELECT v FROM ${t}`, [], { lane: 'sampler', pending });
      expect(await read(false)).toEqual([{ v: 1 }]);
      expect(await read(true)).toEqual([{ v: 2 }]);
      expect(await read(false)).toEqual([{ v: 1 }]);
    } finally {
      await writer.query('ROLLBACK');
      await writer.end();
    }
  },
);
