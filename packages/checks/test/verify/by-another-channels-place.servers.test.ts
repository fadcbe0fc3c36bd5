import {
  createMonitorUser,
  type Flavour,
  replicate,
  startReplica,
  startServer,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';

const withoutGtids = ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'];

async function threeServers(stack: AsyncDisposableStack, flavour: Flavour, middle: string[] = []) {
  const options = flavour === 'mysql' ? withoutGtids : [];
  const servers = await Promise.all(
    [options, [...options, ...middle], options].map(async (own) =>
      stack.use(await startServer({ flavour, options: own })),
    ),
  );
  return servers as [TestServer, TestServer, TestServer];
}

const has = (server: TestServer, what: string) =>
  vi.waitFor(async () => expect(await server.query(what)).toHaveLength(1), patient);

async function alone(server: TestServer, ...statements: string[]): Promise<void> {
  await server.query('SET sql_log_bin = 0');
  for (const statement of statements) await server.query(statement);
  await server.query('SET sql_log_bin = 1');
}

type Pair = Parameters<typeof checkOnce>[0];

/** Twice: what only the first statement of a run waited for would be called different by the next. */
async function isOnItsWay(pair: Pair, reason: RegExp): Promise<void> {
  for (const check of ['checksum', 'consistency'] as const) {
    for (const result of await checkOnce(pair, { waitMs: inVainMs }, check)) {
      const differences = { missing: 0, surplus: 0, changed: 0 };
      expect(result, result.reason).toMatchObject({
        verdict: 'UNVERIFIED',
        differences,
        schemaDifferences: [],
      });
      expect(result.reason).toMatch(reason);
      expect(result).not.toHaveProperty('excludedBy');
    }
  }
}

const matches = (pair: Pair) =>
  vi.waitFor(async () => {
    const verdicts = (await checkOnce(pair)).map(({ verdict }) => verdict);
    expect(new Set(verdicts)).toEqual(new Set(['MATCH']));
  }, patient);

describe.runIf(flavours.includes('mysql'))('on mysql without GTIDs', () => {
  test('what source and target get from a third server is on its way to whichever is late, and not different', async () => {
    await using stack = new AsyncDisposableStack();
    const [writer, source, target] = await threeServers(stack, 'mysql', ['--log-replica-updates=OFF']);
    await replicate(source, writer, { gtid: false });
    await replicate(target, source, { gtid: false, channel: 'own' });
    await replicate(target, writer, { gtid: false, channel: 'other' });
    await writer.query('CREATE DATABASE d');
    await writer.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await writer.query('INSERT INTO d.t VALUES (1, 1)');
    for (const server of [source, target]) await has(server, 'SELECT * FROM d.t');
    for (const server of [writer, source, target]) await createMonitorUser(server, ['d']);
    const pair = { name: 'd', source, target };
    await matches(pair);

    await stopReplica(target, 'sql', 'other');
    await writer.query('UPDATE d.t SET v = 2');
    await writer.query('INSERT INTO d.t VALUES (2, 2)');
    await has(source, 'SELECT * FROM d.t WHERE id = 2');
    await isOnItsWay(
      pair,
      /^target has not applied binlog\.\d+:\d+ of \S+ yet, which source got from another/,
    );
    await startReplica(target, 'sql', 'other');
    await matches(pair);

    await stopReplica(source, 'sql');
    await writer.query('UPDATE d.t SET v = 3');
    await writer.query('INSERT INTO d.t VALUES (3, 3)');
    await has(target, 'SELECT * FROM d.t WHERE id = 3');
    await isOnItsWay(pair, /^source does not show binlog\.\d+:\d+ of \S+ yet, which target has/);
    await startReplica(source, 'sql');
    await matches(pair);

    await writer.query('FLUSH BINARY LOGS');
    await alone(target, 'UPDATE d.t SET v = 9 WHERE id = 2');
    await vi.waitFor(async () => {
      const [result] = await checkOnce(pair);
      expect(result, result?.reason).toMatchObject({ verdict: 'DIFFERENT', rows: [{ key: { id: '2' } }] });
    }, patient);
  });
});

describe.each(flavours)('on %s', (flavour) => {
  test('what the pair’s channel leaves out and another one brings is on its way, and not different', async () => {
    await using stack = new AsyncDisposableStack();
    const [source, relay, target] = await threeServers(stack, flavour);
    const gtid = flavour === 'mariadb';
    await replicate(relay, source, { gtid });
    await replicate(target, source, { gtid, channel: 'own' });
    await replicate(target, relay, { gtid, channel: 'other' });
    const filter = async (channel: string, kind: string) => {
      await stopReplica(target, 'both', channel);
      const statement =
        flavour === 'mysql'
          ? `CHANGE REPLICATION FILTER ${kind} = ('d.%') FOR CHANNEL '${channel}'`
          : `SET GLOBAL ${channel}.${kind} = 'd.%'`;
      await target.query(statement);
    };
    await filter('own', 'replicate_wild_ignore_table');
    await filter('other', 'replicate_wild_do_table');
    await alone(target, 'CREATE DATABASE d');
    for (const channel of ['own', 'other']) await startReplica(target, 'both', channel);
    await source.query('CREATE DATABASE IF NOT EXISTS d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    await source.query('INSERT INTO d.t VALUES (1, 1)');
    await has(target, 'SELECT * FROM d.t');
    for (const server of [source, target]) await createMonitorUser(server, ['d']);
    const pair = { name: 'd', source, target };
    await matches(pair);

    await stopReplica(target, 'sql', 'other');
    await source.query('UPDATE d.t SET v = 2');
    await source.query('INSERT INTO d.t VALUES (2, 2)');
    await source.query('CREATE TABLE d.made (id INT PRIMARY KEY)');
    await has(relay, `SHOW TABLES IN d LIKE 'made'`);
    const mayCome =
      /still on the way: the pair's channel leaves it out \(.+=d\.%\), and the channel "other" may/;
    await isOnItsWay(pair, mayCome);
    await startReplica(target, 'sql', 'other');
    await matches(pair);

    await stopReplica(target, 'sql', 'other');
    for (const table of ['t', 'made']) await source.query(`ALTER TABLE d.${table} ADD COLUMN w INT`);
    await has(relay, `SHOW COLUMNS FROM d.made LIKE 'w'`);
    await isOnItsWay(pair, mayCome);
  });
});
