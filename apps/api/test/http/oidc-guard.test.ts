import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openStorage, silent } from '@lockstep/checks';
import { freePort } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import type { JWTPayload } from 'jose';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { OidcConfig } from '../../src/config/loaded.ts';
import { writeFiles } from '../config/write.ts';
import { BrowserLike } from '../fixture/browser-like.ts';
import { clientSecret } from '../fixture/oidc-provider.ts';
import { startScriptedProvider } from '../fixture/scripted-provider.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
let provider: Awaited<ReturnType<typeof startScriptedProvider>>;
let publicUrl: string;
let port: number;
let browser: BrowserLike;
const lines: [object, string][] = [];
const say = (fields: object, line: string) => void lines.push([fields, line]);
const log = { debug: say, info: say, warn: say, error: say };

const authOf = (changes: Partial<OidcConfig> = {}) => ({
  kind: 'tokens' as const,
  tokens: [],
  oidc: {
    issuer: provider.issuer,
    clientId: 'lockstep',
    clientSecret,
    scopes: ['openid'],
    roleClaim: 'groups',
    roles: { operator: ['dba'], viewer: ['dev'], otherwise: null },
    label: 'Example Login',
    sessionMs: 3_600_000,
    ...changes,
  },
});
const start = (changes: Parameters<typeof startService>[0] = {}) =>
  startService({ port, basePath: '/lockstep', publicUrl, auth: authOf(), log, ...changes });

beforeEach(async () => {
  lines.length = 0;
  browser = new BrowserLike();
  port = await freePort();
  publicUrl = `http://127.0.0.1:${port}/lockstep`;
  provider = await startScriptedProvider();
  service = await start();
});
afterEach(async () => {
  await service.stop();
  await provider[Symbol.asyncDispose]();
});

const host = () => new URL(publicUrl).host;
const signIn = (of = browser, to = '/lockstep/') =>
  of.get(`${publicUrl}/oidc/sign-in?to=${encodeURIComponent(to)}`);
const sessionOf = async (cookie: string) =>
  (await (await service.fetch('/api/session', { headers: { cookie } })).json()) as { role: string | null };
const session = () => sessionOf(browser.cookie(host()));
const signOut = async () => {
  const headers = { cookie: browser.cookie(host()) };
  return (await (await service.fetch('/api/session', { method: 'DELETE', headers })).json()) as object;
};
const seconds = () => Math.floor(Date.now() / 1000);

test.each<[string, () => JWTPayload]>([
  ['another client', () => ({ aud: 'another' })],
  ['another client among others', () => ({ aud: ['lockstep', 'another'], azp: 'another' })],
  ['another provider', () => ({ iss: 'https://evil.example' })],
  ['another sign-in', () => ({ nonce: 'another' })],
  ['a time that is over', () => ({ exp: seconds() - 120 })],
])('an ID token of %s signs nobody in', async (_, claims) => {
  provider.script.claims = claims();
  const response = await signIn();
  expect([response.status, await response.text()]).toEqual([
    502,
    expect.stringContaining('The provider did not confirm the sign-in'),
  ]);
  expect(await session()).toMatchObject({ role: null });
});

test('a clock that is some seconds behind keeps nobody out', async () => {
  provider.script.claims = { iat: seconds() + 20, nbf: seconds() + 20, exp: seconds() - 10 };
  await signIn();
  expect(await session()).toMatchObject({ name: 'anna', role: 'operator' });
});

test('what came back from another provider than the one that was asked signs nobody in', async () => {
  provider.script.metadata = { authorization_response_iss_parameter_supported: true };
  const response = await signIn();
  expect(response.status).toBe(502);
  expect(provider.asked).not.toContain('/token');
});

test('what a provider quotes of a code or a secret is not in the log', async () => {
  provider.script.token = (request, response) => {
    const description = `bad code ${request.get('code')} of ${clientSecret}\n${'x'.repeat(10_000)}`;
    const body = JSON.stringify({ error: 'invalid_grant', error_description: description });
    response.writeHead(400, { 'content-type': 'application/json' }).end(body);
  };
  expect((await signIn()).status).toBe(502);
  const told = JSON.stringify(lines);
  expect(told).toContain('invalid_grant: bad code … of …');
  expect(told).not.toMatch(/code-0123|client-secret/);
  expect(told.length).toBeLessThan(2_000);
});

