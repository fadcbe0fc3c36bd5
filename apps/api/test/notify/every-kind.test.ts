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

/** What a terminal obeys, turns a line around, ends one, or has no look; and more of it than any message takes. */
const hostile = '\u001b[31m\u009b31m\u202e\u2066\u0000\u2028\r\nBcc: x@example.com\r\n.\r\n"=cmd()"';

test.each(kinds)(
  'what servers say is whole and does nothing, however it is cut, in a message of %s',
  async (type) => {
    const { url, came } = await somebody(type);
    const config = {
      name: 'ops',
      type,
      url,
      minSeverity: 'INFO',
      ...needs[type],
    } satisfies DestinationConfig;
    const destination = makeDestination(config, () => ({ team: `${hostile}\ud83d` }));
    for (const before of ['', 'x', 'xx']) {
      const words = `${before}${hostile}${'😀'.repeat(2_000)}`;
      const tableName = { schema: 'shop', table: '😀'.repeat(32) };
      const foreign = { table: words, tableName, summary: words, evidence: words };
      const several = tables(3, foreign);
      const first = alert(foreign);
      await destination.send({ ...messages['one that fires']!, alert: first, alerts: [first] }, signal);
      await destination.send({ ...messages['a group']!, alert: several[0]!, alerts: several }, signal);
    }
    expect(came()).toHaveLength(6);
    const texts = came().flatMap((text) => (type === 'email' ? [text] : textsIn(JSON.parse(text))));
    // A webhook is for programs, which get what is so.
    const odd =
      type === 'webhook'
        ? []
        : texts.filter((text) => /[\p{Cc}\u202e\u2066\u2028]/u.test(text.replaceAll('\n', '')));
    expect(came().filter((text) => /(?<!\\)\\ud[89a-f]/.test(text))).toEqual([]);
    const torn = texts.filter((text) => !text.isWellFormed() || text.includes('\ufffd…'));
    const lines = texts.filter((text) => /^(?:Bcc:|\.$)/m.test(text));
    expect({ odd: odd.length, torn: torn.length, lines: type === 'webhook' ? 0 : lines.length }).toEqual({
      odd: 0,
      torn: 0,
      lines: 0,
    });
  },
);

/** All texts but labels, by which Alertmanager tells alerts apart. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => (name === 'labels' ? [] : textsIn(member)));
}
