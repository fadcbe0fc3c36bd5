import { request } from 'node:http';
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { type Service, startService } from '../fixture/service.ts';

const friend = 'https://ops.example.com';
let service: Service;
beforeAll(async () => {
  service = await startService({ allowedOrigins: [friend] });
});
afterAll(() => service.stop());

/** `fetch` sets Host itself; this lets a test say what a browser with a rebound name would. */
function statusWithHost(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${service.address}/api/metrics`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

const pause = JSON.stringify({ query: 'mutation { pausePair(name: "orders") { __typename } }' });

test.each([
  '127.0.0.1:8080',
  'localhost:8080',
  'LOCALHOST',
  '[::1]:8080',
  'lockstep.localhost',
  'ops.example.com',
  `${hostname()}:8080`,
])('a request that names the host %s is answered', async (host) => {
  expect(await statusWithHost(host)).toBe(200);
});

test.each(['evil', 'evil.example', 'localhost.evil.example:8080', '127.0.0.1.evil.example'])(
  'a request that names the host %s is refused: its name may have been bound to this machine by an attacker',
  async (host) => {
    expect(await statusWithHost(host)).toBe(403);
  },
);

test.each(['http://evil.example', 'https://ops.example.com.evil.example', 'null', 'http://localhost:1'])(
  'a page of %s can neither read, act, nor listen',
  async (origin) => {
    const headers = { origin, 'content-type': 'application/json' };
    expect((await service.fetch('/api/metrics', { headers })).status).toBe(403);
    expect((await service.fetch('/graphql', { method: 'POST', headers, body: pause })).status).toBe(403);
    for (const path of ['/ws', '/graphql']) {
      using socket = new PlainSocket(service.socketAddress + path, ['graphql-transport-ws'], { headers });
      expect(await socket.refused).toMatchObject({ status: 403 });
    }
    expect(service.engine.deeds).toEqual([]);
  },
);

test.each(['cross-site', 'same-site'])(
  'an address that a page embeds, which sends no origin with it, is not answered for a %s page',
  async (site) => {
    for (const path of ['/graphql?query={version}', '/api/metrics', '/api/alerts', '/metrics']) {
      expect((await service.fetch(path, { headers: { 'sec-fetch-site': site } })).status).toBe(403);
    }
    // A link may lead to the page.
    const link = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', accept: 'text/html' };
    expect((await service.fetch('/graphql', { headers: link })).status).toBe(200);
  },
);

test.each(['same-origin', 'none'])('what a browser asks for %s is answered', async (site) => {
  const headers = { 'sec-fetch-site': site };
  expect((await service.fetch('/graphql?query={version}', { headers })).status).toBe(200);
});

test('the page itself may', async () => {
  const headers = { origin: service.address };
  expect((await service.fetch('/api/metrics', { headers })).status).toBe(200);
  using socket = new PlainSocket(`${service.socketAddress}/ws`, [], { headers });
  await socket.opened;
});

test('an admitted site may, and browsers are told so', async () => {
  const asked = await service.fetch('/graphql', {
    method: 'OPTIONS',
    headers: { origin: friend, 'access-control-request-method': 'POST' },
  });
  expect(asked.headers.get('access-control-allow-origin')).toBe(friend);
  const answer = await service.fetch('/api/metrics', { headers: { origin: friend } });
  expect(answer.headers.get('access-control-allow-origin')).toBe(friend);
  using socket = new PlainSocket(`${service.socketAddress}/ws`, [], { headers: { origin: friend } });
  await socket.opened;
});

test('nobody else is told anything about CORS', async () => {
  const answer = await service.fetch('/api/metrics', { headers: { origin: service.address } });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/graphql',
])('a POST as %s, which a form of any site could send, runs nothing', async (type) => {
  const response = await service.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': type },
    body: pause,
  });
  expect(response.status).toBe(415);
  expect(service.engine.deeds).toEqual([]);
});

test.each(['/', '/api/metrics', '/graphql?query={version}', '/nothing'])(
  '%s carries the usual security headers',
  async (path) => {
    const { headers } = await service.fetch(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src '(none|self)'.*frame-ancestors 'none'/,
    );
    expect(headers.get('cache-control')).toMatch(/no-store|no-cache/);
    expect(headers.get('x-powered-by')).toBeNull();
  },
);

test('a browser that asks by a name that is not admitted gets a page that says why', async () => {
  await using plain = await startService();
  const { port } = new URL(plain.address);
  const answer = await new Promise<{ status: number | undefined; type: string | undefined; text: string }>(
    (resolve, reject) => {
      const headers = { host: 'evil.example:80', accept: 'text/html' };
      request({ port, host: '127.0.0.1', path: '/', headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode, type: response.headers['content-type'], text }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
  expect([answer.status, answer.type]).toEqual([403, 'text/html; charset=UTF-8']);
  expect(answer.text).toContain('add its origin to http.allowedOrigins');
  expect(answer.text).toContain('[http://evil.example:80]');
});
