import { createFreshSchema, startPair, startReplica, stopReplica } from '@lockstep/servers';
import { unhurriedMs } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { verifyConfig } from '../support/config.ts';
import { verify } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('the definitions of many tables are read together, also where they differ and nothing replicates', async () => {
    const schema = await freshSchema(flavour);
    const tables = Array.from({ length: 40 }, (_, i) => ({ name: `t${i}`, differs: i % 2 === 1 }));
    for (const { name } of tables) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${name} (id INT PRIMARY KEY, v INT)`);
    }
    await schema.caughtUp();
    await schema.target.query('SET sql_log_bin = 0');
    for (const { name, differs } of tables) {
      if (differs) await schema.target.query(`ALTER TABLE ${schema.sql}.${name} ADD KEY more (v)`);
    }
    await schema.target.query('SET sql_log_bin = 1');
    let statements = 0;
    const { of } = await verify(schema, {
      route: { kind: null },
      beforeDefinition: (n) => void (statements = n),
    });
    for (const { name, differs } of tables) {
      expect(of(name)).toMatchObject(
        differs
          ? { verdict: 'SCHEMA_DIFFERS', reason: expect.stringMatching(/^index more/) as string }
          : { verdict: 'MATCH' },
      );
    }
    // Before, after, and twice more where they differ: a hundred and twenty for each by itself.
    expect(statements).toBeLessThan(30);
  });

  test('what a target has not applied is waited for together, in chunks and tables of any size', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const { source, target, sql } = schema;
    const chunkRows = 100;
    const large = { rows: 1000, names: ['large1', 'large2'] };
    const small = { rows: 2, names: ['small1', 'small2', 'small3', 'without_key'] };
    for (const { rows, names } of [large, small]) {
      const values = Array.from({ length: rows }, (_, i) => `(${i}, 0)`).join();
      for (const name of names) {
        const key = name === 'without_key' ? '' : 'PRIMARY KEY';
        await source.query(`CREATE TABLE ${sql}.${name} (id INT ${key}, v INT)`);
        await source.query(`INSERT INTO ${sql}.${name} VALUES ${values}`);
        await source.query(`ANALYZE NO_WRITE_TO_BINLOG TABLE ${sql}.${name}`);
      }
    }
    await schema.caughtUp();
    await stopReplica(target, 'sql');
    for (const { names } of [large, small]) {
      for (const name of names) {
        await source.query(`UPDATE ${sql}.${name} SET v = 1 WHERE id % ${chunkRows / 2} = 1`);
      }
    }
    const chunks = (large.rows / chunkRows) * large.names.length + small.names.length;
    let started: Promise<unknown> = Promise.reject(new Error('never were all looked at'));
    started.catch(() => undefined);
    const { results, run } = await verify(schema, {
      changes: { verify: { ...verifyConfig, maxChunkRows: chunkRows, parallel: 1, waitMs: unhurriedMs } },
      beforeChunk: (n) => {
        // All have been looked at once, and wait.
        if (n === chunks) started = startReplica(target);
      },
    });
    await started;
    expect(run.verdicts).toEqual({ MATCH: large.names.length + small.names.length });
    expect(results.map(({ rowsCompared }) => rowsCompared).sort((a, b) => a - b)).toEqual([
      ...small.names.map(() => small.rows),
      ...large.names.map(() => large.rows),
    ]);
  });
});
