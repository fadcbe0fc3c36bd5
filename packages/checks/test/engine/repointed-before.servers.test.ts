import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  caughtUp,
  createFreshSchema,
  createMonitorUser,
  forgetSource,
  replicate,
  startServer,
  type TestServer,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { engineConfig, type RunningEngine, startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

async function verdictsOf({ engine }: RunningEngine): Promise<unknown> {
  const { id } = engine.startRun('pair', 'checksum', null, 'me');
  await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
  return engine.run(id)?.verdicts;
}

test.each(flavours)(
  'what a target got since it was pointed to a promoted replica is no difference after a restart, or under other settings, either (%s)',
  async (flavour) => {
    const options = flavour === 'mariadb' ? ['--log-slave-updates'] : [];
    const servers = await Promise.all([1, 2, 3].map(() => startServer({ flavour, options })));
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.remove()));
    });
    const [source, promoted, target] = servers as [TestServer, TestServer, TestServer];
    await Promise.all([replicate(promoted, source), replicate(target, source)]);
    const schema = await createFreshSchema({ source, target });
    const t = `${schema.sql}.t`;
    await source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 2), (3, 3)`);
    await Promise.all([caughtUp(source, promoted), schema.caughtUp()]);
    await createMonitorUser(promoted, [schema.name]);

    const folder = await mkdtemp(join(tmpdir(), 'lockstep-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const pair = pairConfig([`${schema.name}.*`], {
      checks: noChecks,
      verify: { ...verifyConfig, waitMs: inVainMs, maxRounds: 30 },
    });
    const setup = { servers: { source, target }, pairs: [pair], file: join(folder, 'lockstep.db') };
    const first = startEngine(setup);
    await vi.waitFor(() => expect(first.engine.pair('pair')?.state).toBe('in-sync'), patient);
    await Promise.all([forgetSource(promoted), forgetSource(target)]);
    await replicate(target, promoted);
    await vi.waitFor(() => expect(first.engine.pair('pair')?.replication?.repointed).toBeTruthy(), patient);
    const since = first.engine.pair('pair')?.replication?.repointed;
    await promoted.query(`UPDATE ${t} SET v = 20 WHERE id = 2`);
    await caughtUp(promoted, target);
    await first.stop();

    const second = startEngine(setup);
    const isKnown = async () => {
      const known = () => second.engine.pair('pair')?.replication?.repointed;
      await vi.waitFor(() => expect(known()).toEqual(since), patient);
      expect(await verdictsOf(second)).toEqual({ UNVERIFIED: 1 });
    };
    await isKnown();
    const otherLag = { ...pair, lag: { ...pair.lag, warningMs: 6000 } };
    await second.engine.reconfigure(engineConfig({ ...setup, pairs: [otherLag] }), 'me');
    await isKnown();
    const told = second.events.flatMap((event) => (event.type === 'pairEvent' ? [event.data.message] : []));
    expect(told.filter((message) => message.startsWith('re-pointed'))).toEqual([]);
  },
);