test('an answer without end is not read to its end', async () => {
  provider.script.token = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (response.write(' '.repeat(64_000)));
      response.once('drain', more);
    };
    more();
  };
  expect((await signIn()).status).toBe(502);
  expect(JSON.stringify(lines)).toContain('longer than 1000000 bytes');
});

test('an address that the provider has not verified is nobody’s', async () => {
  service.admit({
    auth: authOf({
      roleClaim: 'email',
      roles: { operator: ['anna@example.com'], viewer: [], otherwise: null },
    }),
    publicUrl,
  });
  provider.script.claims = { email: 'anna@example.com', email_verified: false };
  expect((await signIn()).status).toBe(403);
  provider.script.claims = { email: 'anna@example.com', email_verified: true };
  await signIn();
  expect(await session()).toMatchObject({ role: 'operator' });
});

test('two people whom the provider calls the same are told apart', async () => {
  await signIn();
  const other = new BrowserLike();
  provider.script.claims = { sub: 'sub-2', groups: ['dev'] };
  await signIn(other);
  expect(await session()).toMatchObject({ name: 'anna', role: 'operator' });
  expect(await sessionOf(other.cookie(host()))).toMatchObject({ name: 'anna (sub-2)', role: 'viewer' });
  expect(service.store.audit({}, { limit: 5 }).items).toMatchObject([
    { who: 'anna (sub-2)', action: 'signIn', subject: 'as sub-2' },
    { who: 'anna', action: 'signIn', subject: 'as sub-1' },
  ]);
});

test.each([
  ['another path', '/elsewhere'],
  ['another path by dots', '/lockstep/../elsewhere'],
  ['a path that begins alike', '/lockstepper'],
  ['a path that no cookie holds', `/lockstep/${'x'.repeat(5_000)}`],
])('a sign-in that is to lead to %s leads to the page', async (_, to) => {
  await signIn(browser, to);
  expect(browser.visited.at(-1)).toBe(`${publicUrl}/`);
  expect(await session()).toMatchObject({ role: 'operator' });
});

test('a session that somebody was given before they signed in is not theirs after it', async () => {
  await signIn();
  const before = browser.cookie(host());
  await signIn();
  expect(browser.cookie(host())).not.toBe(before);
  expect(await sessionOf(before)).toMatchObject({ role: null });
});

