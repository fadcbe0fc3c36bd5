import { type PairEvent, silent } from '@lockstep/checks';
import {
  alert,
  heartbeatReading,
  lagSample,
  pairState,
  run,
  serverState,
  tableResult,
} from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { follow as streamOf } from '../../src/pubsub/streams.ts';
import { follow, graphqlClient, take } from '../fixture/graphql-client.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
let client: ReturnType<typeof graphqlClient>;
beforeEach(async () => {
  service = await startService();
  client = graphqlClient(service.socketAddress);
});
afterEach(async () => {
  await client.dispose();
  await service.stop();
});

const lagOf = (lagMs: number, pair = 'orders') =>
  service.pubsub.publish({ type: 'lag', pair, data: lagSample(pair, { lagMs }) });

test('a new subscriber gets the current value first, then what happens', async () => {
  const samples = follow<{ lagMs: number }>(client, 'subscription { lag { lagMs } }');
  expect(await take(samples, 1)).toEqual([{ lagMs: 0 }]);
  lagOf(1);
  expect(await take(samples, 1)).toEqual([{ lagMs: 1 }]);
  lagOf(2);
  expect(await take(samples, 1)).toEqual([{ lagMs: 2 }]);
});

test('nothing is lost between subscribing and the current value', async () => {
  // Published in the very moment in which the engine is asked for what is so now.
  const pairs = service.engine.pairs.bind(service.engine);
  service.engine.pairs = () => {
    const before = pairs();
    lagOf(77);
    return before;
  };
  const samples = follow<{ lagMs: number }>(client, 'subscription { lag(pair: "orders") { lagMs } }');
  // The event overtook the value that it replaces, so that value need not be sent any more.
  expect(await take(samples, 1)).toEqual([{ lagMs: 77 }]);
});

test('of very many open alerts the newest thousand come, and no more is read than is taken', async () => {
  service.engine.alertList = Array.from({ length: 1_150 }, (_, i) => alert(`a${i}`));
  const read = vi.spyOn(service.engine, 'alerts');
  const rows = () =>
    read.mock.results.reduce((sum, { value }) => sum + (value as { items: [] }).items.length, 0);
  const stream = streamOf(service, 'alert', { pair: null });
  expect((await stream.next()).value?.id).toBe('a0');
  expect(rows()).toBeLessThan(200);
  service.pubsub.publish({ type: 'alert', pair: 'orders', data: alert('new') });
  const ids = [];
  for (let i = 1; i <= 1_000; i++) ids.push((await stream.next()).value?.id);
  expect(ids).toEqual([...Array.from({ length: 999 }, (_, i) => `a${i + 1}`), 'new']);
  await stream.return();
});

test('pairs and servers are told as they are when they are taken', async () => {
  const { engine } = service;
  engine.pairStates = ['a', 'b', 'c'].map((name) => pairState(name));
  engine.serverStates = ['primary', 'replica', 'spare'].map((name) => serverState(name));
  const [states, servers] = [
    streamOf(service, 'pair', { pair: null }),
    streamOf(service, 'server', { pair: null }),
  ];
  expect((await states.next()).value?.name).toBe('a');
  expect((await servers.next()).value?.name).toBe('primary');
  engine.pairStates = [pairState('a'), pairState('c', { evidence: 'now' })];
  engine.serverStates = [serverState('spare', { port: 3_399 })];
  expect((await states.next()).value).toMatchObject({ name: 'c', evidence: 'now' });
  expect((await servers.next()).value).toMatchObject({ name: 'spare', port: 3_399 });
  await Promise.all([states.return(), servers.return()]);
});

test('only the pair that was asked for is heard', async () => {
  const samples = follow<{ pair: string; lagMs: number }>(
    client,
    'subscription { lag(pair: "orders") { pair lagMs } }',
  );
  await take(samples, 1);
  lagOf(5, 'stock');
  lagOf(6, 'orders');
  expect(await take(samples, 1)).toEqual([{ pair: 'orders', lagMs: 6 }]);
});

test('the lag of all pairs comes in lists: what is so now, then what came meanwhile', async () => {
  const lists = follow<{ pair: string; lagMs: number }[]>(client, 'subscription { lags { pair lagMs } }');
  // Nothing was measured of the other pair yet.
  expect(await take(lists, 1)).toEqual([[{ pair: 'orders', lagMs: 0 }]]);
  lagOf(5, 'stock');
  lagOf(6, 'orders');
  lagOf(7, 'stock');
  expect(await take(lists, 1)).toEqual([
    [
      { pair: 'stock', lagMs: 5 },
      { pair: 'orders', lagMs: 6 },
      { pair: 'stock', lagMs: 7 },
    ],
  ]);
});

