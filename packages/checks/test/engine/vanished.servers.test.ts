import { createFreshSchema, forgetSource, type FreshSchema, replicate } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { type RunningEngine, startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { plant } from '../support/verify.ts';

describe.each(flavours)('while replication is not set up any more, on %s,', (flavour) => {
  let schema: FreshSchema;
  const pair = tendedPair({
    flavour,
    seed: async ({ source, target }) => {
      schema = await createFreshSchema({ source, target });
      await source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY, v INT)`);
      await source.query(`INSERT INTO ${schema.sql}.t VALUES (1, 1), (2, 2), (3, 3)`);
    },
  });
  const ended = async ({ engine }: RunningEngine) => {
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
    return engine.run(id)?.verdicts;
  };
  const watch = () =>
    startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
  const is = async ({ engine }: RunningEngine, state: string) =>
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe(state), patient);

  test('what is still to come is not different, in rows and in definitions', async () => {
    const watched = watch();
    await is(watched, 'in-sync');
    await forgetSource(pair.target);
    await is(watched, 'vanished');
    expect(await ended(watched)).toEqual({ MATCH: 1 });
    await pair.source.query(`UPDATE ${schema.sql}.t SET v = 20 WHERE id = 2`);
    await pair.source.query(`CREATE TABLE ${schema.sql}.made (id INT PRIMARY KEY)`);
    expect(await ended(watched)).toEqual({ UNVERIFIED: 2 });
    const reason = () => watched.engine.tables('pair').find(({ table }) => table === 't')?.checksum?.reason;
    expect(reason()).toMatch(
      /1 row changed, or still on the way: replication was configured and is not any more/,
    );

    await replicate(pair.target, pair.source, { port: pair.proxy.port });
    await is(watched, 'in-sync');
    await schema.caughtUp();
    expect(await ended(watched)).toEqual({ MATCH: 2 });
    await plant(schema, `UPDATE ${schema.sql}.t SET v = 30 WHERE id = 3`);
    expect(await ended(watched)).toEqual({ MATCH: 1, DIFFERENT: 1 });
  });
});
