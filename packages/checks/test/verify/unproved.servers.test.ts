import { forgetSource, replicate, startServer, type TestServer } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TableResult } from '../../src/model/verdict.ts';
import { checkOnce } from '../support/check-once.ts';

const words = ({ table, verdict, differences, rows, schemaDifferences }: TableResult) => ({
  table,
  verdict,
  differences,
  rows: rows.length,
  schemaDifferences: schemaDifferences.length,
});
const nothing = { missing: 0, surplus: 0, changed: 0 };

describe.each(flavours)('on %s, without GTIDs, through a server in between', (flavour) => {
  const servers: TestServer[] = [];
  beforeAll(async () => {
    const options =
      flavour === 'mysql'
        ? ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF', '--log-replica-updates=ON']
        : ['--log-slave-updates=ON'];
    servers.push(...(await Promise.all([1, 2, 3].map(() => startServer({ flavour, options })))));
    const [source, relay, target] = servers as [TestServer, TestServer, TestServer];
    await replicate(relay, source, { gtid: false });
    await replicate(target, relay, { gtid: false, delaySeconds: 1 });
    for (const statement of [
      'CREATE DATABASE d',
      'CREATE TABLE d.t (id INT PRIMARY KEY, v INT)',
      'CREATE TABLE d.n (v INT)',
      'INSERT INTO d.t VALUES (1, 1), (2, 1)',
      'INSERT INTO d.n VALUES (1), (1)',
    ]) {
      await source.query(statement);
    }
    for (const server of [source, target]) await openTo(server);
  });
  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  /** Lockstep may read the schema, on each server by an account of its own. */
  async function openTo(server: TestServer): Promise<void> {
    await server.query('SET sql_log_bin = 0');
    await server.query(`GRANT SELECT ON d.* TO '${server.monitor.user}'@'127.0.0.1'`);
    await server.query('SET sql_log_bin = 1');
  }

  const schema = () => ({ name: 'd', source: servers[0] as TestServer, target: servers[2] as TestServer });

  test('what comes within the intended delay matches', async () => {
    await checkOnce(schema(), { settleMs: 2000 });
    const results = await checkOnce(schema());
    expect(results.map(words)).toMatchObject([
      { table: 'n', verdict: 'MATCH' },
      { table: 't', verdict: 'MATCH' },
    ]);
    await schema().source.query('UPDATE d.t SET v = 2 WHERE id = 2');
    await schema().source.query('INSERT INTO d.t VALUES (3, 1)');
    expect((await checkOnce(schema(), { settleMs: 2000 })).map(words)).toMatchObject([
      { table: 'n', verdict: 'MATCH' },
      { table: 't', verdict: 'MATCH' },
    ]);
  });

  test('what differs may be on its way, however long it was waited for: it is unverified, and nothing is listed', async () => {
    const { target, source } = schema();
    await target.query('SET sql_log_bin = 0');
    await target.query('UPDATE d.t SET v = 7 WHERE id = 1');
    await target.query('INSERT INTO d.n VALUES (7)');
    await target.query('CREATE TABLE d.own (id INT)');
    await target.query('SET sql_log_bin = 1');
    const results = await checkOnce({ name: 'd', source, target }, { settleMs: 100 });
    expect(results.map(words)).toEqual(
      ['n', 'own', 't'].map((table) => ({
        table,
        verdict: 'UNVERIFIED',
        differences: nothing,
        rows: 0,
        schemaDifferences: 0,
      })),
    );
    for (const { reason } of results) expect(reason).toMatch(/or still on the way: .+ lies between/);
  });

  test('of a target that is no replica any more what differs is different', async () => {
    const { target, source } = schema();
    await forgetSource(target);
    const [, , t] = await checkOnce({ name: 'd', source, target });
    expect(t && words(t)).toMatchObject({ verdict: 'DIFFERENT', differences: { ...nothing, changed: 1 } });
  });
});