test('subscribing to a pair that does not exist is an error, because it would stay silent for ever', async () => {
  const samples = follow(client, 'subscription { lag(pair: "nope") { lagMs } }');
  await expect(take(samples, 1)).rejects.toThrow('There is no pair named "nope".');
  expect(service.listeners()).toBe(0);
});

test('every kind of event arrives with what a client needs to show it', async () => {
  service.engine.runList = [run('r0')];
  service.engine.alertList = [alert('a0')];
  const cases: [query: string, current: object | null, publish: () => void, event: object][] = [
    [
      'pairs(pair: "orders") { name state tableCounts { different } target { name } }',
      { name: 'orders', state: 'IN_SYNC', tableCounts: { different: 1 }, target: { name: 'replica' } },
      () =>
        service.pubsub.publish({
          type: 'pair',
          pair: 'orders',
          data: pairState('orders', { state: 'not-configured' }),
        }),
      { name: 'orders', state: 'NOT_CONFIGURED', tableCounts: { different: 1 }, target: { name: 'replica' } },
    ],
    [
      'heartbeat(pair: "orders") { pair table serverId lagMs uncertaintyMs clock intervalMs beat evidence }',
      null,
      () => service.pubsub.publish({ type: 'heartbeat', pair: 'orders', data: heartbeatReading('orders') }),
      {
        pair: 'orders',
        table: 'percona.heartbeat',
        serverId: '1',
        lagMs: 0,
        uncertaintyMs: 1100,
        clock: 'WRITER',
        intervalMs: 1000,
        beat: '2026-03-01T12:00:00.000500',
        evidence:
          'replica has every heartbeat up to 1.1 s ago; one comes every 1 s; by the clock that writes it',
      },
    ],
    [
      'runs { id state progress { rowsDone } verdicts { verdict count } }',
      {
        id: 'r0',
        state: 'RUNNING',
        progress: { rowsDone: '5000000000' },
        verdicts: [{ verdict: 'MATCH', count: 1 }],
      },
      () =>
        service.pubsub.publish({
          type: 'run',
          pair: 'orders',
          data: run('r0', { state: 'finished', verdicts: {} }),
        }),
      { id: 'r0', state: 'FINISHED', progress: { rowsDone: '5000000000' }, verdicts: [] },
    ],
    [
      'tables { table verdict differences { changed } }',
      { table: 'items', verdict: 'DIFFERENT', differences: { changed: 1 } },
      () =>
        service.pubsub.publish({
          type: 'table',
          pair: 'orders',
          data: tableResult('items', {
            verdict: 'MATCH',
            differences: { missing: 0, surplus: 0, changed: 0 },
          }),
        }),
      { table: 'items', verdict: 'MATCH', differences: { changed: 0 } },
    ],
    [
      'alerts { id state severity }',
      { id: 'a0', state: 'FIRING', severity: 'CRITICAL' },
      () =>
        service.pubsub.publish({ type: 'alert', pair: 'orders', data: alert('a0', { state: 'resolved' }) }),
      { id: 'a0', state: 'RESOLVED', severity: 'CRITICAL' },
    ],
    [
      'replication { pair attribution channels { name } channel { name } errantCount }',
      null,
      () =>
        service.pubsub.publish({
          type: 'replication',
          pair: 'orders',
          data: {
            pair: 'orders',
            at: new Date(),
            channels: null,
            channel: null,
            attribution: 'unknown',
            errant: null,
            errantCount: null,
            direct: null,
            repointed: null,
            evidence: 'no answer',
          },
        }),
      { pair: 'orders', attribution: 'UNKNOWN', channels: null, channel: null, errantCount: null },
    ],
    [
      'pairEvents { id kind state message }',
      null,
      () =>
        service.pubsub.publish({
          type: 'pairEvent',
          pair: 'orders',
          data: {
            id: 'e1',
            pair: 'orders',
            at: new Date(),
            kind: 'operator',
            state: null,
            message: 'paused by anna',
          },
        }),
      { id: 'e1', kind: 'OPERATOR', state: null, message: 'paused by anna' },
    ],
  ];
  for (const [query, current, publish, event] of cases) {
    const listening = service.listeners();
    const values = follow<object>(client, `subscription { ${query} }`);
    const first = values.next();
    await vi.waitFor(() => expect(service.listeners()).toBe(listening + 1), patient);
    if (current) expect((await first).value).toEqual(current);
    publish();
    expect((await (current ? values.next() : first)).value).toEqual(event);
  }
});

test('servers come one after the other, then each change', async () => {
  const servers = follow<object>(client, 'subscription { servers { name connection } }');
  expect(await take(servers, 2)).toEqual([
    { name: 'primary', connection: 'CONNECTED' },
    { name: 'replica', connection: 'CONNECTED' },
  ]);
  service.pubsub.publish({
    type: 'server',
    pair: null,
    data: serverState('replica', { connection: 'disconnected' }),
  });
  expect(await take(servers, 1)).toEqual([{ name: 'replica', connection: 'DISCONNECTED' }]);
});

