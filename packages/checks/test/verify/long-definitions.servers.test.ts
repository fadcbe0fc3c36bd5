import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { schemaDiffers } from '../../src/alerts/rules/schema-differs.ts';
import { plant, verify } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('what differs far back in a long definition is told, and no more of it than that', async () => {
    const schema = await freshSchema(flavour);
    const labels = Array.from({ length: 1_500 }, (_, i) => `'label ${i}'`);
    const names = Array.from({ length: 600 }, (_, i) => `column_of_a_long_name_${i}`);
    const columns = names.map((name) => `${name} TINYINT`).join(', ');
    await schema.source.query(
      `CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, e ENUM(${labels.join(', ')}), ${columns})`,
    );
    const last = names.at(-1)!;
    await plant(
      schema,
      `ALTER TABLE ${schema.sql}.t MODIFY e ENUM(${labels.join(', ')}, 'one more'), MODIFY ${last} TINYINT AFTER ${names.at(-3)}`,
    );
    const result = (await verify(schema)).of('t');
    expect(result.verdict).toBe('SCHEMA_DIFFERS');
    const [column, order] = result.schemaDifferences;
    expect(column).toMatchObject({
      object: 'column e',
      source: expect.stringContaining(`'label 1499')`) as string,
      target: expect.stringContaining(`'label 1499','one more')`) as string,
    });
    expect(order).toMatchObject({
      object: 'column order',
      source: expect.stringMatching(/_597, column_of_a_long_name_598/) as string,
      target: expect.stringMatching(/_597, column_of_a_long_name_599/) as string,
    });
    expect(result.reason.length).toBeLessThan(5_000);
  });

  test('very many differences are counted, once some of them are told', async () => {
    const schema = await freshSchema(flavour);
    const names = Array.from({ length: 900 }, (_, i) => `c${i}`);
    const all = (type: string) => names.map((name) => `${name} ${type}`);
    await schema.source.query(
      `CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, ${all('TINYINT').join(', ')})`,
    );
    const changes = all('SMALLINT NOT NULL').map((column) => `MODIFY ${column}`);
    await plant(schema, `ALTER TABLE ${schema.sql}.t ${changes.join(', ')}`);
    const result = (await verify(schema)).of('t');
    expect(result.schemaDifferences).toHaveLength(1_800);
    const { evidence } = schemaDiffers(result, { pair: 'pair' });
    expect(evidence.length).toBeLessThan(3_500);
    expect(evidence).toMatch(/; and 17\d\d more$/);
  });
});
