import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { mostShown } from '../../src/verify/row/shown-bounds.ts';
import { verifyConfig } from '../support/config.ts';
import { plant, verify } from '../support/verify.ts';

const rows = 300;
const columns = Array.from({ length: 40 }, (_, i) => `c${i}`);

describe.each(flavours)('on %s', (flavour) => {
  const wide = async (key: string, differ: string) => {
    const schema = await freshSchema(flavour);
    const { source, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.t (${key}, ${columns.map((c) => `${c} LONGTEXT`).join(', ')})`);
    const values = columns.map(() => `REPEAT('é', 700)`).join(', ');
    await source.query(`INSERT INTO ${sql}.t VALUES (0, ${values})`);
    for (let known = 1; known < rows; known *= 2) {
      const most = Math.min(known, rows - known);
      await source.query(
        `INSERT INTO ${sql}.t SELECT id + ${known}, ${columns.join(', ')} FROM ${sql}.t WHERE id < ${most}`,
      );
    }
    await plant(
      schema,
      `UPDATE ${sql}.t SET ${columns.map((c) => `${c} = CONCAT('x', ${c})`).join(', ')} WHERE ${differ}`,
    );
    const { of } = await verify(schema, { changes: { verify: { ...verifyConfig, maxRowsListed: 1_000 } } });
    return of('t');
  };
  const shownIn = (found: unknown) => JSON.stringify(found).match(/é/g)?.length ?? 0;

  test.each([
    ['with a key', 'id INT PRIMARY KEY'],
    ['without a key', 'id INT NOT NULL'],
  ])('of very many wide rows that differ, %s, less is shown of each value', async (_, key) => {
    const all = await wide(key, 'true');
    expect(all.verdict).toBe('DIFFERENT');
    expect(all.rows.length).toBeGreaterThanOrEqual(rows);
    expect(shownIn(all.rows)).toBeLessThan(2_500_000);
    const [cell] = all.rows[0]?.cells ?? [];
    if (key.includes('PRIMARY')) expect(cell?.source).toMatchObject({ bytes: 1_400, truncated: true });
  });

  test('of very many wide rows without a key some values are kept of each, and the verdict says so', async () => {
    const { rows: told, reason } = await wide('id INT NOT NULL', 'true');
    expect(told.length).toBeGreaterThanOrEqual(rows);
    const values = told.flatMap(({ key }) => Object.values(key));
    expect(values.length).toBeLessThanOrEqual(3_000);
    expect(values.filter((value) => value?.includes('é')).every((value) => value?.endsWith('é…'))).toBe(true);
    expect(reason).toContain('only some values are shown');
  });

  test('of a few wide rows as much is shown as ever', async () => {
    const one = await wide('id INT PRIMARY KEY', 'id = 7');
    const [row] = one.rows;
    expect(row?.cells).toHaveLength(columns.length);
    expect(row?.cells[0]?.source.text).toHaveLength(mostShown);
  });
});
