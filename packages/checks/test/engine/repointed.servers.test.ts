import {
  caughtUp,
  createFreshSchema,
  createMonitorUser,
  forgetSource,
  type FreshSchema,
  replicate,
  startServer,
  type TestServer,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

describe.each(flavours)('a target that was pointed to a promoted replica, on %s,', (flavour) => {
  let servers: TestServer[] = [];
  let schema: FreshSchema;
  beforeAll(async () => {
    const options = flavour === 'mariadb' ? ['--log-slave-updates'] : [];
    servers = await Promise.all([1, 2, 3].map(() => startServer({ flavour, options })));
    const [source, promoted, target] = servers as [TestServer, TestServer, TestServer];
    await Promise.all([replicate(promoted, source), replicate(target, source)]);
    schema = await createFreshSchema({ source, target });
    await source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${schema.sql}.t VALUES (1, 1), (2, 2), (3, 3)`);
    await Promise.all([caughtUp(source, promoted), schema.caughtUp()]);
    await createMonitorUser(promoted, [schema.name]);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.remove()));
  });

  test('is not different from the old source by what that one is yet to get, or never gets', async () => {
    const [source, promoted, target] = servers as [TestServer, TestServer, TestServer];
    const { engine } = startEngine({
      servers: { source, target },
      pairs: [
        pairConfig([`${schema.name}.*`], {
          checks: noChecks,
          verify: { ...verifyConfig, waitMs: inVainMs, maxRounds: 30 },
        }),
      ],
    });
    const ended = async () => {
      const { id } = engine.startRun('pair', 'checksum', null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
      return engine.run(id)?.verdicts;
    };
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    await Promise.all([forgetSource(promoted), forgetSource(target)]);
    await replicate(target, promoted);
    await vi.waitFor(() => expect(engine.pair('pair')?.replication?.repointed).toBeTruthy(), patient);
    expect(await ended()).toEqual({ MATCH: 1 });
    await promoted.query(`UPDATE ${schema.sql}.t SET v = 20 WHERE id = 2`);
    await caughtUp(promoted, target);
    expect(await ended()).toEqual({ UNVERIFIED: 1 });
    if (flavour === 'mysql') {
      expect(engine.table('pair', schema.name, 't')?.checksum?.reason).toMatch(
        /^source does not have all that target got from another server/,
      );
    }

    await replicate(source, promoted);
    await caughtUp(promoted, source);
    await vi.waitFor(async () => expect(await ended()).toEqual({ MATCH: 1 }), patient);
    await plant(
      { ...schema, caughtUp: () => Promise.resolve() },
      `UPDATE ${schema.sql}.t SET v = 30 WHERE id = 3`,
    );
    await vi.waitFor(async () => expect(await ended()).toEqual({ DIFFERENT: 1 }), patient);
  });
});
