import { patient } from '@lockstep/servers/patience';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { follow, graphqlClient, take } from '../fixture/graphql-client.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  // Shorter than it is, as one of these waits for it.
  service = await startService({ auth: tokens, initTimeoutMs: 3_000 });
});
afterAll(() => service.stop());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const whoAmI = '{ viewer { name role authRequired } }';

async function signIn(token: string): Promise<string> {
  const response = await service.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token }),
  });
  expect(response.status).toBe(200);
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

test.each(['/api/metrics', '/api/alerts', '/metrics', '/graphql?query={version}'])(
  '%s is closed to whoever did not sign in',
  async (path) => {
    const response = await service.fetch(path);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect((await service.fetch(path, { headers: bearer(viewerToken) })).status).toBe(200);
  },
);

test('a token says who asks and what they may do', async () => {
  const { data } = await service.graphql(whoAmI, {}, bearer(operatorToken));
  expect(data).toEqual({ viewer: { name: 'anna', role: 'OPERATOR', authRequired: true } });
});

test.each(['wrong', `${viewerToken}x`, viewerToken.slice(0, -1), ''])(
  'the token "%s" is nobody’s',
  async (token) => {
    const response = await service.fetch('/api/metrics', { headers: bearer(token) });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { message: 'This token is not known.' } });
  },
);

test('a wrong token is not saved by a good cookie', async () => {
  const cookie = await signIn(viewerToken);
  const response = await service.fetch('/api/metrics', { headers: { cookie, ...bearer('wrong') } });
  expect(response.status).toBe(401);
});

test('signing in on the page gives a cookie that scripts and other sites cannot use', async () => {
  const response = await service.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token: viewerToken }),
    headers: { origin: service.address },
  });
  expect(await response.json()).toEqual({ authRequired: true, name: 'grafana', role: 'viewer' });
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  expect(cookie).not.toMatch(/Secure/);
  expect(cookie).not.toContain(viewerToken);
});

test('behind https the cookie is for https alone', async () => {
  const response = await service.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token: viewerToken }),
    headers: { origin: service.address.replace('http:', 'https:') },
  });
  expect(response.headers.get('set-cookie')).toMatch(/Secure/);
});

test('a session lasts until it is ended', async () => {
  const cookie = await signIn(operatorToken);
  const session = async () =>
    (await service.fetch('/api/session', { headers: { cookie } })).json() as Promise<unknown>;
  expect(await session()).toEqual({ authRequired: true, name: 'anna', role: 'operator' });
  expect((await service.graphql(whoAmI, {}, { cookie })).status).toBe(200);

  const ended = await service.fetch('/api/session', { method: 'DELETE', headers: { cookie } });
  expect(ended.headers.get('set-cookie')).toMatch(/Max-Age=0/);
  expect(await session()).toEqual({ authRequired: true, name: null, role: null });
  expect((await service.graphql(whoAmI, {}, { cookie })).status).toBe(401);
});

test('who came by https and by http, and signs out, is signed in by neither', async () => {
  const overHttps = await service.fetch('/api/session', {
    method: 'POST',
    headers: { origin: service.address.replace('http:', 'https:') },
    body: JSON.stringify({ token: operatorToken }),
  });
  const bound = overHttps.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(bound).toMatch(/^__Host-/);
  const plain = await signIn(operatorToken);
  const both = { cookie: `${plain}; ${bound}` };
  await service.fetch('/api/session', { method: 'DELETE', headers: both });
  for (const cookie of [both.cookie, plain, bound]) {
    expect((await service.graphql(whoAmI, {}, { cookie })).status).toBe(401);
  }
});

