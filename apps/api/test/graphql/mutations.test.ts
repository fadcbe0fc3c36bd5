import { EngineRequestError } from '@lockstep/checks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ auth: tokens });
});
afterAll(() => service.stop());
beforeEach(() => {
  service.engine.deeds = [];
  service.engine.refusal = null;
});

const operator = { authorization: `Bearer ${operatorToken}` };
const viewer = { authorization: `Bearer ${viewerToken}` };

test.each([
  ['startRun(pair: "orders", tables: ["shop.items"])', 'Run', 'anna starts checksum of orders: shop.items'],
  ['startRun(pair: "orders", check: CONSISTENCY)', 'Run', 'anna starts consistency of orders: all'],
  ['cancelRun(id: "r1")', 'Run', 'anna cancels r1'],
  ['pauseRun(id: "r1")', 'Run', 'anna pauses r1'],
  ['resumeRun(id: "r1")', 'Run', 'anna resumes r1'],
  ['pausePair(name: "orders")', 'Pair', 'anna pauses orders'],
  ['resumePair(name: "orders")', 'Pair', 'anna resumes orders'],
  ['acceptGroupSize(id: "galera shop", size: 2)', 'Group', 'anna accepts 2 of galera shop'],
  ['acknowledgeAlert(id: "a1", note: "on it")', 'Alert', 'anna acknowledges a1: on it'],
  [
    'silenceAlert(id: "a1", until: "2026-03-01T14:00:00+01:00")',
    'Alert',
    'anna silences a1 until 2026-03-01T13:00:00.000Z',
  ],
  ['unsilenceAlert(id: "a1")', 'Alert', 'anna silences a1 until now'],
])('%s is done, and recorded under the name of who asked', async (field, type, deed) => {
  const { data, errors } = await service.graphql(`mutation { done: ${field} { __typename } }`, {}, operator);
  expect(errors).toBeUndefined();
  expect(data).toEqual({ done: { __typename: type } });
  expect(service.engine.deeds).toEqual([deed]);
});

const mutations = ['startRun(pair: "orders")', 'pausePair(name: "orders")', 'unsilenceAlert(id: "a1")'];

test.each(mutations)('a viewer who asks for %s is told that it needs the operator role', async (field) => {
  const { data } = await service.graphql(
    `mutation { done: ${field} { ... on RequestError { code message } } }`,
    {},
    viewer,
  );
  expect(data).toEqual({
    done: { code: 'FORBIDDEN', message: 'This needs the operator role; "grafana" is a viewer.' },
  });
  expect(service.engine.deeds).toEqual([]);
});

test('a note that is too long is refused, not cut', async () => {
  const { data } = await service.graphql(
    `mutation ($note: String!) { acknowledgeAlert(id: "a1", note: $note) { ... on RequestError { code message } } }`,
    { note: 'x'.repeat(1_001) },
    operator,
  );
  const message = 'The note has 1001 characters; at most 1000 are kept.';
  expect(data).toEqual({ acknowledgeAlert: { code: 'INVALID', message } });
  expect(service.engine.deeds).toEqual([]);
});

test('what the engine refuses comes back as a value with its reason', async () => {
  service.engine.refusal = new EngineRequestError('CONFLICT', 'This run has finished.');
  const { data, errors } = await service.graphql(
    `mutation { cancelRun(id: "r1") { __typename ... on RequestError { code message } } }`,
    {},
    operator,
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    cancelRun: { __typename: 'RequestError', code: 'CONFLICT', message: 'This run has finished.' },
  });
});

test('a mutation by GET is refused, so that no link can do anything', async () => {
  const query = encodeURIComponent('mutation { pausePair(name: "orders") { __typename } }');
  const response = await service.fetch(`/graphql?query=${query}`, { headers: operator });
  expect(response.status).toBe(405);
  expect(service.engine.deeds).toEqual([]);
});
