import { ServerHandle } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { serverConfig } from '../support/config.ts';
import { reach } from '../support/connect.ts';
import { rewritingServer } from '../support/made-up-server.ts';
import { plant } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('that no row comes is not believed while the server says that there are some', async () => {
    const { source, sql } = await freshSchema(flavour);
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1), (2), (3)`);
    // As a proxy does that sends nothing of an answer with more rows than it lets through.
    const port = await rewritingServer(source.port, (statement) =>
      /id FROM .*t WHERE/.test(statement) && !/\bEXISTS\b/.test(statement)
        ? `${statement} LIMIT 0`
        : statement,
    );
    const db = reach(serverConfig('db', source, port));
    await db.waitUntilConnected(patient.timeout);
    const ask = (where: string) => db.query(`SELECT id FROM ${sql}.t WHERE ${where}`, [], { maxRows: 9 });
    await expect(ask('id < 3')).rejects.toMatchObject({
      kind: 'client',
      reason: expect.stringContaining('it sends no row of some that it has') as string,
    });
    expect(await ask('id > 3')).toEqual([]);
    expect(db.state.connection).toBe('connected');
  });

  test('rows that a proxy keeps back are not taken for absent', async () => {
    const schema = await freshSchema(flavour);
    const rows = Array.from({ length: 300 }, (_, id) => `(${id}, 0)`).join();
    for (const [table, key] of [
      ['keyed', ', PRIMARY KEY (id)'],
      ['keyless', ''],
    ]) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT, v INT${key})`);
      await schema.source.query(`INSERT INTO ${schema.sql}.${table} VALUES ${rows}`);
      await plant(schema, `UPDATE ${schema.sql}.${table} SET v = 1 WHERE id = 299`);
    }
    // As a gateway does that spares people long answers.
    const port = await rewritingServer(schema.source.port, (statement) =>
      /FROM `\w+`\.`key/.test(statement) && !/COUNT\(\*\), /.test(statement)
        ? `${statement.replace(/ LIMIT \d+$/, '')} LIMIT 20`
        : statement,
    );
    const source = new ServerHandle({ ...schema.source.info(), port });
    for (const { verdict, differences } of await checkOnce({ ...schema, source })) {
      expect(verdict).toMatch(/ERROR|DIFFERENT|UNVERIFIED/);
      expect(differences.surplus).toBeLessThan(2);
    }
  });

  test('what a table is made of is known, though a proxy keeps back a part of what is told of many', async () => {
    const schema = await freshSchema(flavour);
    for (let i = 0; i < 30; i++) {
      await schema.source.query(`CREATE TABLE ${schema.sql}.t${i} (id INT PRIMARY KEY, v INT, w INT)`);
    }
    await plant(schema, `INSERT INTO ${schema.sql}.t29 VALUES (1, 1, 1)`);
    const port = await rewritingServer(schema.source.port, (statement) =>
      /FROM information_schema\.COLUMNS/.test(statement) ? `${statement} LIMIT 40` : statement,
    );
    const source = new ServerHandle({ ...schema.source.info(), port });
    const results = await checkOnce({ ...schema, source });
    const unlike = results.filter(({ verdict }) => verdict !== 'MATCH');
    expect(unlike).toMatchObject([{ table: 't29', verdict: 'DIFFERENT' }]);
  });
});
