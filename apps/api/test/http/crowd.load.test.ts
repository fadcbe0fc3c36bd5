import type { Logger } from '@lockstep/checks';
import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { graphqlClient } from '../fixture/graphql-client.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { RawConnection } from '../fixture/raw-connection.ts';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

let service: Service;
let opened: { [Symbol.dispose](): void }[] = [];
const warn = vi.fn();
const log = { warn, trace() {}, debug() {}, info() {}, error() {}, fatal() {} } as unknown as Logger;

beforeEach(async () => {
  service = await startService({
    auth: tokens,
    maxConnectionsPerClient: 3,
    trustedProxies: ['127.0.0.1'],
    log,
  });
  warn.mockClear();
});
afterEach(async () => {
  for (const client of opened) client[Symbol.dispose]();
  opened = [];
  await service.stop();
});

function socket(path: string, headers: Record<string, string>): PlainSocket {
  const client = new PlainSocket(service.socketAddress + path, ['graphql-transport-ws'], { headers });
  opened.push(client);
  return client;
}

async function signIn(token: string): Promise<string> {
  const response = await service.fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

test('however many sockets are opened without a token, who has one gets in from the same address', async () => {
  const strangers = Array.from({ length: 100 }, () => socket('/graphql', {}));
  await Promise.all(strangers.map((each) => Promise.race([each.opened, each.closed])));
  expect((await service.graphql('{ version }', {}, bearer(viewerToken))).status).toBe(200);
  // The token may come in the first message, too.
  await using client = graphqlClient(service.socketAddress, { connectionParams: bearer(viewerToken) });
  const answer = await client.iterate({ query: '{ version }' }).next();
  expect(answer.value).toEqual({ data: { version: '1.2.3' } });
});

test('connections are counted by who opened them: one session in excess leaves another at the same address alone', async () => {
  const [mine, others] = [await signIn(viewerToken), await signIn(viewerToken)];
  const three = Array.from({ length: 3 }, () => socket('/ws', { cookie: mine }));
  await Promise.all(three.map((each) => each.opened));
  expect(await socket('/ws', { cookie: mine }).refused).toMatchObject({ status: 429 });
  await socket('/ws', { cookie: others }).opened;
  await socket('/ws', bearer(viewerToken)).opened;
});

test('a token at two addresses behind a trusted proxy is two clients', async () => {
  const from = (address: string) => ({ ...bearer(viewerToken), 'x-forwarded-for': `6.6.6.6, ${address}` });
  const three = Array.from({ length: 3 }, () => socket('/ws', from('192.0.2.1')));
  await Promise.all(three.map((each) => each.opened));
  expect(await socket('/ws', from('192.0.2.1')).refused).toMatchObject({ status: 429 });
  await socket('/ws', from('192.0.2.2')).opened;
});

test('what a proxy says that is not trusted is not believed', async () => {
  await using closed = await startService({ auth: tokens, maxConnectionsPerClient: 1 });
  const open = (address: string) =>
    new PlainSocket(`${closed.socketAddress}/ws`, [], {
      headers: { ...bearer(viewerToken), 'x-forwarded-for': address },
    });
  using first = open('192.0.2.1');
  await first.opened;
  using second = open('192.0.2.2');
  expect(await second.refused).toMatchObject({ status: 429 });
});

test('one token has at most half of all connections', async () => {
  await using small = await startService({ auth: tokens, maxConnections: 4 });
  const open = (token: string) => {
    const client = new PlainSocket(`${small.socketAddress}/ws`, [], { headers: bearer(token) });
    opened.push(client);
    return client;
  };
  await Promise.all([open(viewerToken).opened, open(viewerToken).opened]);
  expect(await open(viewerToken).refused).toMatchObject({ status: 429 });
  await open(operatorToken).opened;
});

test('connections that say nothing, or a word now and then, make room for who has something to say', async () => {
  // More than the service takes in all: who is not let in is not heard at all.
  await using small = await startService({ auth: tokens, maxConnections: 10 });
  const silent = Array.from({ length: 1_200 }, () => {
    const connection = new RawConnection(small.address);
    opened.push(connection);
    connection.socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    return connection;
  });
  await Promise.all(silent.map((connection) => connection.opened));
  const answer = await small.graphql('{ version }', {}, bearer(viewerToken));
  expect(answer.status).toBe(200);
  await vi.waitFor(() => expect(silent[0]!.isCut()).toBe(true), patient);
});

test('wrong tokens are limited and logged with their address in few lines, and a right one is never refused', async () => {
  const from = (token: string) => ({ ...bearer(token), 'x-forwarded-for': '192.0.2.9' });
  const statuses: number[] = [];
  for (let i = 0; i < 40; i++) {
    statuses.push((await service.graphql('{ version }', {}, from(`guess-${i}`))).status);
  }
  expect(new Set(statuses.slice(0, 20))).toEqual(new Set([401]));
  expect(statuses.at(-1)).toBe(429);
  expect(warn.mock.calls).toEqual([[{ address: '192.0.2.9', times: 1 }, expect.any(String)]]);
  expect((await service.graphql('{ version }', {}, from(viewerToken))).status).toBe(200);
  const elsewhere = { ...bearer('guess'), 'x-forwarded-for': '192.0.2.10' };
  expect((await service.graphql('{ version }', {}, elsewhere)).status).toBe(401);
});

test.each(['/api/session', '/api/health', '/ws', '/graphql'])(
  'guesses count at every door: %s',
  async (path) => {
    const headers = { ...bearer('guess'), 'x-forwarded-for': '192.0.2.11' };
    for (let i = 0; i < 21; i++) {
      if (path === '/ws' || path === '/graphql') await socket(path, headers).refused;
      else await service.fetch(path, { headers });
    }
    expect((await service.graphql('{ version }', {}, headers)).status).toBe(429);
  },
);

test('who signs in again ends the session they had', async () => {
  const first = await signIn(viewerToken);
  const again = await service.fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: first },
    body: JSON.stringify({ token: viewerToken }),
  });
  expect(again.status).toBe(200);
  expect((await service.graphql('{ version }', {}, { cookie: first })).status).toBe(401);
});

test('over https the cookie is bound to this very host', async () => {
  const response = await service.fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.address.replace('http:', 'https:') },
    body: JSON.stringify({ token: viewerToken }),
  });
  const cookie = response.headers.get('set-cookie')!;
  expect(cookie).toMatch(/^__Host-lockstep_session=.*Secure/);
  const session = { cookie: cookie.split(';')[0]! };
  expect((await service.graphql('{ version }', {}, session)).status).toBe(200);
});
