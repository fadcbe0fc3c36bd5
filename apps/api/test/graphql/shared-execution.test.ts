import type { LagSample } from '@lockstep/checks';
import { lagSample, serverState } from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
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

afterEach(() => void vi.useRealTimers());

/** What is told is shared within a turn, and how much is done in one is measured: now however slow this machine is. */
const asOneTurn = () => vi.useFakeTimers({ toFake: ['performance'] });

const tell = (data: LagSample) => service.pubsub.publish({ type: 'lag', pair: data.pair, data });

/** A sample that counts how often its evidence is asked for. */
function counted(): { sample: LagSample; reads: () => number } {
  let reads = 0;
  const sample = lagSample('orders', { lagMs: 5 });
  Object.defineProperty(sample, 'evidence', { get: () => `read ${++reads} times` });
  return { sample, reads: () => reads };
}

test('an event is executed once for all who ask the same of it', async () => {
  const streams = Array.from({ length: 5 }, () =>
    follow<{ evidence: string }>(client, 'subscription { lag(pair: "orders") { evidence } }'),
  );
  await Promise.all(streams.map((samples) => take(samples, 1)));
  const { sample, reads } = counted();
  asOneTurn();
  tell(sample);
  const told = await Promise.all(streams.map((samples) => take(samples, 1)));
  expect(told).toEqual(streams.map(() => [{ evidence: 'read 1 times' }]));
  expect(reads()).toBe(1);
});

test('who asks something else of an event is answered that', async () => {
  const query = 'subscription ($full: Boolean!) { lag { lagMs evidence @include(if: $full) } }';
  const ask = (full: boolean) => client.iterate<{ lag: object }>({ query, variables: { full } });
  const streams = [ask(true), ask(false)] as const;
  for (const stream of streams) await stream.next();
  const other = follow(client, 'subscription { lag { behind: lagMs } }');
  await take(other, 1);
  tell(lagSample('orders', { lagMs: 7, evidence: 'behind' }));
  const told = await Promise.all(streams.map((stream) => stream.next()));
  expect(told.map((next) => (next.value as { data: { lag: object } }).data.lag)).toEqual([
    { lagMs: 7, evidence: 'behind' },
    { lagMs: 7 },
  ]);
  expect(await take(other, 1)).toEqual([{ behind: 7 }]);
});

test('who subscribes later is told what is so then', async () => {
  const query = 'subscription { pairs(pair: "orders") { source { connection } } }';
  const connection = async () => (await take(follow<{ source: object }>(client, query), 1))[0]?.source;
  expect(await connection()).toEqual({ connection: 'CONNECTED' });
  const server = service.engine.server.bind(service.engine);
  service.engine.server = (name) => serverState(server(name)?.name ?? name, { connection: 'disconnected' });
  expect(await connection()).toEqual({ connection: 'DISCONNECTED' });
});

test('a subscription is answered by the name that its client gave it, whatever that is', async () => {
  const socket = new WebSocket(`${service.socketAddress}/graphql`, 'graphql-transport-ws');
  const messages: { id?: string; type: string; payload?: unknown }[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as (typeof messages)[0]));
  socket.on('open', () => socket.send('{"type":"connection_init"}'));
  await vi.waitFor(() => expect(messages).toHaveLength(1), patient);
  const id = '"},\\\u2028é';
  const query = 'subscription { lag(pair: "orders") { lagMs } }';
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
  await vi.waitFor(() => expect(messages).toHaveLength(2), patient);
  expect(messages[1]).toEqual({ id, type: 'next', payload: { data: { lag: { lagMs: 0 } } } });
  socket.terminate();
});
