import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

test.each(flavours)(
  'of DECIMALs without room for each other’s digits no rows are called the same that were cut (%s)',
  async (flavour) => {
    const schema = await freshSchema(flavour);
    const [whole, key, fits] = ['whole', 'key', 'fits'].map((name) => `${schema.sql}.\`${name}\``);
    const rows = ['1'.repeat(60), '2'.repeat(50), '3'];
    await schema.source.query(`CREATE TABLE ${whole} (id INT PRIMARY KEY, d DECIMAL(65,0))`);
    await schema.source.query(`CREATE TABLE ${key} (d DECIMAL(65,0) PRIMARY KEY)`);
    await schema.source.query(`CREATE TABLE ${fits} (id INT PRIMARY KEY, d DECIMAL(35,0))`);
    await schema.source.query(`INSERT INTO ${whole} VALUES ${rows.map((d, i) => `(${i}, ${d})`).join()}`);
    await schema.source.query(`INSERT INTO ${key} VALUES (${rows[0]}), (3)`);
    await schema.source.query(`INSERT INTO ${fits} VALUES (1, ${'9'.repeat(35)})`);
    await plant(
      schema,
      `SET SESSION sql_mode = ''`,
      ...[whole, key, fits].map((table) => `ALTER TABLE ${table} MODIFY d DECIMAL(65,30) NOT NULL`),
      `SET SESSION sql_mode = DEFAULT`,
    );
    const said = expect.not.stringContaining('match in what both sides store') as string;
    const { of } = await verify(schema);
    expect(of('whole'), of('whole').reason).toMatchObject({ verdict: 'SCHEMA_DIFFERS', reason: said });
    expect(of('whole').reason).toContain('have no common exact form');
    expect(of('key'), of('key').reason).toMatchObject({ verdict: 'SCHEMA_DIFFERS', reason: said });
    expect(of('fits').reason).toContain('the 1 row matches in what both sides store');
  },
);
