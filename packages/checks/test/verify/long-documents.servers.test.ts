import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

test.runIf(flavours.includes('mysql'))(
  'documents that are too long to be read together are compared a few at a time',
  async () => {
    const schema = await freshSchema('mysql');
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT AUTO_INCREMENT PRIMARY KEY, j JSON)`);
    const row = `(JSON_OBJECT('a', REPEAT('x', 2000000)))`;
    for (let i = 0; i < 4; i++) {
      await schema.source.query(
        `INSERT INTO ${t} (j) VALUES ${Array.from({ length: 10 }, () => row).join()}`,
      );
    }
    await plant(schema, `UPDATE ${t} SET j = JSON_SET(j, '$.b', 1) WHERE id = 7`);
    const { of } = await verify(schema);
    expect(of('t')).toMatchObject({ verdict: 'DIFFERENT', rowsCompared: 40 });
    expect(of('t').rows).toMatchObject([{ kind: 'changed', key: { id: '7' }, columns: ['j'] }]);
  },
);