test.each([
  [{ token: 'wrong' }, 401],
  [{ token: '' }, 400],
  [{ password: 'x' }, 400],
  ['token', 400],
])('signing in with %j fails with %i', async (body, status) => {
  const response = await service.fetch('/api/session', { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(status);
  expect(response.headers.get('set-cookie')).toBeNull();
});

test('with authentication off everybody is the anonymous operator, and there is nothing to sign in to', async () => {
  await using open = await startService();
  const session = await open.fetch('/api/session');
  expect(await session.json()).toEqual({ authRequired: false, name: 'anonymous', role: 'operator' });
  expect((await open.fetch('/api/session', { method: 'POST', body: '{"token":"x"}' })).status).toBe(409);
});

test('a GraphQL socket is opened by a token in its first message', async () => {
  await using client = graphqlClient(service.socketAddress, { connectionParams: bearer(viewerToken) });
  const samples = follow<object>(client, 'subscription { lag(pair: "orders") { lagMs } }');
  expect(await take(samples, 1)).toEqual([{ lagMs: 0 }]);
});

test('a GraphQL socket is opened by the cookie of the page', async () => {
  const cookie = await signIn(viewerToken);
  await using client = graphqlClient(service.socketAddress, { headers: { cookie } });
  const samples = follow<object>(client, 'subscription { lag(pair: "orders") { lagMs } }');
  expect(await take(samples, 1)).toEqual([{ lagMs: 0 }]);
});

test.each([{}, bearer('wrong')])('a GraphQL socket with %j is closed', async (connectionParams) => {
  await using client = graphqlClient(service.socketAddress, { connectionParams });
  const samples = follow(client, 'subscription { lag { lagMs } }');
  await expect(take(samples, 1)).rejects.toMatchObject({ code: 4403 });
});

test('a viewer cannot mutate over a socket either', async () => {
  await using client = graphqlClient(service.socketAddress, { connectionParams: bearer(viewerToken) });
  const results = client.iterate({
    query: 'mutation { pausePair(name: "orders") { ... on RequestError { code } } }',
  });
  expect((await results.next()).value).toEqual({ data: { pausePair: { code: 'FORBIDDEN' } } });
  expect(service.engine.deeds).toEqual([]);
});

test('the plain socket wants a token or a cookie at once', async () => {
  using nobody = new PlainSocket(`${service.socketAddress}/ws`);
  expect(await nobody.refused).toMatchObject({ status: 401 });
  using wrong = new PlainSocket(`${service.socketAddress}/ws`, [], { headers: bearer('wrong') });
  expect(await wrong.refused).toMatchObject({ status: 401 });
  using good = new PlainSocket(`${service.socketAddress}/ws`, [], { headers: bearer(viewerToken) });
  await good.opened;
});

test('when a session ends, every socket that it opened is closed', async () => {
  const cookie = await signIn(viewerToken);
  using mine = new PlainSocket(`${service.socketAddress}/ws`, [], { headers: { cookie } });
  using others = new PlainSocket(`${service.socketAddress}/ws`, [], { headers: bearer(operatorToken) });
  await Promise.all([mine.opened, others.opened]);
  const client = graphqlClient(service.socketAddress, { headers: { cookie } });
  const samples = follow(client, 'subscription { lag { lagMs } }');
  await take(samples, 1);
  const stream = await service.fetch('/graphql', {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { servers { name } }' }),
  });

  await service.fetch('/api/session', { method: 'DELETE', headers: { cookie } });
  expect(await mine.closed).toEqual({ code: 4403, reason: 'The session has ended' });
  await expect(take(samples, 1)).rejects.toMatchObject({ code: 4403 });
  await expect(stream.text()).rejects.toThrow();
  expect(others.socket.readyState).toBe(others.socket.OPEN);
  await client.dispose();
});

test('a socket that never says who it is does not stay', async () => {
  using silent = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws']);
  expect(await silent.closed).toMatchObject({ code: 4408 });
});

test('a client that is slow to say who it is is heard', async () => {
  await using service = await startService({ auth: tokens });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  using slow = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws']);
  await slow.opened;
  vi.advanceTimersByTime(10_000);
  // What the service would have sent by now is here after this.
  await service.graphql('{ version }', {}, bearer(viewerToken));
  const payload = { authorization: `Bearer ${viewerToken}` };
  slow.socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await vi.waitFor(() => expect(slow.json()).toEqual([{ type: 'connection_ack' }]), patient);
});

test('who said who they are while the service was held up stays', async () => {
  const client = graphqlClient(service.socketAddress, {
    connectionParams: { authorization: `Bearer ${viewerToken}` },
  });
  // Both ends are of this process: what is written when the socket opens is there, and not read yet.
  client.on('opened', () =>
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500)),
  );
  await take(follow(client, 'subscription { lag { lagMs } }'), 1);
  await client.dispose();
});
