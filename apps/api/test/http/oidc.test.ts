import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '@lockstep/servers';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { OidcConfig } from '../../src/config/loaded.ts';
import { BrowserLike } from '../fixture/browser-like.ts';
import { clientSecret, startProvider } from '../fixture/oidc-provider.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
let provider: Awaited<ReturnType<typeof startProvider>>;
let publicUrl: string;
let browser: BrowserLike;
const lines: [object, string][] = [];
const say = (fields: object, line: string) => void lines.push([fields, line]);
const log = { debug: say, info: say, warn: say, error: say };

const oidc = (issuer: string, changes: Partial<OidcConfig> = {}): OidcConfig => ({
  issuer,
  clientId: 'lockstep',
  clientSecret,
  scopes: ['openid', 'profile'],
  roleClaim: 'groups',
  roles: { operator: ['dba'], viewer: ['dev'], otherwise: null },
  label: 'Example Login',
  sessionMs: 3_600_000,
  ...changes,
});
const authOf = (config: OidcConfig) => ({ kind: 'tokens' as const, tokens: [], oidc: config });

beforeEach(async () => {
  lines.length = 0;
  browser = new BrowserLike();
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}/lockstep`;
  provider = await startProvider(publicUrl);
  service = await startService({
    port,
    basePath: '/lockstep',
    publicUrl,
    auth: authOf(oidc(provider.issuer)),
    log,
  });
});
afterEach(async () => {
  await service.stop();
  await provider[Symbol.asyncDispose]();
});

const host = () => new URL(publicUrl).host;
const session = async () =>
  (await (
    await service.fetch('/api/session', { headers: { cookie: browser.cookie(host()) } })
  ).json()) as object;
const signIn = (to = '/alerts?tab=history') =>
  browser.get(`${publicUrl}/oidc/sign-in?to=${encodeURIComponent(to)}`);
const audited = () =>
  service.store
    .audit({}, { limit: 10 })
    .items.map(({ who, way, action, outcome, message }) => [who, way, action, outcome, message]);

test('the page learns by whom people are signed in', async () => {
  expect(await session()).toEqual({
    authRequired: true,
    name: null,
    role: null,
    tokens: false,
    oidc: 'Example Login',
  });
});

test('who the provider names is signed in with the role of their groups, and led to where they wanted', async () => {
  await signIn(`/lockstep/alerts?tab=history`);
  expect(browser.visited.at(-1)).toBe(`${publicUrl}/alerts?tab=history`);
  expect(await session()).toEqual({ authRequired: true, name: 'anna', role: 'operator' });
  const cookie = browser.cookie(host());
  const { data } = await service.graphql(
    'mutation { pausePair(name: "orders") { __typename } }',
    {},
    { cookie },
  );
  expect(data).toEqual({ pausePair: { __typename: 'Pair' } });
  expect(audited()).toEqual([
    ['anna', 'oidc', 'pausePair', 'done', null],
    ['anna', 'oidc', 'signIn', 'done', null],
  ]);
  // What the provider was asked with.
  const asked = new URL(browser.visited[1]!).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    redirect_uri: `${publicUrl}/oidc/callback`,
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^.{43}$/) as string,
    nonce: expect.stringMatching(/^.{43}$/) as string,
  });
  expect(JSON.stringify(lines)).not.toMatch(/client-secret|code=|eyJ/);
});

test('who has no role is refused with a sentence', async () => {
  provider.person.groups = ['sales'];
  const response = await signIn();
  expect(response.status).toBe(403);
  const why = 'may not use Lockstep: nothing in "groups" has a role in http.auth.oidc.roles.';
  expect((await response.text()).replaceAll('&quot;', '"')).toContain(`"anna" ${why}`);
  expect(await session()).toMatchObject({ role: null });
  expect(audited()).toEqual([['anna', 'oidc', 'signIn', 'refused', `"anna" ${why}`]]);
});

test('whom the provider does not sign in is told so', async () => {
  provider.person.denies = true;
  const response = await signIn();
  expect([response.status, await response.text()]).toEqual([
    403,
    expect.stringContaining('The provider did not sign you in: access_denied.'),
  ]);
});

test.each(['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)', 'nowhere'])(
  'a sign-in that is to lead to %s leads to the page',
  async (to) => {
    await signIn(to);
    expect(new URL(browser.visited.at(-1)!).host).toBe(host());
    expect(await session()).toMatchObject({ role: 'operator' });
  },
);

test('what the provider sends back counts in the browser that began it, and once', async () => {
  await signIn();
  const back = browser.visited.find((url) => url.includes('/oidc/callback'))!;
  const other = new BrowserLike();
  const response = await other.get(back);
  expect([response.status, await response.text()]).toEqual([
    400,
    expect.stringContaining('This sign-in was not begun in this browser'),
  ]);
  expect((await browser.get(back)).status).toBe(400);
  expect(other.cookie(host())).toBe('');
});

test('a viewer stays one, WebSockets too, until the configuration gives their group another role', async () => {
  provider.person.groups = ['dev'];
  await signIn();
  const cookie = browser.cookie(host());
  expect(await session()).toMatchObject({ role: 'viewer' });
  const socket = new WebSocket(`${service.socketAddress}/ws`, { headers: { cookie } });
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const roles = { operator: ['dba'], viewer: [], otherwise: null };
  service.admit({ auth: authOf(oidc(provider.issuer, { roles })), publicUrl });
  expect(await closed).toBe(4403);
  expect(await session()).toMatchObject({ role: null });
});

test('signing out ends the session, and says where it ends at the provider', async () => {
  await signIn();
  const cookie = browser.cookie(host());
  const answer = (await (
    await service.fetch('/api/session', { method: 'DELETE', headers: { cookie } })
  ).json()) as { signOutUrl: string };
  const url = new URL(answer.signOutUrl);
  expect(url.origin).toBe(provider.issuer);
  expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${publicUrl}/`);
  expect(url.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
  expect(await session()).toMatchObject({ role: null });
  expect(audited()[0]).toEqual(['anna', 'oidc', 'signOut', 'done', null]);
});

