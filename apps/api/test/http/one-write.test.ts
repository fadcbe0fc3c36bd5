import { lagSample } from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { textFrame } from '../../src/http/sockets/text-frame.ts';
import { RawConnection } from '../fixture/raw-connection.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.stop());

const tell = (lagMs: number) =>
  service.pubsub.publish({ type: 'lag', pair: 'orders', data: lagSample('orders', { lagMs }) });

function ask(
  client: RawConnection,
  { version = '1.1', of = '(pair: "orders")', headers = [] as string[] } = {},
) {
  const body = JSON.stringify({ query: `subscription { lag${of} { lagMs } }` });
  client.socket.write(
    [
      `POST /graphql HTTP/${version}`,
      'Host: localhost',
      'Accept: text/event-stream',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      ...headers,
      '',
      body,
    ].join('\r\n'),
  );
}

/** A subscriber of lag over server-sent events. */
async function subscriber(asked: Parameters<typeof ask>[1] = {}): Promise<RawConnection> {
  const client = new RawConnection(service.address);
  ask(client, asked);
  await vi.waitFor(() => expect(client.text).toContain('"lagMs":0'), patient);
  return client;
}

/** More at once than waits for anybody: a subscriber of all pairs is told so, and their answer ends. */
function flood(pair = 'orders') {
  for (let i = 0; i < 6_000; i++) {
    // Of as many pairs, none is replaced by the next.
    service.pubsub.publish({ type: 'lag', pair, data: { ...lagSample('orders'), pair: `p${i}` } });
  }
}

const event = (lagMs: number) => `event: next\ndata: {"data":{"lag":{"lagMs":${lagMs}}}}\n\n`;
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

test('each event that is sent is one chunk of a well-formed answer, headers before it and its end after it', async () => {
  using client = await subscriber();
  tell(1);
  await vi.waitFor(() => expect(client.text).toContain('"lagMs":1'), patient);
  tell(2);
  await vi.waitFor(() => expect(client.text).toContain('"lagMs":2'), patient);
  const [head = '', body] = client.text.split('\r\n\r\n', 1).concat(client.text.replace(/^.*?\r\n\r\n/s, ''));
  expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(head).toMatch(/content-security-policy: /i);
  const pings = chunk(':\n\n');
  expect(body?.replaceAll(pings, '')).toBe([event(0), event(1), event(2)].map(chunk).join(''));
  // Some browsers wait for it.
  expect(body).toMatch(new RegExp(`^${pings}`));
  await service.stop();
  await vi.waitFor(() => expect(client.isCut()).toBe(true), patient);
});

test('who speaks HTTP/1.0 gets the events as they are', async () => {
  using client = await subscriber({ version: '1.0' });
  tell(1);
  await vi.waitFor(() => expect(client.text).toContain('"lagMs":1'), patient);
  const body = client.text.replace(/^.*?\r\n\r\n/s, '');
  expect(body.replaceAll(':\n\n', '')).toBe(`${event(0)}${event(1)}`);
});

test('who lost events over server-sent events is told how many, and that this is the end', async () => {
  using client = await subscriber();
  flood();
  await vi.waitFor(() => expect(client.text).toMatch(/\r\n0\r\n\r\n/), patient);
  expect(client.text).toMatch(/values came faster.*"MISSED"/);
  expect(client.text).toContain(`${chunk('event: complete\ndata:\n\n')}0\r\n\r\n`);
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});

test('an answer that ended leaves the connection to the next request', async () => {
  using client = await subscriber();
  flood();
  await vi.waitFor(() => expect(client.text).toMatch(/\r\n0\r\n\r\n$/), patient);
  client.say('GET /api/health HTTP/1.1', 'Host: localhost');
  await vi.waitFor(() => expect(client.text).toMatch(/\r\n0\r\n\r\nHTTP\/1.1 200 OK\r\n/), patient);
});

test.each([
  ['HTTP/1.0', { version: '1.0' }],
  ['a connection for one answer', { headers: ['Connection: close'] }],
])('where it is %s, the end of the answer is that of the connection', async (_, asked) => {
  using client = await subscriber(asked);
  expect(client.text).toMatch(/\r\nconnection: close\r\n/i);
  flood();
  await vi.waitFor(() => expect(client.text).toContain('event: complete'), patient);
  await vi.waitFor(() => expect(client.isCut()).toBe(true), patient);
});

test('what is asked behind another answer of the connection begins when that has ended', async () => {
  using client = await subscriber();
  ask(client);
  tell(1);
  flood();
  await vi.waitFor(() => expect(client.text).toMatch(/\r\n0\r\n\r\nHTTP\/1.1 200 OK\r\n/), patient);
  const second = () => client.text.split('\r\n0\r\n\r\n')[1];
  await vi.waitFor(() => expect(second()).toContain(chunk(event(0))), patient);
  tell(2);
  await vi.waitFor(() => expect(second()).toContain(chunk(event(0)) + chunk(event(2))), patient);
});

test('who ends their half of the connection has gone', async () => {
  using client = await subscriber();
  using behind = await subscriber();
  ask(behind);
  client.socket.end();
  behind.socket.end();
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});

test.each([0, 125, 126, 65_535, 65_536])(
  'a message of %i bytes is framed as the protocol has it',
  (length) => {
    const frame = textFrame([
      Buffer.alloc(Math.floor(length / 2), 'a'),
      Buffer.alloc(Math.ceil(length / 2), 'b'),
    ]);
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    expect(frame[0]).toBe(0x81);
    expect(frame[1]).toBe([length, 0, 126][extended] ?? 127);
    if (extended === 2) expect(frame.readUInt16BE(2)).toBe(length);
    if (extended === 8) expect(frame.readBigUInt64BE(2)).toBe(BigInt(length));
    expect(frame.subarray(2 + extended).toString()).toMatch(/^a*b*$/);
    expect(frame.length).toBe(2 + extended + length);
  },
);
