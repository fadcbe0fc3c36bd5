import type { FreshSchema } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { freshSchema } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { ColdTables, readWriteStamp } from '../../src/verify/run/cold-tables.ts';
import { connect } from '../support/connect.ts';
import { plant, verify } from '../support/verify.ts';

/** UPDATE_TIME counts in seconds: only a table that was left alone for some can be told from one that was not. */
async function leftAlone(schema: FreshSchema): Promise<void> {
  const { target } = await connect({ target: schema.target });
  await vi.waitFor(async () => {
    const stamp = await readWriteStamp(target!, { schema: schema.name, table: 't' }, {});
    expect(stamp!.asked - stamp!.written).toBeGreaterThanOrEqual(3);
  }, patient);
}

test('on MySQL a table not written since it matched is not compared again, and says so; a write, even one unseen by replication, has it compared', async () => {
  const schema = await freshSchema('mysql');
  const t = `${schema.sql}.t`;
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
  await schema.source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 2)`);
  await schema.caughtUp();
  await leftAlone(schema);
  const cold = new ColdTables(3_600_000);
  expect((await verify(schema, { cold })).of('t').reason).toBe('2 rows compared, all the same');
  const again = (await verify(schema, { cold })).of('t');
  expect(again.verdict).toBe('MATCH');
  expect(again.reason).toMatch(/^match, unchanged since .* when 2 rows were compared/);
  expect(again.chunks).toBe(0);
  await plant(schema, `UPDATE ${t} SET v = 9 WHERE id = 2`);
  expect((await verify(schema, { cold })).of('t')).toMatchObject({
    verdict: 'DIFFERENT',
    rows: [{ key: { id: '2' } }],
  });
});

test('on MariaDB, whose UPDATE_TIME does not prove it, every table is compared', async () => {
  const schema = await freshSchema('mariadb');
  await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
  await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES (1)`);
  await schema.caughtUp();
  const { source } = await connect({ source: schema.source });
  expect(await readWriteStamp(source!, { schema: schema.name, table: 't' }, {})).toBeNull();
});

test('a table of which a partition may be emptied without a write is compared every time', async () => {
  const schema = await freshSchema('mysql');
  const t = `${schema.sql}.t`;
  await schema.source.query(
    `CREATE TABLE ${t} (id INT PRIMARY KEY) PARTITION BY RANGE (id)
     (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))`,
  );
  await schema.source.query(`CREATE TABLE ${schema.sql}.later (id INT PRIMARY KEY)`);
  await schema.source.query(`INSERT INTO ${t} VALUES (1), (11)`);
  await schema.source.query(`INSERT INTO ${schema.sql}.later VALUES (1)`);
  await schema.caughtUp();
  const { target } = await connect({ target: schema.target });
  await vi.waitFor(async () => {
    const stamp = await readWriteStamp(target!, { schema: schema.name, table: 'later' }, {});
    expect(stamp!.asked - stamp!.written).toBeGreaterThanOrEqual(3);
  }, patient);
  const cold = new ColdTables(3_600_000);
  expect((await verify(schema, { cold })).of('t').verdict).toBe('MATCH');
  await plant(schema, `ALTER TABLE ${t} TRUNCATE PARTITION a`);
  const again = await verify(schema, { cold });
  expect(again.of('t')).toMatchObject({ verdict: 'DIFFERENT', rows: [{ key: { id: '1' } }] });
  expect(again.of('later').reason).toMatch(/^match, unchanged since/);
});

test('a table of which the time, or another table, may decide what fits `where` is compared every time', async () => {
  const schema = await freshSchema('mysql');
  const [t, open] = [`${schema.sql}.t`, `${schema.sql}.open`];
  await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
  await schema.source.query(`CREATE TABLE ${open} (id INT PRIMARY KEY)`);
  await schema.source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 2)`);
  await schema.source.query(`INSERT INTO ${open} VALUES (1)`);
  await plant(schema, `UPDATE ${t} SET v = 9 WHERE id = 2`);
  await leftAlone(schema);
  const cold = new ColdTables(3_600_000);
  const where = `id IN (SELECT id FROM ${open})`;
  const overrides = [{ match: '*.t', ignoreColumns: [], maskColumns: [], method: null, where }];
  const changes = { tables: { include: [`${schema.name}.t`], exclude: [], overrides } };
  expect((await verify(schema, { cold, changes })).of('t')).toMatchObject({
    verdict: 'MATCH',
    rowsCompared: 1,
  });
  await schema.source.query(`INSERT INTO ${open} VALUES (2)`);
  await schema.caughtUp();
  expect((await verify(schema, { cold, changes })).of('t')).toMatchObject({
    verdict: 'DIFFERENT',
    rows: [{ key: { id: '2' } }],
  });
});
