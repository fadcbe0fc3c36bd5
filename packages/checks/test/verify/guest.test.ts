import { createFreshSchema, startPair } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

interface Logged {
  command_type: string;
  argument: Buffer | string;
}

describe.each(flavours)('on %s', (flavour) => {
  test('a whole run, with differences to be settled, sends nothing but SELECT and SHOW, besides its session’s SET', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v VARCHAR(10))`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
    await schema.source.query(`CREATE TABLE ${schema.sql}.keyless (v INT)`);
    await schema.source.query(`INSERT INTO ${schema.sql}.keyless VALUES (1), (1)`);
    await plant(
      schema,
      `UPDATE ${t} SET v = 'x' WHERE id = 2`,
      `DELETE FROM ${t} WHERE id = 3`,
      `INSERT INTO ${schema.sql}.keyless VALUES (2)`,
    );
    for (const server of [pair.source, pair.target]) {
      await server.query(`SET GLOBAL log_output = 'TABLE'`);
      await server.query('SET GLOBAL general_log = ON');
    }
    await verify(schema);
    await verify(schema, { check: 'consistency' });
    for (const server of [pair.source, pair.target]) {
      await server.query('SET GLOBAL general_log = OFF');
      const rows = await server.query<Logged>(
        `SELECT command_type, argument FROM mysql.general_log WHERE user_host LIKE '${server.monitor.user}%'`,
      );
      const statements = rows.filter(
        ({ command_type }) => command_type === 'Query' || command_type === 'Execute',
      );
      expect(statements.length).toBeGreaterThan(10);
      for (const { argument } of statements) {
        expect(argument.toString().trim()).toMatch(/^(SELECT|SHOW|SET NAMES|SET SESSION)\b/i);
        expect(argument.toString()).not.toMatch(/\b(INTO|FOR UPDATE|GET_LOCK|LOCK IN SHARE MODE)\b/i);
      }
    }
  });
});
