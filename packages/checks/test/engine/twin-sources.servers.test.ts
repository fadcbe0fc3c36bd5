import {
  caughtUp,
  createFreshSchema,
  createMonitorUser,
  forgetSource,
  replicate,
  type ServerHandle,
  startPair,
  startServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { copyName, takeNumbers } from '../support/of-one-name.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a target that follows one of two sources that number alike is in sync with neither by what it got from the other', async () => {
    await using pair = await startPair({ flavour });
    const { source, target } = pair;
    await using twin = await startServer({ flavour, serverId: source.serverId });
    const schema = await createFreshSchema(pair);
    const t = `${schema.sql}.t`;
    await source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    await copyName(twin, source);
    await twin.query('SET sql_log_bin = 0');
    await twin.query(`CREATE DATABASE ${schema.sql}`);
    await twin.query(`CREATE TABLE ${t} (id INT PRIMARY KEY)`);
    await twin.query('SET sql_log_bin = 1');
    await takeNumbers(twin, source);
    await createMonitorUser(twin, [schema.name]);
    const { engine } = startEngine({
      servers: { source, twin, target },
      pairs: ['source', 'twin'].map((name) =>
        pairConfig([`${schema.name}.*`], { name, source: name, checks: noChecks }),
      ),
    });
    const are = async (states: Record<string, RegExp>) => {
      for (const [name, said] of Object.entries(states)) {
        await vi.waitFor(() => {
          const { state, evidence } = engine.pair(name) ?? {};
          expect(`${state}: ${evidence}`).toMatch(said);
        }, patient);
      }
    };
    const alike = /^unknown: .*by their numbers what the two write is one/;
    const mixed = /^unknown: .*was seen to read from another server that has the name of/;
    const inSync = /^in-sync/;
    const verdicts = async (name: string) => {
      const { id } = engine.startRun(name, 'checksum', null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
      return engine.run(id)?.verdicts;
    };
    await are({ source: inSync, twin: alike });

    const follow = async (server: ServerHandle) => {
      await forgetSource(target);
      await replicate(target, server);
      await caughtUp(server, target);
    };
    await forgetSource(target);
    await source.query(`INSERT INTO ${t} VALUES (1)`);
    await twin.query(`INSERT INTO ${t} VALUES (2)`);
    await follow(twin);
    expect(await target.query(`SELECT id FROM ${t}`)).toEqual([{ id: 2 }]);
    await are({ source: alike, twin: mixed });
    expect(await verdicts('source')).toEqual({ UNVERIFIED: 1 });
    expect(await verdicts('twin')).toEqual({ MATCH: 1 });
    await are({ twin: inSync });

    await follow(source);
    await are({ source: mixed, twin: alike });
  });
});
