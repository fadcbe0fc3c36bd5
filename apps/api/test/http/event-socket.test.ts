import { alert, lagSample, run, serverState, tableResult } from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
let clients: PlainSocket[] = [];
beforeAll(async () => {
  service = await startService();
});
afterEach(async () => {
  for (const client of clients) client.socket.terminate();
  clients = [];
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});
afterAll(() => service.stop());

function connect(query = ''): PlainSocket {
  const client = new PlainSocket(`${service.socketAddress}/ws${query}`);
  clients.push(client);
  return client;
}

const typesOf = (client: PlainSocket) => client.json().map(({ type }) => type);

test('a tool without GraphQL gets what is so now, then every event, as plain JSON', async () => {
  service.engine.runList = [run('r1')];
  service.engine.alertList = [alert('a1')];
  const client = connect();
  await vi.waitFor(
    () =>
      expect(typesOf(client).sort()).toEqual(
        ['alert', 'lag', 'pair', 'pair', 'run', 'server', 'server', 'table'].sort(),
      ),
    patient,
  );
  service.pubsub.publish({ type: 'lag', pair: 'orders', data: lagSample('orders', { lagMs: 42 }) });
  await vi.waitFor(() => expect(client.messages).toHaveLength(9), patient);
  const { type, at, data } = client.json().at(-1)!;
  expect({ type, data }).toMatchObject({
    type: 'lag',
    data: { pair: 'orders', lagMs: 42, at: '2026-03-01T12:00:00.000Z' },
  });
  expect(new Date(at).toISOString()).toBe(at);
});

test('it hears only the pair and the types that it asked for', async () => {
  const client = connect('?pair=stock&types=pair,alert&types=SERVER');
  await vi.waitFor(() => expect(typesOf(client).sort()).toEqual(['pair', 'server', 'server']), patient);
  service.pubsub.publish({ type: 'lag', pair: 'stock', data: lagSample('stock') });
  service.pubsub.publish({ type: 'alert', pair: 'orders', data: alert('a2') });
  service.pubsub.publish({ type: 'server', pair: null, data: serverState('elsewhere') });
  service.pubsub.publish({ type: 'server', pair: null, data: serverState('replica', { attempts: 1 }) });
  service.pubsub.publish({ type: 'alert', pair: 'stock', data: alert('a3', { pair: 'stock' }) });
  await vi.waitFor(() => expect(client.messages).toHaveLength(5), patient);
  expect(client.json().slice(3)).toMatchObject([
    { type: 'server', data: { name: 'replica', attempts: 1 } },
    { type: 'alert', data: { id: 'a3' } },
  ]);
});

test.each([
  [
    '?types=lags',
    400,
    'types',
    'it can be: lag, heartbeat, replication, pair, pairEvent, server, group, run, table, alert',
  ],
  ['?pair=nope', 404, 'nope', 'no pair'],
  ['?pairs=orders', 400, 'pairs', 'there are: pair, types'],
])('%s is refused in words, not answered with silence', async (query, code, name, help) => {
  const { status, body } = await connect(query).refused;
  expect(status).toBe(code);
  const { error } = JSON.parse(body) as { error: { message: string } };
  expect(error.message).toContain(name);
  expect(error.message).toContain(help);
});

test('an event is encoded once, however many sockets it goes to', async () => {
  const all = [connect('?types=table'), connect('?types=table'), connect('?types=table')];
  await Promise.all(all.map((client) => client.opened));
  await vi.waitFor(() => all.forEach((client) => expect(client.messages).toHaveLength(1)), patient);
  let encodings = 0;
  const data = {
    ...tableResult('items'),
    toJSON: () => {
      encodings++;
      return { table: 'items' };
    },
  };
  service.pubsub.publish({ type: 'table', pair: 'orders', data });
  await vi.waitFor(() => all.forEach((client) => expect(client.messages).toHaveLength(2)), patient);
  expect(encodings).toBe(1);
});

test('other paths are no WebSockets', async () => {
  const client = new PlainSocket(`${service.socketAddress}/other`);
  expect(await client.refused).toMatchObject({ status: 404 });
});
