import { describe, expect, test } from 'vitest';
import { replicaStatus } from '../src/index.ts';
import { flavours, freshSchema, sharedPair } from '../src/vitest/index.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a fresh schema replicates, and the monitor may read it on both sides', async () => {
    const { name, sql, source, target, caughtUp } = await freshSchema(flavour);
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1), (2)`);
    await caughtUp();
    expect(await target.query(`SELECT id FROM ${sql}.t`)).toEqual([{ id: 1 }, { id: 2 }]);
    for (const server of [source, target]) {
      const grants = await server.query(`SHOW GRANTS FOR 'lockstep'@'127.0.0.1'`);
      expect(grants.map((row) => String(Object.values(row)[0])).join('\n')).toContain(
        `GRANT SELECT ON \`${name.replaceAll('_', '\\_')}\`.*`,
      );
    }
  });

  test('a pair whose applier failed is mended for whoever asks next, at the cost of what it failed on', async () => {
    const { sql, source, target } = await freshSchema(flavour);
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await expect.poll(() => target.query(`SELECT id FROM ${sql}.t`)).toEqual([]);
    await target.query('SET sql_log_bin = 0');
    await target.query(`INSERT INTO ${sql}.t VALUES (1)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (2)`);
    await expect.poll(async () => (await replicaStatus(target)).applier).toBe('No');
    const next = await freshSchema(flavour);
    await next.caughtUp();
    expect(await target.query(`SELECT id FROM ${sql}.t`)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('all tests of a run get the same pair', async () => {
    expect(await sharedPair(flavour)).toBe(await sharedPair(flavour));
  });
});
