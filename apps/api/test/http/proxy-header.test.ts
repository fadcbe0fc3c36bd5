import { request as ask } from 'node:http';
import { connect } from 'node:net';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { HttpConfig } from '../../src/config/loaded.ts';
import { operatorToken, type Service, startService, tokens } from '../fixture/service.ts';

const proxyHeader = {
  name: 'X-Forwarded-User',
  roleHeader: 'X-Forwarded-Groups',
  roles: { operator: ['dba'], viewer: ['dev', 'ops'], otherwise: null },
};
const auth: HttpConfig['auth'] = {
  kind: 'tokens',
  tokens: tokens.kind === 'tokens' ? tokens.tokens : [],
  proxyHeader,
};

let service: Service;
const lines: string[] = [];
const say = (_: object, line: string) => void lines.push(line);
const log = { debug: say, info: say, warn: say, error: say };
beforeEach(async () => {
  lines.length = 0;
  service = await startService({ auth, trustedProxies: ['127.0.0.1'], log });
});
afterEach(() => service.stop());

const from = (user: string, groups: string) => ({ 'x-forwarded-user': user, 'x-forwarded-groups': groups });
/** The answer to a request with these very lines. */
const statusOf = async (headers: string[]) => {
  const { hostname, port } = new URL(service.address);
  const socket = connect(Number(port), hostname);
  socket.end(
    ['GET /api/metrics HTTP/1.1', `Host: ${hostname}`, ...headers, 'Connection: close', '', ''].join('\r\n'),
  );
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
};
const viewerIs = async (headers: Record<string, string>, of = service) =>
  (await of.graphql<{ viewer: object }>('{ viewer { name role } }', {}, headers)).data?.viewer;

test.each([
  ['dba', 'OPERATOR'],
  ['dev, dba', 'OPERATOR'],
  ['sales|ops', 'VIEWER'],
])('a trusted proxy says who asks, and "%s" makes them %s', async (groups, role) => {
  expect(await viewerIs(from('anna', groups))).toEqual({ name: 'anna', role });
});

test('a name is text in UTF-8, and no more than that', async () => {
  expect(await viewerIs(from(Buffer.from('Zoë\u0085').toString('latin1'), 'dba'))).toEqual({
    name: 'Zoë\\u0085',
    role: 'OPERATOR',
  });
});

test('who has no role is refused with a sentence, whatever session they have, and that is kept', async () => {
  const { headers } = await service.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token: operatorToken }),
  });
  const ben = { ...from('ben', 'sales'), cookie: headers.get('set-cookie')!.split(';')[0]! };
  const why =
    '"ben" may not use Lockstep: nothing that X-Forwarded-Groups says has a role in http.auth.proxyHeader.roles.';
  const response = await service.fetch('/api/metrics', { headers: ben });
  expect(response.status).toBe(403);
  expect(await response.json()).toEqual({ error: { code: 'FORBIDDEN', message: why } });
  expect(await (await service.fetch('/api/session', { headers: ben })).json()).toMatchObject({
    role: null,
    refused: why,
  });
  expect(service.store.audit({ who: 'ben' }, { limit: 5 }).items).toMatchObject([
    { action: 'signIn', outcome: 'refused', way: 'proxy', message: why },
  ]);
});

test('who opens the page through the proxy is kept as a sign-in, once', async () => {
  for (let i = 0; i < 2; i++) await service.fetch('/api/session', { headers: from('anna', 'dba') });
  await service.graphql('mutation { pausePair(name: "orders") { __typename } }', {}, from('anna', 'dba'));
  expect(service.store.audit({ who: 'anna' }, { limit: 5 }).items).toMatchObject([
    { action: 'pausePair', way: 'proxy', role: 'operator' },
    { action: 'signIn', way: 'proxy', outcome: 'done' },
  ]);
});

test('from anybody but a trusted proxy the header is not believed, and that is logged once', async () => {
  await using other = await startService({ auth, trustedProxies: ['10.0.0.0/8'], log });
  for (let i = 0; i < 3; i++) {
    const response = await other.fetch('/api/metrics', { headers: from('anna', 'dba') });
    expect(response.status).toBe(401);
  }
  // What it says of where it comes from does not help either.
  const forged = { ...from('anna', 'dba'), 'x-forwarded-for': '10.0.0.1' };
  expect((await other.fetch('/api/metrics', { headers: forged })).status).toBe(401);
  expect(await viewerIs({ ...forged, authorization: `Bearer ${operatorToken}` }, other)).toMatchObject({
    name: 'anna',
  });
  expect(lines.filter((line) => line.includes('no trusted proxy'))).toHaveLength(1);
  expect(other.store.audit({}, { limit: 5 }).total).toBe(0);
});

test.each([
  ['the name', ['X-Forwarded-User: anna', 'X-Forwarded-User: ben', 'X-Forwarded-Groups: dba']],
  [
    'the name, however it is written',
    ['X-Forwarded-User: a', 'x-forwarded-USER: b', 'X-Forwarded-Groups: dba'],
  ],
  ['what makes the role', ['X-Forwarded-User: ben', 'X-Forwarded-Groups: dev', 'X-Forwarded-Groups: dba']],
])('where %s came more than once nothing is believed: one of them is not the proxy’s', async (_, sent) => {
  expect(await statusOf(sent)).toBe(401);
  expect(lines.filter((line) => line.includes('more than once'))).toHaveLength(1);
});