test('a provider that is down keeps nothing from starting, and signs people in once it answers', async () => {
  const port = await freePort();
  service.admit({ auth: authOf(oidc(`http://127.0.0.1:${port}`)), publicUrl });
  const response = await signIn();
  expect([response.status, await response.text()]).toEqual([
    502,
    expect.stringContaining('The provider that signs people in cannot be asked now'),
  ]);
  const late = createServer((_, answer) => answer.writeHead(500).end()).listen(port, '127.0.0.1');
  onTestFinished(() => void late.close());
  await new Promise((resolve) => late.once('listening', resolve));
  expect((await signIn()).status).toBe(502);
  expect((late.address() as AddressInfo).port).toBe(port);
  service.admit({ auth: authOf(oidc(provider.issuer)), publicUrl });
  await signIn();
  expect(await session()).toMatchObject({ role: 'operator' });
});

test('a provider that answers without an end is read no further than an answer can be', async () => {
  let written = 0;
  const endless = createServer((_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    const on = (): void => {
      while (!answer.destroyed && answer.write(' '.repeat(65_536))) written += 65_536;
    };
    answer.on('drain', on);
    on();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void endless.close());
  await new Promise((resolve) => endless.once('listening', resolve));
  const { port } = endless.address() as AddressInfo;
  service.admit({ auth: authOf(oidc(`http://127.0.0.1:${port}`)), publicUrl });
  expect((await signIn()).status).toBe(502);
  expect(lines.map(([fields]) => JSON.stringify(fields)).join()).toContain('its answer is longer than');
  // Besides, what is on its way between the two.
  expect(written).toBeLessThan(32 * 2 ** 20);
});
