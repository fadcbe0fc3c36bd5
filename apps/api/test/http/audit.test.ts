import { EngineRequestError, openStorage, silent } from '@lockstep/checks';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { Audit, type Deed, refusedSignIn } from '../../src/audit.ts';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let service: Service;
const lines: [object, string][] = [];
beforeEach(async () => {
  lines.length = 0;
  const say = (fields: object, line: string) => void lines.push([fields, line]);
  const log = { debug: say, info: say, warn: say, error: say };
  service = await startService({ auth: tokens, trustedProxies: ['127.0.0.1'], log });
});
afterEach(() => service.stop());

const operator = { authorization: `Bearer ${operatorToken}` };
const viewer = { authorization: `Bearer ${viewerToken}` };

const entries = `entries(first: 20) { totalCount pageInfo { endCursor }
  nodes { who role way address action subject outcome message times } }`;

async function asked(headers: Record<string, string> = operator) {
  const { data } = await service.graphql<{ audit: { people: string[]; entries: { nodes: object[] } } }>(
    `{ audit { ... on Audit { people ${entries} } ... on RequestError { code message } } }`,
    {},
    headers,
  );
  return data!.audit;
}

test('what an operator does is kept: who, how, from where, what, to what and with what outcome', async () => {
  const from = { ...operator, 'x-forwarded-for': '203.0.113.7' };
  await service.graphql('mutation { pausePair(name: "orders") { __typename } }', {}, from);
  service.engine.refusal = new EngineRequestError('CONFLICT', 'It is over.');
  await service.graphql('mutation { cancelRun(id: "r1") { __typename } }', {}, from);
  const anna = { who: 'anna', role: 'OPERATOR', way: 'TOKEN', address: '203.0.113.7', times: 1 };
  const { people, entries } = await asked();
  expect(people).toEqual(['anna']);
  expect(entries.nodes).toEqual([
    { ...anna, action: 'cancelRun', subject: 'run r1', outcome: 'REFUSED', message: 'It is over.' },
    { ...anna, action: 'pausePair', subject: 'orders', outcome: 'DONE', message: null },
  ]);
  expect(lines.map(([, line]) => line)).toContain('anna: pausePair orders, done');
});

