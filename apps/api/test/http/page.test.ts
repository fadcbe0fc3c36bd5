import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '@lockstep/checks';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Service, startService } from '../fixture/service.ts';

const inline = '\n  import("/_app/immutable/start.js");\n';
const script = 'export const x = 1;\n'.repeat(200);

let folder: string;
let service: Service;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  build(folder);
  service = await startService({ pageFolder: folder });
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

function build(into: string): void {
  mkdirSync(join(into, '_app/immutable'), { recursive: true });
  writeFileSync(join(into, '_app/immutable/start.js'), script);
  writeFileSync(join(into, 'favicon.svg'), '<svg/>');
  writeFileSync(
    join(into, '200.html'),
    `<!doctype html><head><link href="/_app/immutable/start.js" rel="modulepreload"><title>Lockstep</title></head><script src="/x.js"></script><script>${inline}</script>`,
  );
  writeFileSync(
    join(into, 'screens.json'),
    JSON.stringify({
      '': ['_app/immutable/start.js', '_app/immutable/overview.js'],
      'pairs/[pair]': ['_app/immutable/start.js', '_app/immutable/pair.js'],
    }),
  );
}

test.each(['/', '/pairs/orders?range=1h', '/alerts', '/200.html'])(
  '%s is the page, which finds its own way',
  async (path) => {
    const response = await service.fetch(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toContain('<title>Lockstep</title>');
  },
);

test.each([
  ['/', ['start', 'overview']],
  ['/pairs/orders?range=1h', ['start', 'pair']],
  ['/pairs/a%2Fb', ['start', 'pair']],
  ['/pairs/orders/tables', ['start']],
  ['/screens.json', ['start']],
])('at %s, the head names each file of code that the screen takes once', async (path, code) => {
  const html = await (await service.fetch(path)).text();
  const named = [...html.matchAll(/<link href="\/_app\/immutable\/(\w+)\.js" rel="modulepreload">/g)];
  expect(named.map(([, name]) => name)).toEqual(code);
});

test('the page may run its own inline script, by its hash, and no other', async () => {
  const policy = (await service.fetch('/')).headers.get('content-security-policy');
  const hash = createHash('sha256').update(inline).digest('base64');
  expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`);
});

test('what never changes is cached for ever, everything else is asked for again and answered briefly', async () => {
  const asset = await service.fetch('/_app/immutable/start.js');
  expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(await asset.text()).toBe(script);

  const icon = await service.fetch('/favicon.svg');
  expect(icon.headers.get('cache-control')).toBe('no-cache');
  const again = await service.fetch('/favicon.svg', {
    headers: { 'if-none-match': icon.headers.get('etag') ?? '' },
  });
  expect(again.status).toBe(304);
});

test.each(['br', 'gzip'])('what is large is sent as %s to who can read it', async (encoding) => {
  const response = await service.fetch('/_app/immutable/start.js', {
    headers: { 'accept-encoding': encoding },
  });
  expect(response.headers.get('content-encoding')).toBe(encoding);
  expect(await response.text()).toBe(script);
});

test('a missing asset is missing, and not the page in its place', async () => {
  expect((await service.fetch('/_app/immutable/old.js')).status).toBe(404);
});

test.each([
  '/../package.json',
  '/_app/../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/..%2f..%2fetc/passwd',
])('%s reaches no file outside the page', async (path) => {
  // `fetch` would tidy the path up.
  const body = await new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(service.address);
    request({ hostname, port, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
  expect(body).not.toContain('root:');
  expect(body).not.toContain('"dependencies"');
});

test('while the page is not built, it says how to build it; then it is there', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  const warn = vi.fn();
  await using bare = await startService({ pageFolder: empty, log: { ...silent, warn } });
  expect(warn).toHaveBeenCalledWith({ folder: empty }, 'the page has not been built: run npm run build');
  const before = await bare.fetch('/');
  expect(before.status).toBe(503);
  expect(await before.text()).toContain('npm run build');

  build(empty);
  expect((await bare.fetch('/')).status).toBe(200);
  rmSync(empty, { recursive: true });
});
