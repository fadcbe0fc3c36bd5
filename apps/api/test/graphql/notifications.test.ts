import type { Delivery } from '@lockstep/checks';
import { alert } from '@lockstep/fixture';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ auth: tokens });
});
afterAll(() => service.stop());
beforeEach(() => {
  service.notifications.testedBy = [];
});

const operator = { authorization: `Bearer ${operatorToken}` };
const viewer = { authorization: `Bearer ${viewerToken}` };

const sendTest = `mutation { sendTestNotification {
  ... on TestNotification { destinations { name ok message } }
  ... on RequestError { code message }
} }`;

test('a test tells what became of it at every destination', async () => {
  const destinations = [
    { name: 'chat', ok: true, message: 'accepted after 12 ms' },
    { name: 'ops', ok: false, message: 'it answered 500' },
  ];
  service.notifications.outcome = destinations;
  const { data } = await service.graphql(sendTest, {}, operator);
  expect(data).toEqual({ sendTestNotification: { destinations } });
  expect(service.notifications.testedBy).toEqual(['anna']);
});

test('one destination is tested alone, by its name', async () => {
  service.notifications.outcome = [
    { name: 'chat', ok: true, message: 'accepted after 12 ms' },
    { name: 'ops', ok: false, message: 'it answered 500' },
  ];
  const one = (name: string) =>
    service.graphql(
      sendTest.replace('sendTestNotification {', `sendTestNotification(destination: "${name}") {`),
      {},
      operator,
    );
  expect((await one('ops')).data).toMatchObject({
    sendTestNotification: { destinations: [{ name: 'ops', ok: false }] },
  });
  expect((await one('nobody')).data).toMatchObject({
    sendTestNotification: { code: 'NOT_FOUND', message: 'There is no destination "nobody".' },
  });
});

test('what waits for a destination is told, and what of it has waited longest', async () => {
  const oldest: Delivery = {
    key: 'a1/firing/CRITICAL',
    destination: 'on call at night',
    alert: alert('a1'),
    state: 'waiting',
    createdAt: new Date('2026-01-02T03:04:05Z'),
    endedAt: null,
    attempts: 6,
    error: 'it answered 500 Internal Server Error',
  };
  const ask = async () => {
    const { data } = await service.graphql<{ config: { destinations: unknown[] } }>(
      '{ config { destinations { name waiting longestWaiting { at attempts error } } } }',
      {},
      viewer,
    );
    return data?.config.destinations;
  };
  expect(await ask()).toEqual([{ name: 'on call at night', waiting: 0, longestWaiting: null }]);
  service.notifications.waits = [{ destination: 'on call at night', count: 3, oldest }];
  expect(await ask()).toMatchObject([
    { waiting: 3, longestWaiting: { at: '2026-01-02T03:04:05.000Z', attempts: 6, error: oldest.error } },
  ]);
});

test('a test where nobody is told of alerts says so', async () => {
  service.notifications.outcome = [];
  const { data } = await service.graphql(sendTest, {}, operator);
  expect(data).toMatchObject({
    sendTestNotification: { code: 'CONFLICT', message: expect.stringContaining('`notifications`') as string },
  });
});

test('a viewer sends nothing', async () => {
  const { data } = await service.graphql(sendTest, {}, viewer);
  expect(data).toMatchObject({ sendTestNotification: { code: 'FORBIDDEN' } });
  expect(service.notifications.testedBy).toEqual([]);
});

test('an alert says who was told of it, and what became of that', async () => {
  const fired = alert('a1');
  const createdAt = new Date('2026-03-01T12:00:00Z');
  const message = { createdAt, endedAt: null, attempts: 2, error: null };
  service.engine.alertList = [fired, alert('a2')];
  service.notifications.told = [
    {
      ...message,
      key: 'a1/firing/CRITICAL',
      destination: 'chat',
      alert: fired,
      state: 'given-up',
      endedAt: new Date('2026-03-02T12:00:00Z'),
      error: 'it answered 410 Gone',
    },
    {
      ...message,
      key: 'a1/resolved',
      destination: 'ops',
      alert: { ...fired, state: 'resolved', severity: 'WARNING' },
      state: 'waiting',
    },
  ];
  const { data } = await service.graphql(
    '{ alerts { nodes { id deliveries { destination told severity state at attempts error } } } }',
    {},
    viewer,
  );
  expect(data).toEqual({
    alerts: {
      nodes: [
        {
          id: 'a1',
          deliveries: [
            {
              destination: 'chat',
              told: 'FIRING',
              severity: 'CRITICAL',
              state: 'GIVEN_UP',
              at: '2026-03-02T12:00:00.000Z',
              attempts: 2,
              error: 'it answered 410 Gone',
            },
            {
              destination: 'ops',
              told: 'RESOLVED',
              severity: 'WARNING',
              state: 'WAITING',
              at: '2026-03-01T12:00:00.000Z',
              attempts: 2,
              error: null,
            },
          ],
        },
        { id: 'a2', deliveries: [] },
      ],
    },
  });
});

test('whom alerts are told to is told by name and kind, without the address', async () => {
  const { data } = await service.graphql('{ config { destinations { name type minSeverity } } }', {}, viewer);
  expect(data).toEqual({
    config: { destinations: [{ name: 'on call at night', type: 'webhook', minSeverity: 'WARNING' }] },
  });
});
