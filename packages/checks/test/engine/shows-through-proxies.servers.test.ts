import {
  cachingProxy,
  type OwnPair,
  splittingProxy,
  startPair,
  startReplica,
  type StatementProxy,
  stopReplica,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { type RunningEngine, startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

const place = /SHOW (BINARY LOG|MASTER) STATUS/;
const channels = /SHOW (REPLICA|SLAVE|ALL SLAVES) STATUS/;
const otherAnswer = /another server answered on one connection: a proxy that splits reads, or a cache\?/;

describe.each(flavours)('on %s, where only SHOW tells positions', (flavour) => {
  let pair: OwnPair;
  beforeAll(async () => {
    pair = await startPair({ flavour, gtid: false });
    await pair.source.query('CREATE DATABASE d');
    await pair.source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
  });
  afterAll(() => pair.remove());

  function watch(proxies: { source?: StatementProxy; target?: StatementProxy }): RunningEngine['engine'] {
    for (const proxy of Object.values(proxies)) onTestFinished(() => proxy.close());
    const reach = Object.fromEntries(Object.entries(proxies).map(([name, { port }]) => [name, { port }]));
    const { source, target } = pair;
    return startEngine({
      servers: { source, target },
      reach,
      pairs: [pairConfig(['d.*'], { checks: noChecks })],
    }).engine;
  }

  const remembering = (server: OwnPair['source'], statements: RegExp) =>
    cachingProxy(server, (statement) => (statements.test(statement) ? statement : null));

  test('what a cache remembers of where the source writes is not where it writes', async () => {
    const engine = watch({ source: await remembering(pair.source, place) });
    await vi.waitFor(() => expect(engine.pair('pair')).toMatchObject({ state: 'in-sync' }), patient);
    expect(engine.pair('pair')?.lag?.method).toBe('file');
    await stopReplica(pair.target, 'sql');
    onTestFinished(() => startReplica(pair.target, 'sql'));
    await pair.source.query('REPLACE INTO d.t VALUES (1, 1)');
    await vi.waitFor(() => expect(engine.pair('pair')?.lag?.lagMs).toBeGreaterThan(0), patient);
  });

  test('what a cache remembers of the replica’s threads is not how they are', async () => {
    const engine = watch({ target: await remembering(pair.target, channels) });
    await vi.waitFor(() => expect(engine.pair('pair')).toMatchObject({ state: 'in-sync' }), patient);
    await stopReplica(pair.target);
    onTestFinished(() => startReplica(pair.target));
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('stopped'), patient);
  });

  test('a proxy that sends some of what is no SELECT elsewhere is found out', async () => {
    const { source, target } = pair;
    const engine = watch({
      source: await splittingProxy(source, target, (statement) => place.test(statement)),
      target: await splittingProxy(target, source, (statement) => channels.test(statement)),
    });
    const states: (string | undefined)[] = [];
    const said: string[] = [];
    await vi.waitFor(() => {
      states.push(engine.pair('pair')?.state);
      said.push(JSON.stringify([engine.pair('pair'), engine.servers()]));
      expect(said.some((text) => otherAnswer.test(text))).toBe(true);
      expect(states.length).toBeGreaterThan(20);
    }, patient);
    expect(states).not.toContain('in-sync');
    // Nor is the replica taken for none.
    expect(states).not.toContain('not-configured');
  });
});
