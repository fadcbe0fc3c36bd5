import { setTimeout as pause } from 'node:timers/promises';
import { createFreshSchema, startPair } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { plant } from '../support/verify.ts';

const tables = ['counters', 'keyless'];

test.each(flavours)(
  'a counter that counts on is not the same on a target that is behind by one for good, where statements are sent (%s)',
  async (flavour) => {
    await using pair = await startPair({ flavour, options: ['--binlog-format=MIXED'] });
    const schema = await createFreshSchema(pair);
    const { source, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.counters (id INT PRIMARY KEY, v INT)`);
    await source.query(`CREATE TABLE ${sql}.keyless (id INT, v INT)`);
    for (const table of tables) await source.query(`INSERT INTO ${sql}.${table} VALUES (1, 1), (2, 2)`);
    await plant(schema, ...tables.map((table) => `UPDATE ${sql}.${table} SET v = v - 1 WHERE id = 1`));
    let goesOn = true;
    const count = async (table: string) => {
      const writer = await source.connect();
      for (; goesOn; await pause(10)) await writer.query(`UPDATE ${sql}.${table} SET v = v + 1 WHERE id = 1`);
      await writer.end();
    };
    const counting = tables.map(count);
    for (let runs = 0; runs < 3; runs++) {
      for (const { table, verdict, reason } of await checkOnce(schema)) {
        expect(verdict, `${table}: ${reason}`).not.toBe('MATCH');
        if (verdict === 'UNVERIFIED') expect(reason).toContain('binlog_format = ROW there mends it');
      }
    }
    goesOn = false;
    await Promise.all(counting);
    await schema.caughtUp();
    expect(await checkOnce(schema)).toMatchObject([
      { verdict: 'DIFFERENT', differences: { changed: 1 } },
      { verdict: 'DIFFERENT', differences: { missing: 1, surplus: 1 } },
    ]);
  },
);

test.each(flavours)('and one that is the same is no difference (%s)', async (flavour) => {
  await using pair = await startPair({ flavour, options: ['--binlog-format=STATEMENT'] });
  const schema = await createFreshSchema(pair);
  const { source, sql } = schema;
  await source.query(`CREATE TABLE ${sql}.counters (id INT PRIMARY KEY, v INT)`);
  await source.query(`INSERT INTO ${sql}.counters VALUES (1, 1), (2, 2)`);
  await schema.caughtUp();
  let goesOn = true;
  const counting = (async () => {
    const writer = await source.connect();
    for (; goesOn; await pause(50)) {
      await writer.query(`UPDATE ${sql}.counters SET v = v + 1 WHERE id = 1`);
    }
    await writer.end();
  })();
  for (let runs = 0; runs < 3; runs++) {
    const [counters] = await checkOnce(schema);
    expect(counters?.differences, counters?.reason).toEqual({ missing: 0, surplus: 0, changed: 0 });
  }
  goesOn = false;
  await counting;
  await schema.caughtUp();
  expect((await checkOnce(schema))[0]?.verdict).toBe('MATCH');
});
