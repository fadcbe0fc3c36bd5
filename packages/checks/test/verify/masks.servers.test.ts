import { createHash } from 'node:crypto';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import type { TableOverride } from '../../src/config.ts';
import { plant, verify } from '../support/verify.ts';

const override = (match: string, maskColumns: string[]): TableOverride => ({
  match,
  ignoreColumns: [],
  maskColumns,
  method: null,
  where: null,
});

const under = (name: string, ...overrides: TableOverride[]) => ({
  changes: { tables: { include: [`${name}.*`], exclude: [], overrides } },
});

describe.each(flavours)('on %s', (flavour) => {
  const customers = async (key = 'id INT PRIMARY KEY') => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (${key}, pin CHAR(4) NOT NULL)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (77, 'k471')`);
    await plant(schema, `UPDATE ${schema.sql}.t SET pin = 'k976'`);
    return schema;
  };

  test.each([
    ['with a key', 'id INT PRIMARY KEY'],
    ['without a key', 'id INT'],
  ])('a masked value cannot be guessed from the evidence of a table %s', async (_, key) => {
    const schema = await customers(key);
    const result = (await verify(schema, under(schema.name, override(`${schema.name}.t`, ['pin'])))).of('t');
    expect(result.verdict).toBe('DIFFERENT');
    const shown = JSON.stringify(result);
    const pins = Array.from({ length: 1_000 }, (_, i) => `k${String(i).padStart(3, '0')}`);
    // What a row is put together as is in the program's text, for everybody to read.
    const guessed = pins.filter((pin) =>
      [`77,${pin}`, `4,77,${pin}`, `77,4,${pin}`].some((row) =>
        shown.includes(createHash('sha256').update(row).digest('hex').slice(0, 32)),
      ),
    );
    expect(guessed).toEqual([]);
    // Neither a hash nor a number has a k: a run's id was met that had the figures of a pin.
    expect(shown).not.toMatch(/k471|k976/);
  });

  test('a mask that is written for a table and fits no column of it hides all, and the result says so', async () => {
    const schema = await customers();
    const result = (await verify(schema, under(schema.name, override(`${schema.name}.t`, ['pni'])))).of('t');
    expect(result.reason).toContain('maskColumns names pni, and no column is called so');
    expect(result.unfitMasks).toEqual(['pni']);
    expect(result.rows[0]).toMatchObject({
      key: { id: '(masked)' },
      cells: [{ source: { encoding: 'masked' } }],
    });
    expect(JSON.stringify(result)).not.toMatch(/k471|k976/);
  });

  test('a mask of a pattern that fits no column of any table hides all, and one of some table only those', async () => {
    const schema = await customers();
    await schema.source.query(`CREATE TABLE ${schema.sql}.other (id INT PRIMARY KEY, word CHAR(4) NOT NULL)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.other VALUES (1, 'open')`);
    await plant(schema, `UPDATE ${schema.sql}.other SET word = 'free'`);
    const mistyped = await verify(schema, under(schema.name, override(`${schema.name}.*`, ['pni'])));
    for (const table of ['t', 'other']) expect(mistyped.of(table).unfitMasks).toEqual(['pni']);
    expect(JSON.stringify(mistyped.results)).not.toMatch(/k471|k976|open|free/);
    const right = await verify(schema, under(schema.name, override(`${schema.name}.*`, ['PIN'])));
    expect(right.results.map(({ unfitMasks }) => unfitMasks)).toEqual([undefined, undefined]);
    expect(JSON.stringify(right.of('t'))).not.toMatch(/k471|k976/);
    expect(JSON.stringify(right.of('other'))).toMatch(/open/);
  });

  test('a mask holds whatever wider override stands before it', async () => {
    const schema = await customers();
    const masked = override(`${schema.name}.t`, ['pin']);
    const { of } = await verify(schema, under(schema.name, override(`${schema.name}.*`, []), masked));
    expect(of('t').rows[0]?.columns).toEqual(['pin']);
    expect(of('t').unfitMasks).toBeUndefined();
    expect(JSON.stringify(of('t'))).not.toMatch(/k471|k976/);
  });

  test('what a server makes of a masked column is masked as well, and what is made of that', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(
      `CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, pin VARCHAR(4) NOT NULL, note VARCHAR(4) NOT NULL,
         twice VARCHAR(8) AS (CONCAT(PIN, pin)) STORED, shout VARCHAR(8) AS (UPPER(twice)) STORED,
         said VARCHAR(8) AS (UPPER(note)) STORED)`,
    );
    await schema.source.query(`INSERT INTO ${schema.sql}.t (id, pin, note) VALUES (1, 'k471', 'old')`);
    await plant(schema, `UPDATE ${schema.sql}.t SET pin = 'k976', note = 'new'`);
    const { of } = await verify(schema, under(schema.name, override(`${schema.name}.t`, ['Pin'])));
    expect(of('t').rows[0]?.columns).toEqual(['pin', 'note', 'twice', 'shout', 'said']);
    expect(JSON.stringify(of('t'))).not.toMatch(/k471|k976/i);
    expect(JSON.stringify(of('t'))).toMatch(/OLD.*NEW/s);
  });
});