test('who keeps the cookie of a sign-in sends it in vain once the provider knows its code no more', async () => {
  const begun = await fetch(`${publicUrl}/oidc/sign-in`, { redirect: 'manual' });
  const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!;
  const granted = await fetch(begun.headers.get('location')!, { redirect: 'manual' });
  const callback = () => fetch(granted.headers.get('location')!, { redirect: 'manual', headers: { cookie } });
  expect((await callback()).status).toBe(302);
  provider.script.token = (_, response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
  expect((await callback()).status).toBe(502);
});

test('who sends made-up codes does not use up what the provider lets this service try', async () => {
  const begun = await fetch(`${publicUrl}/oidc/sign-in`, { redirect: 'manual' });
  const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!;
  const state = new URL(begun.headers.get('location')!).searchParams.get('state')!;
  provider.script.token = (_, response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
  const statuses: number[] = [];
  for (let i = 0; i < 40; i++) {
    const url = `${publicUrl}/oidc/callback?code=made-up-${i}&state=${state}`;
    statuses.push((await fetch(url, { headers: { cookie } })).status);
  }
  expect([statuses[0], statuses.at(-1)]).toEqual([502, 429]);
  expect(provider.asked.filter((path) => path === '/token').length).toBeLessThan(30);
  expect(service.store.audit({}, { limit: 50 }).total).toBe(2);
});

test('those who sign in well from one address are never too many', async () => {
  for (let i = 0; i < 25; i++) {
    const one = new BrowserLike();
    await signIn(one);
    expect(await sessionOf(one.cookie(host()))).toMatchObject({ role: 'operator' });
  }
});

test.each([
  ['nothing', undefined],
  ['junk', `lockstep_sign_in.lockstep=${'junk'.repeat(2_000)}`],
  [
    'a password to be stretched for long',
    `lockstep_sign_in.lockstep=${Buffer.from(
      JSON.stringify({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 1e9, p2s: 'c2FsdHNhbHQ' }),
    ).toString('base64url')}.a2V5.aXY.dGV4dA.dGFn`,
  ],
])('a cookie that is %s costs an answer, and the provider nothing', async (_, cookie) => {
  const response = await fetch(`${publicUrl}/oidc/callback?code=made-up-0&state=s`, {
    headers: cookie === undefined ? {} : { cookie },
  });
  expect(response.status).toBe(400);
  expect(provider.asked).toEqual([]);
});

test('a provider that is down, and comes back, signs people in then; it is not asked for each who tries', async () => {
  const at = await freePort();
  service.admit({ auth: authOf({ issuer: `http://127.0.0.1:${at}` }), publicUrl });
  await Promise.all(Array.from({ length: 10 }, () => signIn(new BrowserLike())));
  expect(lines.filter(([, line]) => line.includes('cannot be asked'))).toHaveLength(1);
  await using late = await startScriptedProvider(at);
  await vi.waitFor(async () => expect((await signIn()).url).not.toContain('/oidc/'), patient);
  expect(late.asked).toContain('/token');
  expect(await session()).toMatchObject({ role: 'operator' });
});

test('where the provider ends no sessions, the sign-out ends here', async () => {
  await signIn();
  expect(await signOut()).toEqual({ authRequired: true, name: null, role: null });
  expect(await session()).toMatchObject({ role: null });
});

test('a provider that hangs keeps nobody signed in who signs out', async () => {
  await using store = keptIn(join(writeFiles({}), 'history.db'));
  await service.stop();
  service = await start({ store });
  await vi.waitFor(() => signIn(), patient);
  // Such as after a restart: the provider has not been asked yet.
  await service.stop();
  service = await start({ store });
  expect(await afterRestart()).toMatchObject({ role: 'operator' });
  provider.script.hangs = true;
  const before = provider.asked.length;
  const answer = signOut();
  await vi.waitFor(() => expect(provider.asked.length).toBe(before + 1), patient);
  expect(await session()).toMatchObject({ role: null });
  expect(await answer).toEqual({ authRequired: true, name: null, role: null });
});

test('somebody in very many groups signs in and out; what is too long for an address is left out of it', async () => {
  provider.script.metadata = { end_session_endpoint: `${provider.issuer}/end` };
  provider.script.claims = { groups: [...Array.from({ length: 5_000 }, (_, i) => `group ${i}`), 'dba'] };
  await signIn();
  expect(await session()).toMatchObject({ role: 'operator' });
  const { signOutUrl } = (await signOut()) as { signOutUrl: string };
  expect(signOutUrl.length).toBeLessThan(1_000);
  expect(new URL(signOutUrl).searchParams.get('client_id')).toBe('lockstep');
});

test('who signed in is so after a restart, until the roles or the provider are others', async () => {
  const file = join(writeFiles({}), 'history.db');
  let store = keptIn(file);
  onTestFinished(() => store.close());
  const restart = async (changes: Partial<OidcConfig> = {}) => {
    await service.stop();
    store.close();
    store = keptIn(file);
    service = await start({ store, auth: authOf(changes) });
  };
  await restart();
  await vi.waitFor(() => signIn(), patient);
  await restart();
  expect(await afterRestart()).toMatchObject({ name: 'anna', role: 'operator' });
  await restart({ roles: { operator: ['root'], viewer: ['dba'], otherwise: null } });
  expect(await afterRestart()).toMatchObject({ role: null });
  await restart({ issuer: 'https://other.example' });
  expect(await afterRestart()).toMatchObject({ role: null });
  await restart();
  expect(await afterRestart()).toMatchObject({ name: 'anna', role: 'operator' });
});

test('what a person is told is styled by the very style that the policy admits', async () => {
  const told = await fetch(`${publicUrl}/oidc/callback`);
  const style = /<style>(.*?)<\/style>/s.exec(await told.text())?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(style).toContain('color-scheme');
  expect(told.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
});

/** A connection to the service before may be found closed only when it is used. */
function afterRestart() {
  return vi.waitFor(() => session(), patient);
}

function keptIn(file: string) {
  const dayMs = 86_400_000;
  const store = openStorage({ file, rawLagMs: dayMs, minuteLagMs: dayMs, historyMs: dayMs }, { log: silent });
  return Object.assign(store, { [Symbol.asyncDispose]: () => Promise.resolve(store.close()) });
}

test('a provider that was down signs people in once it is there, though the clock was set back by a year meanwhile', async () => {
  const at = await freePort();
  service.admit({ auth: authOf({ issuer: `http://127.0.0.1:${at}` }), publicUrl });
  await signIn();
  await using late = await startScriptedProvider(at);
  vi.useFakeTimers({ now: Date.now() - 365 * 86_400_000, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  await vi.waitFor(() => signIn().then(() => expect(late.asked).not.toEqual([])), patient);
});