test('who knows the latest results already may leave them out', async () => {
  const results = follow<object>(client, 'subscription { tables(current: false) { table } }');
  const first = results.next();
  await vi.waitFor(() => expect(service.listeners()).toBe(1), patient);
  service.pubsub.publish({ type: 'table', pair: 'orders', data: tableResult('invoices') });
  expect((await first).value).toEqual({ table: 'invoices' });
});

test('a subscriber that leaves is forgotten, whether it says good-bye or not', async () => {
  const samples = follow(client, 'subscription { lag { lagMs } }');
  await take(samples, 1);
  expect(service.listeners()).toBe(1);
  await samples.return(undefined);
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);

  await take(follow(client, 'subscription { lag { lagMs } }'), 1);
  client.terminate();
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});

test('a subscription over HTTP streams events, and is forgotten when its client goes', async () => {
  const leave = new AbortController();
  const response = await service.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { lag(pair: "orders") { lagMs } }' }),
    signal: leave.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const readUntil = async (part: string) => {
    while (!text.includes(part)) text += (await reader.read()).value ?? '';
  };
  await readUntil('{"data":{"lag":{"lagMs":0}}}');
  lagOf(9);
  await readUntil('{"data":{"lag":{"lagMs":9}}}');
  leave.abort();
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});

test.each(['application/json', 'multipart/mixed', 'text/html', 'x/y'])(
  'a subscription whose client takes only %s is refused, and nothing of it stays',
  async (accept) => {
    const response = await service.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query: 'subscription { lag(pair: "orders") { lagMs } }' }),
    });
    expect(response.status).toBe(406);
    await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
  },
);

test('an unexpected error reaches the log and not the client; an expected one the client and not the log', async () => {
  const error = vi.fn();
  await using logged = await startService({ log: { ...silent, error } });
  await using own = graphqlClient(logged.socketAddress);
  const nobody = follow(own, 'subscription { lag(pair: "nope") { lagMs } }');
  await expect(take(nobody, 1)).rejects.toThrow('There is no pair named "nope".');
  expect((await logged.graphql('{ alerts(pair: "nope") { totalCount } }')).errors).toHaveLength(1);
  expect(error).not.toHaveBeenCalled();

  logged.engine.breakdown = new Error('secret: the password is hunter2');
  const samples = follow(own, 'subscription { lag { lagMs } }');
  await expect(take(samples, 1)).rejects.toThrow(/^Unexpected error\.$/);
  expect(error).toHaveBeenCalledTimes(1);
  const { errors } = await logged.graphql('{ pairs { name } }');
  expect(errors).toMatchObject([{ message: 'Unexpected error.' }]);
  expect(JSON.stringify(errors)).not.toContain('hunter2');
  expect(error).toHaveBeenCalledTimes(2);
  expect(error).toHaveBeenLastCalledWith({ err: logged.engine.breakdown }, 'GraphQL failed');
});

describe('events from the last one that was seen', () => {
  const event = (id: string, pair = 'orders'): PairEvent => ({
    id,
    pair,
    at: new Date('2026-03-01T12:00:00Z'),
    kind: 'operator',
    state: null,
    message: `${id} happened`,
  });
  const after = (args: string) =>
    follow<{ id: string }>(client, `subscription { pairEvents(${args}) { id } }`);

  test('come first, then those that happen', async () => {
    service.engine.eventList = [event('e1'), event('e2'), event('e3', 'stock'), event('e4')];
    const events = after('pair: "orders", after: "e1"');
    expect(await take(events, 2)).toEqual([{ id: 'e2' }, { id: 'e4' }]);
    service.pubsub.publish({ type: 'pairEvent', pair: 'orders', data: event('e5') });
    expect(await take(events, 1)).toEqual([{ id: 'e5' }]);
  });

  test('are not told twice where they happen while they are read', async () => {
    const { engine } = service;
    engine.eventsSince = () => {
      service.pubsub.publish({ type: 'pairEvent', pair: 'orders', data: event('e2') });
      return [event('e2')];
    };
    const events = after('after: "e1"');
    expect(await take(events, 1)).toEqual([{ id: 'e2' }]);
    service.pubsub.publish({ type: 'pairEvent', pair: 'orders', data: event('e3') });
    expect(await take(events, 1)).toEqual([{ id: 'e3' }]);
  });

  test('are refused where that one is not kept any more: nobody would know what is missing', async () => {
    await expect(take(after('after: "gone"'), 1)).rejects.toThrow('the event gone is not kept (any more)');
    expect(service.listeners()).toBe(0);
  });
});
