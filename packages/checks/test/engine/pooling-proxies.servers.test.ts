import {
  dividingProxy,
  failoverProxy,
  type Pair,
  poolingProxy,
  sharingProxy,
  startPair,
  type StatementProxy,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PairStateName } from '../../src/model/pair.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

const otherAnswer = /another server answered on one connection: a proxy that splits reads, or a cache\?/;

function watch({ source, target }: Pair, proxy: StatementProxy, schema = 'd') {
  onTestFinished(() => proxy.close());
  const { engine, events } = startEngine({
    servers: { source, target },
    reach: { source: { port: proxy.port } },
    pairs: [pairConfig([`${schema}.*`], { checks: noChecks })],
  });
  return {
    engine,
    /** Resolves to the states that the pair was in until that is said. */
    found: async (words: RegExp) => {
      const from = events.length;
      const states = new Set<PairStateName | null | undefined>();
      await vi.waitFor(() => {
        states.add(engine.pair('pair')?.state);
        const servers = events.slice(from).filter(({ type }) => type === 'server');
        expect(JSON.stringify([servers, engine.server('source'), engine.pair('pair')])).toMatch(words);
      }, patient);
      return states;
    },
    inSync: () => vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient),
  };
}

describe.each(flavours)('on %s', (flavour) => {
  test('connections that go on over a failover are told from those of the server before it', async () => {
    const { source, target, name, sql, caughtUp } = await freshSchema(flavour);
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await caughtUp();
    const proxy = await failoverProxy(source);
    const { engine, found, inSync } = watch({ source, target }, proxy, name);
    await inSync();
    proxy.moveTo(target);
    await found(otherAnswer);
    // By new connections the proxy leads to the target, which is no source of itself.
    await found(/both names lead to one server/);
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(id)?.state).not.toBe('running'), patient);
    expect(engine.run(id)?.verdicts).not.toHaveProperty('MATCH');
    // The last sample may be one of before.
    await vi.waitFor(
      () => expect(engine.pair('pair')).toMatchObject({ state: 'unknown', lag: { lagMs: null } }),
      patient,
    );
  });

  test('a pooler that gives each statement another session of one server is found out', async () => {
    const { source, target, name } = await freshSchema(flavour);
    const { found } = watch({ source, target }, await poolingProxy(source, 3), name);
    expect(await found(otherAnswer)).not.toContain('in-sync');
  });

  test.each([
    `SET time_zone = '+05:00'`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED',
    'SET character_set_client = latin1',
  ])(
    'what somebody else sets in a session is found out by what is asked there next: %s',
    async (statement) => {
      const { source, target, name } = await freshSchema(flavour);
      const proxy = await sharingProxy(source);
      const { found, inSync } = watch({ source, target }, proxy, name);
      await inSync();
      proxy.interfere(statement);
      await found(/its session, which somebody else has set up otherwise/);
    },
  );
});

describe.each(flavours)('on %s, where only SHOW tells positions', (flavour) => {
  test('a middle that takes apart what is sent as one has what it asks elsewhere found out, and no more', async () => {
    await using pair = await startPair({ flavour, gtid: false });
    const { source, target } = pair;
    const isPlace = (statement: string) => /SHOW (BINARY LOG|MASTER) STATUS/.test(statement);
    const { found } = watch(pair, await dividingProxy(source, target, isPlace));
    expect(await found(otherAnswer)).not.toContain('in-sync');
    const { inSync } = watch(pair, await dividingProxy(source, target, () => false));
    await inSync();
  });
});
