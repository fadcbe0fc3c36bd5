import {
  caughtUp,
  createFreshSchema,
  createMonitorUser,
  forgetSource,
  type FreshSchema,
  type OwnPair,
  replicate,
  startPair,
  startReplica,
  startServer,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Server } from '../../src/server/server.ts';
import { wayBack } from '../../src/verify/settle/way-back.ts';
import { checkOnce } from '../support/check-once.ts';
import { connect } from '../support/connect.ts';
import { killSessions } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

const setUps = flavours.flatMap((flavour) => [
  { flavour, gtid: true },
  { flavour, gtid: false },
]);

/** What comes to the source is not there yet: no row is called different for that, and no table missing. */
async function nothingDifferent(schema: FreshSchema, reason: RegExp): Promise<void> {
  for (const check of ['checksum', 'consistency'] as const) {
    const results = await checkOnce(schema, { waitMs: inVainMs }, check);
    for (const result of results) {
      expect(result, result.reason).toMatchObject({
        verdict: 'UNVERIFIED',
        differences: { missing: 0, surplus: 0, changed: 0 },
        schemaDifferences: [],
      });
      expect(result.reason).toMatch(reason);
    }
    expect(results.map(({ table }) => table)).toEqual(['fresh', 't']);
  }
}

async function blind(server: TestServer, right: string): Promise<void> {
  await server.query('SET sql_log_bin = 0');
  await server.query(`REVOKE ${right} ON *.* FROM '${server.monitor.user}'@'127.0.0.1'`);
  await server.query('SET sql_log_bin = 1');
}

async function allMatch(schema: FreshSchema): Promise<void> {
  await vi.waitFor(async () => {
    const results = await checkOnce(schema);
    expect(results.map(({ verdict }) => verdict)).toEqual(['MATCH', 'MATCH']);
  }, patient);
}

describe.each(setUps)('on $flavour, by GTID: $gtid,', ({ flavour, gtid }) => {
  let pair: OwnPair;
  let schema: FreshSchema;
  const t = () => `${schema.sql}.t`;
  const write = async (server: { query: (sql: string) => Promise<unknown> }) => {
    await server.query(`UPDATE ${t()} SET v = 2 WHERE id = 2`);
    await server.query(`INSERT INTO ${t()} VALUES (4, 4)`);
    await server.query(`CREATE TABLE ${schema.sql}.fresh (id INT PRIMARY KEY)`);
  };
  const plantedIsFound = async () => {
    await plant(schema, `UPDATE ${t()} SET v = 9 WHERE id = 3`);
    expect(await checkOnce(schema)).toMatchObject([
      { verdict: 'MATCH' },
      { verdict: 'DIFFERENT', rows: [{ key: { id: '3' } }] },
    ]);
  };
  beforeEach(async () => {
    pair = await startPair({ flavour, gtid });
    schema = await createFreshSchema(pair);
    await pair.source.query(`CREATE TABLE ${t()} (id INT PRIMARY KEY, v INT)`);
    await pair.source.query(`INSERT INTO ${t()} VALUES (1, 1), (2, 1), (3, 1)`);
    await schema.caughtUp();
    await replicate(pair.source, pair.target, { gtid });
  });
  afterEach(() => pair.remove());

  test('what the target of a ring wrote is on its way to its source, and not different', async () => {
    await stopReplica(pair.source, 'sql');
    await write(pair.target);
    await nothingDifferent(schema, /^source, which replicates from target, has not applied .+ yet$/);
    await startReplica(pair.source, 'sql');
    await allMatch(schema);
    await plantedIsFound();
  });

  describe.runIf(gtid || flavour === 'mariadb')(
    'where nobody may see whether the source gets anything',
    () => {
      const status = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR';
      const unseen = [
        { what: 'what the source gets', revoked: { source: status } },
        gtid
          ? { what: 'what either gets', revoked: { source: status, target: status } }
          : { what: 'what the target logs', revoked: { target: 'BINLOG MONITOR' } },
      ];
      test.each(unseen)(
        'what the target of a ring wrote is not different (unseen: $what)',
        async ({ revoked }) => {
          for (const [side, right] of Object.entries(revoked)) {
            await blind(pair[side as keyof typeof revoked], right);
          }
          await stopReplica(pair.source, 'sql');
          await write(pair.target);
          await nothingDifferent(schema, /GRANT .+ mends it$/);
          await startReplica(pair.source, 'sql');
          await allMatch(schema);
          await plantedIsFound();
        },
      );

      test.runIf(flavour === 'mysql')(
        'it is different where another right shows that the source gets nothing',
        async () => {
          await forgetSource(pair.source);
          await blind(pair.source, status);
          await pair.target.query(`UPDATE ${t()} SET v = 2 WHERE id = 2`);
          expect(await checkOnce(schema)).toMatchObject([
            { verdict: 'DIFFERENT', rows: [{ key: { id: '2' } }] },
          ]);
        },
      );

      test('a right that is taken away meanwhile does not end the wait', async () => {
        await stopReplica(pair.source, 'sql');
        await write(pair.target);
        const { source, target } = (await connect({ source: pair.source, target: pair.target })) as Record<
          'source' | 'target',
          Server
        >;
        const hidden = await wayBack(null, { source, target }, {});
        const comes = /^source, which replicates from target, has not applied/;
        expect(await hidden?.()).toMatch(comes);
        await blind(pair.source, status);
        await killSessions(pair.source);
        await vi.waitFor(async () => expect(await hidden?.()).toMatch(comes), patient);
      });

      test('nor is what it writes since roles were turned round', async () => {
        await blind(pair.source, status);
        await forgetSource(pair.target);
        await stopReplica(pair.source, 'sql');
        await write(pair.target);
        await nothingDifferent(schema, /GRANT .+ mends it$/);
        await startReplica(pair.source, 'sql');
        await allMatch(schema);
      });
    },
  );

  test('what the target writes since roles were turned round is on its way to what was its source', async () => {
    await forgetSource(pair.target);
    await stopReplica(pair.source, 'sql');
    await write(pair.target);
    await nothingDifferent(schema, /^source, which replicates from target, has not applied .+ yet$/);
    await startReplica(pair.source, 'sql');
    await allMatch(schema);
  });
});

