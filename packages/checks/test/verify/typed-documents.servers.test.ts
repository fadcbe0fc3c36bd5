import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

const printedAlike: [typed: string, text: string][] = [
  [`CAST('2020-01-01' AS DATE)`, `'2020-01-01'`],
  [`CAST('10:11:12' AS TIME)`, `'10:11:12.000000'`],
  [`CAST('2020-01-01 10:11:12' AS DATETIME)`, `'2020-01-01 10:11:12.000000'`],
  [`_binary 'bytes'`, `'base64:type15:Ynl0ZXM='`],
];

test.runIf(flavours.includes('mysql'))(
  'of several dates, times and bytes in one document it counts which of them are texts',
  async () => {
    const schema = await freshSchema('mysql');
    const t = `${schema.sql}.j`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, j JSON)`);
    for (const [i, [typed, text]] of printedAlike.entries()) {
      await schema.source.query(
        `INSERT INTO ${t} VALUES (${i}, JSON_ARRAY(${typed}, ${text}, '')), (${i + 10}, JSON_OBJECT('a', ${typed}, 'b', ${typed}))`,
      );
    }
    await schema.caughtUp();
    const before = await schema.target.query<{ j: string }>(
      `SELECT CAST(j AS CHAR) AS j FROM ${t} ORDER BY id`,
    );
    expect((await verify(schema)).of('j').verdict).toBe('MATCH');
    await plant(
      schema,
      ...printedAlike.flatMap(([typed, text], i) => [
        `UPDATE ${t} SET j = JSON_ARRAY(${text}, ${typed}, '') WHERE id = ${i}`,
        `UPDATE ${t} SET j = JSON_OBJECT('a', ${typed}, 'b', ${text}) WHERE id = ${i + 10}`,
      ]),
    );
    const after = await schema.target.query<{ j: string }>(
      `SELECT CAST(j AS CHAR) AS j FROM ${t} ORDER BY id`,
    );
    expect(after).toEqual(before);
    expect((await verify(schema)).of('j')).toMatchObject({
      verdict: 'DIFFERENT',
      differences: { changed: 8 },
    });
  },
);
