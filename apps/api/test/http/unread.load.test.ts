import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { lagSample, pageOf, tableResult } from '@lockstep/fixture';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Connections } from '../../src/http/guard/connections.ts';
import { takenFrom } from '../../src/http/guard/taken.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { RawConnection } from '../fixture/raw-connection.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
let asked = 0;
beforeEach(async () => {
  service = await startService();
  fill();
});
afterEach(() => service.stop());

/** Tables of which a page is 500 times as long as a reason. */
function fill(reasonLength = 2_000): void {
  asked = 0;
  const reason = 'x'.repeat(reasonLength);
  const tables = Array.from({ length: 500 }, (_, i) => {
    const checksum = tableResult(`t${i}`, { reason });
    return { ...service.engine.tableStates[0]!, table: `t${i}`, checksum, standing: null };
  });
  service.engine.tablePage = () => {
    asked++;
    return pageOf(tables, { limit: tables.length });
  };
}

const megabytes = 1024 * 1024;
const megabyte = '{ pair(name: "orders") { tables(first: 500) { nodes { checksum { reason } } } } }';

test('a socket that does not take its answers is not given more of them', async () => {
  using client = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws']);
  await client.opened;
  client.socket.send(JSON.stringify({ type: 'connection_init' }));
  await vi.waitFor(() => expect(client.messages).toHaveLength(1), patient);
  client.socket.pause();
  const ask = (id: number) =>
    client.socket.send(JSON.stringify({ type: 'subscribe', id: `${id}`, payload: { query: megabyte } }));
  for (let id = 0; id < 90; id++) {
    const before = asked;
    ask(id);
    // One after another, as long as they are answered.
    await vi
      .waitFor(() => expect(asked).toBeGreaterThan(before), { timeout: inVainMs, interval: 5 })
      .catch(() => {});
    if (asked === before) break;
  }
  expect(asked).toBeLessThan(30);
  // Nobody else waits for that.
  expect((await service.graphql('{ version }')).status).toBe(200);
  client.socket.resume();
  const answered = () => client.json<{ type: string }>().filter(({ type }) => type === 'next').length;
  await vi.waitFor(() => expect(answered()).toBe(asked), patient);
});

test('of one client no more waits unread than so much, over whatever it has open', async () => {
  // The sweep, which cuts what nobody reads, has no part in this.
  await service.stop();
  vi.useFakeTimers({ toFake: ['setInterval'] });
  service = await startService();
  vi.useRealTimers();
  // Far more than the system keeps for a connection by itself.
  fill(20_000);
  const whole = 500 * 20_000;
  const clients = Array.from({ length: 8 }, () => new RawConnection(service.address));
  for (const client of clients) {
    client.socket.pause();
    client.say(
      `GET /graphql?query=${encodeURIComponent(megabyte)} HTTP/1.1`,
      'Host: localhost',
      'Accept: application/json',
    );
  }
  await vi.waitFor(() => expect(asked).toBe(8), patient);
  // Answered after them, so that by then they were.
  expect((await service.graphql(megabyte)).errors).toBeUndefined();
  for (const client of clients) client.socket.resume();
  const isWhole = (client: RawConnection) => client.text.length > whole;
  const isOver = (client: RawConnection) => client.socket.readableEnded || client.socket.destroyed;
  await vi.waitFor(
    () => expect(clients.filter((each) => !isWhole(each) && !isOver(each))).toEqual([]),
    patient,
  );
  expect(clients.filter((each) => !isWhole(each))).not.toEqual([]);
  for (const client of clients) client[Symbol.dispose]();
});

test('what nobody reads is cut, and what is read, however slowly, is not', () => {
  const connections = new Connections({ inAll: 10, perClient: 10 });
  const open = () => {
    const connection = { caller: null, close: vi.fn(), cut: vi.fn(), waiting: 1_000, unread: () => 0 };
    connection.unread = () => connection.waiting;
    connections.admit('client', connection);
    return connection;
  };
  const [dead, slow, idle] = [open(), open(), open()];
  idle.waiting = 0;
  for (let i = 0; i < 10; i++) {
    slow.waiting -= 10;
    connections.sweep();
  }
  expect(dead.cut).toHaveBeenCalled();
  expect(slow.cut).not.toHaveBeenCalled();
  expect(idle.cut).not.toHaveBeenCalled();
});

