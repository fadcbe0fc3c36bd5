import { inVainMs } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { plant, verify } from '../support/verify.ts';

const smallChunks = { verify: { ...verifyConfig, maxChunkRows: 50 } };

describe.each(flavours)('on %s', (flavour) => {
  test.each([
    ['no row at all', []],
    ['one row', [7]],
    ['one row with key 0', [0]],
    ['keys with gaps of every size', [-9e15, -1, 0, 1, 2, 3, 1000, 1001, 1e6, 5e9, 5e9 + 1, 9e15]],
    ['a dense run, a desert and a dense run', [...range(1, 300), ...range(1e12, 300)]],
  ])('%s: matches, and a surplus row anywhere is found', async (_, keys) => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id BIGINT PRIMARY KEY, v INT)`);
    if (keys.length > 0) {
      await schema.source.query(`INSERT INTO ${t} VALUES ${keys.map((key) => `(${key}, 1)`).join(', ')}`);
    }
    await schema.caughtUp();
    expect((await verify(schema, { changes: smallChunks })).of('t')).toMatchObject({
      verdict: 'MATCH',
      rowsCompared: keys.length,
    });
    const surplus = ['-9223372036854775808', '500', '999999999999', '9223372036854775807'];
    await plant(schema, `INSERT INTO ${t} VALUES ${surplus.map((key) => `(${key}, 1)`).join(', ')}`);
    const result = (await verify(schema, { changes: smallChunks })).of('t');
    expect(result.rows.map(({ kind, key }) => `${kind} ${key['id']}`).sort()).toEqual(
      surplus.map((key) => `surplus ${key}`).sort(),
    );
  });

  test('a partitioned table is compared as one', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(
      `CREATE TABLE ${t} (id INT, d DATE, v INT, PRIMARY KEY (id, d)) PARTITION BY HASH (id) PARTITIONS 4`,
    );
    await schema.source.query(
      `INSERT INTO ${t} VALUES ${range(1, 200)
        .map((id) => `(${id}, '2026-01-01', ${id})`)
        .join(', ')}`,
    );
    await plant(schema, `UPDATE ${t} SET v = 0 WHERE id = 77`);
    expect((await verify(schema, { changes: smallChunks })).of('t')).toMatchObject({
      rowsCompared: 200,
      rows: [{ kind: 'changed', key: { id: '77', d: '2026-01-01' }, columns: ['v'] }],
    });
  });

  test('values swapped between rows, and between columns of a row, are found', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, a VARCHAR(9), b VARCHAR(9))`);
    await schema.source.query(
      `INSERT INTO ${t} VALUES (1, 'one', 'two'), (2, 'six', 'ten'), (3, 'x', 'y'), (4, 'x', 'y')`,
    );
    await plant(
      schema,
      `UPDATE ${t} SET a = IF(id = 1, 'six', 'one') WHERE id IN (1, 2)`,
      `UPDATE ${t} SET a = 'y', b = 'x' WHERE id = 3`,
    );
    expect((await verify(schema)).of('t').rows.map(({ key, columns }) => [key['id'], columns])).toEqual([
      ['1', ['a']],
      ['2', ['a']],
      ['3', ['a', 'b']],
    ]);
  });

  test('masked columns are named, and their values neither shown nor read', async () => {
    const schema = await freshSchema(flavour);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, email VARCHAR(30), v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 'secret@example.org', 1)`);
    await plant(schema, `UPDATE ${t} SET email = 'other@example.org', v = 2`);
    const mask = { match: '*', ignoreColumns: [], maskColumns: ['email'], method: null, where: null };
    const result = (
      await verify(schema, {
        changes: { tables: { include: [`${schema.name}.*`], exclude: [], overrides: [mask] } },
      })
    ).of('t');
    expect(result.rows[0]?.columns).toEqual(['email', 'v']);
    expect(JSON.stringify(result)).not.toContain('example.org');
  });

  test('busy servers are waited for, the run says so, and what could not be compared is unverified', async () => {
    const schema = await freshSchema(flavour);
    await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    const said: string[] = [];
    const { run, of } = await verify(schema, {
      changes: {
        throttle: { maxLagMs: null, maxThreadsRunning: 1, maxFlowControl: null },
        verify: { ...verifyConfig, waitMs: inVainMs },
      },
      onProgress: ({ state, evidence, heldBy }) => {
        if (state === 'paused') said.push(`${evidence}, by ${heldBy}`);
      },
    });
    expect(said[0]).toMatch(/^paused: Threads_running \d+ ≥ 1 on source, by throttle$/);
    expect(of('t').verdict).toBe('UNVERIFIED');
    expect(of('t').reason).toMatch(/held back .* Threads_running/);
    expect(run.state).toBe('finished');
  });
});

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