test.each([
  ['underscores', ['X_Forwarded_User: anna', 'X_Forwarded_Groups: dba'], 401],
  ['a role and no name', ['X-Forwarded-Groups: dba'], 401],
  ['an empty name', ['X-Forwarded-User: ', 'X-Forwarded-Groups: dba'], 401],
  ['a blank before the colon', ['X-Forwarded-User : anna', 'X-Forwarded-Groups: dba'], 400],
  ['a line that goes on', ['X-Forwarded-Groups: dev', ' ,dba', 'X-Forwarded-User: anna'], 400],
])('with %s a header names nobody', async (_, sent, status) => {
  expect(await statusOf(sent)).toBe(status);
});

test('a password that the proxy asked for, and passes on, is no wrong token', async () => {
  const authorization = `Basic ${Buffer.from('anna:secret').toString('base64')}`;
  for (let i = 0; i < 30; i++) {
    expect(await viewerIs({ ...from('anna', 'dba'), authorization })).toMatchObject({ role: 'OPERATOR' });
  }
  const refused = await service.fetch('/api/metrics', {
    headers: { ...from('ben', 'sales'), authorization },
  });
  expect(refused.status).toBe(403);
  expect((await service.fetch('/api/metrics', { headers: { authorization } })).status).toBe(401);
  expect(JSON.stringify(service.store.audit({ who: 'anna' }, { limit: 5 }).items)).not.toContain('not known');
});

test('a WebSocket of anybody but a trusted proxy is nobody’s, whatever its headers say', async () => {
  await using other = await startService({ auth, trustedProxies: ['10.0.0.0/8'] });
  const headers = { ...from('anna', 'dba'), 'x-forwarded-for': '10.0.0.1' };
  const refused = new WebSocket(`${other.socketAddress}/ws`, { headers });
  const status = new Promise((resolve) =>
    refused.on('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
  );
  expect(await status).toBe(401);
  const open = new WebSocket(`${other.socketAddress}/graphql`, 'graphql-transport-ws', { headers });
  const code = new Promise((resolve) => open.once('close', resolve));
  open.once('open', () => open.send('{"type":"connection_init"}'));
  expect(await code).toBe(4403);
});

test('a token goes before what the proxy says', async () => {
  const headers = { ...from('ben', 'dev'), authorization: `Bearer ${operatorToken}` };
  expect(await viewerIs(headers)).toEqual({ name: 'anna', role: 'OPERATOR' });
  const wrong = { ...from('ben', 'dev'), authorization: 'Bearer wrong' };
  expect((await service.fetch('/api/metrics', { headers: wrong })).status).toBe(401);
});

test('WebSockets and streams are of the same person, until their role is another', async () => {
  class Proxied extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { headers: from('zoe', 'dev') });
    }
  }
  const client = createClient({
    url: `${service.socketAddress}/graphql`,
    webSocketImpl: Proxied,
    lazy: false,
    onNonLazyError: () => {},
    retryAttempts: 0,
  });
  onTestFinished(() => void client.dispose());
  const closed = new Promise<number>((resolve) =>
    client.on('closed', (event) => resolve((event as CloseEvent).code)),
  );
  for await (const { data } of client.iterate({ query: '{ viewer { name role } }' })) {
    expect(data).toEqual({ viewer: { name: 'zoe', role: 'VIEWER' } });
  }
  const stays = client.iterate({ query: 'subscription { pairs { name } }' });
  await stays.next();
  const stream = await service.fetch('/graphql/stream', { headers: from('zoe', 'dev') });
  expect(stream.status).toBe(200);
  await stream.body?.cancel();
  const roles = { ...proxyHeader.roles, viewer: [] };
  service.admit({ auth: { ...auth, proxyHeader: { ...proxyHeader, roles } } });
  expect(await closed).toBe(4403);

  const refused = new WebSocket(`${service.socketAddress}/ws`, { headers: from('zoe', 'dev') });
  const status = await new Promise((resolve) =>
    refused.on('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
  );
  expect(status).toBe(403);
});

test('pages of other sites can ask nothing in the name of whom the proxy would let in', async () => {
  const proxied = from('anna', 'dba');
  const foreign = await service.fetch('/api/metrics', {
    headers: { ...proxied, origin: 'https://evil.example' },
  });
  expect(foreign.status).toBe(403);
  const embedded = await service.fetch('/api/metrics', {
    headers: { ...proxied, 'sec-fetch-site': 'cross-site' },
  });
  expect(embedded.status).toBe(403);
});

test('the name of http.publicUrl is known, others are not, for a proxy lets people in by any', async () => {
  await using behind = await startService({
    auth,
    trustedProxies: ['127.0.0.1'],
    publicUrl: 'https://ops.example.com',
  });
  const statusFor = (host: string) =>
    new Promise((resolve, reject) =>
      ask(`${behind.address}/api/metrics`, { headers: { ...from('anna', 'dba'), host } }, (answer) =>
        resolve(answer.resume().statusCode),
      )
        .on('error', reject)
        .end(),
    );
  expect(await statusFor('ops.example.com')).toBe(200);
  expect(await statusFor('evil.example')).toBe(403);
});