describe('of two replicas on MySQL', () => {
  let pair: OwnPair;
  let other: TestServer;
  beforeEach(async () => {
    [pair, other] = await Promise.all([startPair({ flavour: 'mysql' }), startServer({ flavour: 'mysql' })]);
  });
  afterEach(() => Promise.all([pair.remove(), other.remove()]));

  test('what one has of a new source, and the other has not yet, is on its way', async () => {
    const schema = await createFreshSchema(pair);
    const t = `${schema.sql}.t`;
    await pair.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    await pair.source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 1), (3, 1)`);
    await schema.caughtUp();
    await replicate(other, pair.source);
    await createMonitorUser(other, [schema.name]);
    await caughtUp(pair.source, other);
    for (const replica of [pair.target, other]) await forgetSource(replica);
    await replicate(pair.source, other);
    await replicate(pair.target, other);
    await stopReplica(pair.source, 'sql');
    await other.query(`UPDATE ${t} SET v = 2 WHERE id = 2`);
    await other.query(`INSERT INTO ${t} VALUES (4, 4)`);
    await other.query(`CREATE TABLE ${schema.sql}.fresh (id INT PRIMARY KEY)`);
    await caughtUp(other, pair.target);
    await nothingDifferent(schema, /^source does not show .+ yet, which target has/);
    await startReplica(pair.source, 'sql');
    await allMatch(schema);
  });
});

describe.runIf(flavours.includes('mariadb'))('of two replicas on MariaDB', () => {
  const servers: TestServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.remove())));

  /** Each writes in a domain of its own. */
  async function three(): Promise<[TestServer, TestServer, TestServer]> {
    const started = [1, 2, 3].map((domain) =>
      startServer({ flavour: 'mariadb', options: [`--gtid-domain-id=${domain}`] }),
    );
    servers.push(...(await Promise.all(started)));
    return servers as [TestServer, TestServer, TestServer];
  }

  test('what one has of a new source, and the other has not yet, is on its way', async () => {
    const [source, other, target] = await three();
    for (const replica of [other, target]) await replicate(replica, source);
    const schema = await createFreshSchema({ source, target });
    const t = `${schema.sql}.t`;
    await source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 1), (3, 1)`);
    await schema.caughtUp();
    await caughtUp(source, other);
    for (const replica of [other, target]) await forgetSource(replica);
    for (const replica of [source, target]) await replicate(replica, other);
    await stopReplica(source, 'sql');
    await other.query(`UPDATE ${t} SET v = 2 WHERE id = 2`);
    await other.query(`INSERT INTO ${t} VALUES (4, 4)`);
    await other.query(`CREATE TABLE ${schema.sql}.fresh (id INT PRIMARY KEY)`);
    await caughtUp(other, target);
    await nothingDifferent(schema, /^source does not show .+ yet, which target has/);
    await startReplica(source, 'sql');
    await allMatch(schema);
    await plant(schema, `UPDATE ${t} SET v = 9 WHERE id = 3`);
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'MATCH' }, { verdict: 'DIFFERENT' }]);
  });
});