test('what is asked over a WebSocket is kept as well, with the address', async () => {
  const client = createClient({
    url: `${service.socketAddress}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: operator,
  });
  onTestFinished(() => void client.dispose());
  for await (const _ of client.iterate({ query: 'mutation { resumePair(name: "orders") { __typename } }' }));
  expect((await asked()).entries.nodes).toMatchObject([
    { who: 'anna', address: '127.0.0.1', action: 'resumePair', outcome: 'DONE' },
  ]);
});

test('a viewer is kept from asking who did what, and that a viewer tried to act is kept', async () => {
  expect(await asked(viewer)).toEqual({
    code: 'FORBIDDEN',
    message: 'This needs the operator role; "grafana" is a viewer.',
  });
  await service.graphql('mutation { pausePair(name: "orders") { __typename } }', {}, viewer);
  expect((await asked()).entries.nodes).toMatchObject([
    { who: 'grafana', role: 'VIEWER', action: 'pausePair', subject: 'orders', outcome: 'REFUSED' },
  ]);
});

test('sign-ins, refused ones and sign-outs are kept, without any token', async () => {
  const wrong = 'wrong-token-0123456789';
  const signIn = (token: string) =>
    service.fetch('/api/session', { method: 'POST', body: JSON.stringify({ token }) });
  for (const token of [wrong, `${wrong}!`]) await signIn(token);
  await service.fetch('/api/metrics', { headers: { authorization: `Bearer ${wrong}` } });
  const cookie = (await signIn(viewerToken)).headers.get('set-cookie')!.split(';')[0]!;
  for (let i = 0; i < 2; i++) await service.fetch('/api/session', { method: 'DELETE', headers: { cookie } });
  const grafana = { who: 'grafana', role: 'VIEWER', way: 'TOKEN', address: '127.0.0.1', outcome: 'DONE' };
  const { nodes } = (await asked()).entries;
  expect(nodes).toMatchObject([
    { ...grafana, action: 'signOut' },
    { ...grafana, action: 'signIn' },
    { who: null, action: 'signIn', outcome: 'REFUSED', message: 'This token is not known.', times: 3 },
  ]);
  expect(JSON.stringify([nodes, lines])).not.toMatch(/token-0123/);
});

test('a store that fails costs who did what, not what they do, and asking is answered with why', async () => {
  service.store.close();
  const { data } = await service.graphql(
    'mutation { pausePair(name: "orders") { __typename } }',
    {},
    operator,
  );
  expect(data).toEqual({ pausePair: { __typename: 'Pair' } });
  const { errors } = await service.graphql(`{ audit { ... on Audit { ${entries} } } }`, {}, operator);
  expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
});

test('nobody pushes out what others did by being refused again and again, from however many addresses', () => {
  const kept = { file: ':memory:', rawLagMs: 1e9, minuteLagMs: 1e9, historyMs: 1e9 };
  const store = openStorage(kept, { log: silent });
  onTestFinished(() => store.close());
  let now = Date.now();
  const audit = new Audit({ store, log: silent, now: () => now });
  for (let i = 0; i < 5_000; i++) audit.record(refusedSignIn(`10.0.${i >> 8}.${i & 255}`, 'not known'));
  const { total, items } = audit.page({}, { limit: 100 });
  expect(total).toBe(21);
  expect(items.reduce((sum, { times }) => sum + times, 0)).toBe(5_000);
  now += 10 * 60_000;
  audit.record(refusedSignIn('10.0.0.1', 'not known'));
  expect(audit.page({}, { limit: 1 }).total).toBe(22);
});

test('who is refused after the clock was set back by a year is told anew', () => {
  const kept = { file: ':memory:', rawLagMs: 1e9, minuteLagMs: 1e9, historyMs: 1e9 };
  const store = openStorage(kept, { log: silent });
  onTestFinished(() => store.close());
  let now = Date.now();
  const audit = new Audit({ store, log: silent, now: () => now });
  audit.record(refusedSignIn('10.0.0.1', 'not known'));
  now -= 365 * 86_400_000;
  audit.record(refusedSignIn('10.0.0.1', 'not known'));
  expect(audit.page({}, { limit: 9 }).items.map(({ at, times }) => [at.getTime() - now, times])).toEqual([
    [365 * 86_400_000, 1],
    [0, 1],
  ]);
});

test('what was done within one millisecond is told in the order in which it was done', () => {
  const kept = { file: ':memory:', rawLagMs: 1e9, minuteLagMs: 1e9, historyMs: 1e9 };
  const store = openStorage(kept, { log: silent });
  onTestFinished(() => store.close());
  const audit = new Audit({ store, log: silent, now: () => 1_700_000_000_000 });
  const deed = { who: 'ana', role: 'operator', way: 'token', address: null, action: 'pausePair' } as const;
  const subjects = Array.from({ length: 20 }, (_, i) => `pair ${i}`);
  for (const subject of subjects) audit.record({ ...deed, subject, outcome: 'done', message: null });
  expect(audit.page({}, { limit: 100 }).items.map(({ subject }) => subject)).toEqual(subjects.toReversed());
});

test('nor by signing in and out again and again, and whoever does it is named', () => {
  const kept = { file: ':memory:', rawLagMs: 1e9, minuteLagMs: 1e9, historyMs: 1e9 };
  const store = openStorage(kept, { log: silent });
  onTestFinished(() => store.close());
  const said: string[] = [];
  const log = { ...silent, info: (_: object, line: string) => void said.push(line) };
  const audit = new Audit({ store, log });
  const visit = (who: string, i: number): Omit<Deed, 'action'> => ({
    who,
    role: 'viewer',
    way: 'token',
    address: `10.0.${i >> 8}.${i & 255}`,
    subject: '',
    outcome: 'done',
    message: null,
  });
  for (let i = 0; i < 2_000; i++) {
    audit.record({ ...visit('grafana', i), action: 'signIn' });
    audit.record({ ...visit('grafana', i), action: 'signOut' });
  }
  for (const who of ['anna', 'bert']) audit.record({ ...visit(who, 1), action: 'signIn' });
  const { total, items } = audit.page({}, { limit: 100 });
  expect([total, said.length]).toEqual([44, 44]);
  const times = (who: string) => items.reduce((sum, item) => sum + (item.who === who ? item.times : 0), 0);
  expect(['grafana', 'anna', 'bert'].map(times)).toEqual([4_000, 1, 1]);
});
