import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patient } from '@lockstep/servers/patience';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let folder: string;
let service: Service;
/** Without the base path. */
let root: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-based-'));
  mkdirSync(join(folder, '_app/immutable'), { recursive: true });
  writeFileSync(join(folder, '_app/immutable/start.js'), 'export {};');
  writeFileSync(
    join(folder, '200.html'),
    '<!doctype html><head><link rel="icon" href="/favicon.svg" /><script>k = { base: "" }; import("/_app/immutable/start.js");</script>',
  );
  service = await startService({ pageFolder: folder, basePath: '/ops/lockstep', auth: tokens });
  root = new URL('/', service.address).origin;
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

const headers = { authorization: `Bearer ${viewerToken}` };

describe('below a base path', () => {
  // A proxy may pass the base path on, or take it away.
  test.each(['/ops/lockstep', ''])('API and page answer to %s', async (prefix) => {
    const ask = (path: string, more: RequestInit = {}) => fetch(root + prefix + path, { headers, ...more });
    expect((await ask('/api/alerts')).status).toBe(200);
    expect((await ask('/_app/immutable/start.js')).status).toBe(200);
    expect((await ask('/_app/immutable/old.js')).status).toBe(404);
    const graphql = await ask('/graphql', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"query":"{ version }"}',
    });
    expect(await graphql.json()).toEqual({ data: { version: '1.2.3' } });
    const socket = new WebSocket(`${root.replace('http', 'ws')}${prefix}/ws`, { headers });
    await vi.waitFor(() => expect(socket.readyState).toBe(WebSocket.OPEN), patient);
    socket.terminate();
  });

  test.each(['/ops/lockstep', '/ops/lockstep/', '/ops/lockstep/pairs/x', '/ops/lockstep?a=b'])(
    '%s is the page, with what it loads below it too',
    async (path) => {
      const html = await (await fetch(root + path)).text();
      expect(html).toContain('href="/ops/lockstep/favicon.svg"');
      expect(html).toContain('import("/ops/lockstep/_app/immutable/start.js")');
      expect(html).toContain('base: "/ops/lockstep"');
      expect(html).not.toMatch(/["']\/(_app|favicon)/);
    },
  );

  test('what only begins like it is not below it', async () => {
    expect((await fetch(`${root}/ops/lockstepping/api/health/live`)).headers.get('content-type')).toContain(
      'html',
    );
  });

  test('whoever has to sign in first is led below it', async () => {
    const answer = await fetch(`${service.address}/graphql`, {
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    expect(answer.headers.get('location')).toBe('/ops/lockstep/');
  });

  test('a session has a cookie of its own, which no neighbour takes for its', async () => {
    const answer = await fetch(`${service.address}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: viewerToken }),
    });
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(cookie).toMatch(/^lockstep_session\.ops\.lockstep=/);
    expect((await fetch(`${service.address}/api/alerts`, { headers: { cookie } })).status).toBe(200);
    const neighbours = cookie.replace('.ops.lockstep', '.ops.other');
    expect((await fetch(`${service.address}/api/alerts`, { headers: { cookie: neighbours } })).status).toBe(
      401,
    );
  });
});
