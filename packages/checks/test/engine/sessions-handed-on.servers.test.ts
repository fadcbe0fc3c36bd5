import { ServerHandle, sharingProxy } from '@lockstep/servers';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Familiar } from '../../src/server/familiar.ts';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { checkOnce } from '../support/check-once.ts';
import { serverConfig } from '../support/config.ts';
import { reach } from '../support/connect.ts';
import { plant } from '../support/verify.ts';

const tablesMade = 'tables were made in its session before it came here';

describe.each(flavours)('on %s, behind who gives sessions away as they are', (flavour) => {
  async function handedOn() {
    const schema = await freshSchema(flavour);
    const { source, target, sql } = schema;
    const account = `'${target.monitor.user}'@'127.0.0.1'`;
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1, 0), (2, 0)`);
    await plant(
      schema,
      `UPDATE ${sql}.t SET v = 1 WHERE id = 2`,
      `GRANT CREATE TEMPORARY TABLES ON ${sql.replaceAll('_', '\\_')}.* TO ${account}`,
    );
    const proxy = await sharingProxy(target);
    onTestFinished(() => proxy.close());
    return {
      schema: { ...schema, target: new ServerHandle({ ...target.info(), port: proxy.port }) },
      beginWith: (statement: string) => proxy.interfere(statement),
      temporary: `CREATE TEMPORARY TABLE ${sql}.t (id INT PRIMARY KEY, v INT) SELECT 1 AS id, 0 AS v UNION SELECT 2, 0`,
    };
  }

  async function open(server: ServerHandle, familiar: Familiar | null = null): Promise<SqlConnection> {
    const limits = { statementMs: unhurriedMs, lockWaitSeconds: 5 };
    const { signal } = new AbortController();
    const config = serverConfig('a', server);
    const connection = await SqlConnection.open(config, limits, unhurriedMs, signal, familiar);
    onTestFinished(() => connection.destroy());
    return connection;
  }

  test('a table that somebody made for a session alone is not taken for the server’s', async () => {
    const { schema, beginWith, temporary } = await handedOn();
    beginWith(temporary);
    const results = await checkOnce(schema);
    expect(results.filter(({ verdict }) => verdict === 'MATCH')).toEqual([]);
    const db = reach(serverConfig('db', schema.target));
    await vi.waitFor(() => expect(String(db.lastFault)).toContain(tablesMade), patient);
  });

  test('nor is it where the server is known from before', async () => {
    const { schema, beginWith, temporary } = await handedOn();
    const { familiar } = await open(schema.target);
    beginWith(temporary);
    await expect(open(schema.target, familiar)).rejects.toThrow(tablesMade);
  });

  test('a session in which somebody has only asked is as good as a new one', async () => {
    const { schema, beginWith } = await handedOn();
    beginWith('SELECT 1');
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'DIFFERENT' }]);
  });
});