test('pongs that nobody asked for do not say that somebody reads', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  using client = new PlainSocket(`${service.socketAddress}/ws?types=pairEvent`);
  await client.opened;
  client.socket.pause();
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => client.socket.pong('', undefined, resolve));
    // So that the service has it.
    await service.graphql('{ version }');
    vi.advanceTimersByTime(15_000);
  }
  vi.useRealTimers();
  client.socket.resume();
  expect(await client.closed).toMatchObject({ code: 1006 });
});

test('who answers pings late is not taken for gone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  using client = new PlainSocket(`${service.socketAddress}/ws?types=pairEvent`);
  const pinged = vi.fn();
  client.socket.on('ping', pinged);
  await client.opened;
  for (let i = 0; i < 4; i++) {
    client.socket.pause();
    for (let seconds = 0; seconds < 25; seconds += 5) {
      vi.advanceTimersByTime(5_000);
      await service.graphql('{ version }');
    }
    // The first of those that wait is answered, and the service hears that before anything else that is asked of it.
    pinged.mockClear();
    client.socket.resume();
    await vi.waitFor(() => expect(pinged).toHaveBeenCalled(), patient);
    await service.graphql('{ version }');
  }
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test('who takes what lies before the ping is not taken for gone, however long they do', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  using client = new RawConnection(service.address);
  let had = 0;
  client.socket.on('data', (data) => {
    had += data.length;
    client.socket.pause();
  });
  client.say(
    'GET /ws?types=lag HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
  );
  await vi.waitFor(() => expect(service.listeners()).toBeGreaterThan(0), patient);
  // One message, which the system keeps the smaller part of.
  const evidence = 'x'.repeat(64 * megabytes);
  service.pubsub.publish({ type: 'lag', pair: 'orders', data: lagSample('orders', { evidence }) });
  for (let seconds = 0; seconds < 60; seconds += 5) {
    const enough = had + 4 * megabytes;
    while (had < enough) {
      client.socket.resume();
      await once(client.socket, 'data');
    }
    vi.advanceTimersByTime(5_000);
    await setImmediate();
  }
  expect(client.socket.closed || client.socket.readableEnded).toBe(false);
  // Now they do not.
  for (let seconds = 0; seconds < 60; seconds += 5) {
    vi.advanceTimersByTime(5_000);
    await setImmediate();
  }
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});

test('of all clients together no more waits unread than so much: one who signs in again and again is many', () => {
  const connections = new Connections({ inAll: 100, perClient: 10 });
  const megabyte = 1024 * 1024;
  const open = (client: string, waiting: number) => {
    const connection = { caller: null, close: vi.fn(), cut: vi.fn(), unread: () => waiting };
    connections.admit(client, connection);
    return connection;
  };
  const few = open('somebody', megabyte);
  const many = Array.from({ length: 20 }, (_, i) => open(`session ${i}`, 12 * megabyte));
  connections.sweep();
  expect(few.cut).not.toHaveBeenCalled();
  expect(many.filter(({ cut }) => cut.mock.calls.length === 0).length).toBeLessThan(11);
});

test.each([
  ['a long answer', 1],
  ['more than they can take', 10],
])('who takes slowly of %s is not cut while they do, and is once they do not', async (_, writes) => {
  const connections = new Connections({ inAll: 10, perClient: 10 });
  const cut = vi.fn();
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const server = createServer(resolve);
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  const socket = await promise;
  onTestFinished(() => void socket.destroy());
  const [unread, taken] = [() => socket.writableLength, () => takenFrom(socket)];
  connections.admit('client', { caller: null, close: cut, cut, unread, taken });
  let had = 0;
  client.on('data', (data) => {
    had += data.length;
    client.pause();
  });
  // At first there is nothing to take.
  connections.sweep();
  const enough = 4 * megabytes;
  for (let sweep = 1; sweep <= 10; sweep++) {
    if (sweep <= writes) socket.write(Buffer.alloc((writes === 1 ? 64 : 8) * megabytes));
    while (had < sweep * enough) {
      client.resume();
      await once(client, 'data');
    }
    connections.sweep();
  }
  expect(cut).not.toHaveBeenCalled();
  client.pause();
  await vi.waitFor(() => {
    connections.sweep();
    expect(cut).toHaveBeenCalled();
  }, patient);
});
