import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { graphqlClient } from '../fixture/graphql-client.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { type Service, startService } from '../fixture/service.ts';
import { alert } from '../notify/alert.ts';

/** More than may wait for one subscriber, in one turn. */
const many = 6_000;

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.stop());

const publish = () => {
  for (let i = 0; i < many; i++) {
    const data = alert({ id: `a${i}` });
    service.pubsub.publish({ type: 'alert', pair: data.pair, data });
  }
};

test('a socket of plain events that lost some says how many, and goes on', async () => {
  const client = new PlainSocket(`${service.socketAddress}/ws?types=alert`);
  await vi.waitFor(() => expect(service.listeners()).toBeGreaterThan(0), patient);
  publish();
  await vi.waitFor(() => expect(client.messages.at(-1)).toContain(`"a${many - 1}"`), patient);
  const told = client.messages.map((text) => JSON.parse(text) as { type: string; data: { count: number } });
  const lost = told.filter(({ type }) => type === 'missed');
  expect(lost).toHaveLength(1);
  const alerts = told.filter(({ type }) => type === 'alert').length;
  expect(alerts + (lost[0]?.data.count ?? 0)).toBe(many);
  client.socket.terminate();
});

test('a GraphQL subscription that lost some ends, saying how many and how to catch up', async () => {
  await using client = graphqlClient(service.socketAddress);
  const errors: unknown[] = [];
  client.subscribe(
    { query: 'subscription { alerts { id } }' },
    { next: () => undefined, error: (error) => errors.push(error), complete: () => undefined },
  );
  await vi.waitFor(() => expect(service.listeners()).toBeGreaterThan(0), patient);
  publish();
  await vi.waitFor(() => expect(errors).toHaveLength(1), patient);
  expect(JSON.stringify(errors[0])).toMatch(/values came faster.*subscribe again.*MISSED/);
});
