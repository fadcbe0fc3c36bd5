import { expect, test } from 'vitest';
import type { DestinationConfig, DestinationType } from '../../src/config/loaded.ts';
import type { Message } from '../../src/notify/destination.ts';
import { makeDestination } from '../../src/notify/make-destination.ts';
import { sendTest } from '../../src/notify/send-test.ts';
import { alert, receiver } from './fixtures.ts';
import { over, tables } from './group-fixtures.ts';
import { mailServer } from './mail-server.ts';

const link = 'https://ops.example.com/lockstep/alerts';
const { signal } = new AbortController();
const letter = { from: 'lockstep@example.com', to: ['dba@example.com'] };
/** What each kind needs besides an address. */
const needs: Record<DestinationType, Partial<DestinationConfig>> = {
  webhook: {},
  slack: {},
  teams: {},
  discord: {},
  email: { letter },
  pagerduty: { routingKey: 'KEY' },
  alertmanager: {},
};
const kinds = Object.keys(needs) as DestinationType[];

/** Whatever it is: where it is sent to, and all that came, each as one text. */
async function somebody(type: DestinationType): Promise<{ url: string; came: () => string[] }> {
  if (type === 'email') {
    const post = await mailServer();
    return { url: `smtp://${post.place}`, came: () => post.received.map(({ text }) => text) };
  }
  const service = await receiver();
  return { url: service.url, came: () => service.received.map(({ body }) => JSON.stringify(body)) };
}

const many = tables(3);
const one = alert();
const alone = { group: null, earlier: new Map(), link };
const group = { key: 'k'.repeat(32), labels: { pair: 'shop' }, firing: 3 };
const messages: Record<string, Message> = {
  'one that fires': { ...alone, key: 'a', event: 'firing', alert: one, alerts: [one] },
  'one that is over': { ...alone, key: 'b', event: 'resolved', alert: over(one), alerts: [over(one)] },
  'a group': { ...alone, key: 'c', event: 'firing', alert: many[0]!, alerts: many, group },
  watchdog: { ...alone, key: 'd', event: 'watchdog', alert: one, alerts: [one] },
};

test.each(kinds)('every message of %s leads back to its page, and a test of it arrives', async (type) => {
  const { url, came } = await somebody(type);
  const name = 'ops';
  const config = { name, type, url, minSeverity: 'INFO', ...needs[type] } satisfies DestinationConfig;
  const destination = makeDestination(config, () => ({}));
  for (const message of Object.values(messages)) await destination.send(message, signal);
  expect(await sendTest(destination, 'ana', link, signal)).toMatchObject({ name, ok: true });
  const told = [...Object.keys(messages), 'a test'];
  expect(came()).toHaveLength(told.length);
  for (const [index, text] of came().entries()) expect(text, told[index]).toContain(link);
});
