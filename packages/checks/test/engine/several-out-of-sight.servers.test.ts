import {
  caughtUp,
  createFreshSchema,
  replicate,
  startPair,
  startReplica,
  startServer,
  stopReplica,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { killSessions, noChecks } from '../support/fault.ts';

test('what several channels may still bring is not different because nobody may see them any more', async () => {
  await using relayed = await startPair({ flavour: 'mysql' });
  await using other = await startServer({ flavour: 'mysql' });
  await using far = await startServer({ flavour: 'mysql' });
  const { source, target: relay } = relayed;
  await replicate(far, relay, { channel: 'one' });
  await replicate(far, other, { channel: 'two' });
  const schema = await createFreshSchema({ source, target: far });
  await source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v INT)`);
  await source.query(`INSERT INTO ${schema.sql}.t VALUES (1, 1)`);
  await caughtUp(source, far);
  const { engine } = startEngine({
    servers: { source, target: far },
    pairs: [
      pairConfig([`${schema.name}.*`], {
        checks: noChecks,
        verify: { ...verifyConfig, waitMs: inVainMs, settleMs: 200 },
      }),
    ],
  });
  await vi.waitFor(() => expect(engine.pair('pair')?.evidence).toContain('name the pair'), patient);
  await stopReplica(far, 'sql', 'one');
  await source.query(`UPDATE ${schema.sql}.t SET v = 2`);
  const check = async () => {
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(id)?.state).toBe('finished'), patient);
    return engine.run(id)?.verdicts;
  };
  expect(await check()).toEqual({ UNVERIFIED: 1 });
  await far.query('SET sql_log_bin = 0');
  await far.query(`REVOKE REPLICATION CLIENT ON *.* FROM '${far.monitor.user}'@'127.0.0.1'`);
  await killSessions(far);
  await vi.waitFor(() => {
    expect(engine.pair('pair')?.replication?.channels).toBeNull();
    expect(engine.pair('pair')?.evidence).toContain('not visible');
  }, patient);
  expect(await check()).toEqual({ UNVERIFIED: 1 });
  await startReplica(far, 'sql', 'one');
  await vi.waitFor(async () => expect(await check()).toEqual({ MATCH: 1 }), patient);
});
