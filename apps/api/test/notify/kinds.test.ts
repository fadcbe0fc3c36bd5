import { addAbortListener } from 'node:events';
import { describe, expect, test } from 'vitest';
import { discord } from '../../src/notify/discord.ts';
import { pagerduty } from '../../src/notify/pagerduty.ts';
import { slack, slackText } from '../../src/notify/slack.ts';
import { teams, teamsCard } from '../../src/notify/teams.ts';
import { webhook } from '../../src/notify/webhook.ts';
import { alert, notify, receiver, resolved } from './fixtures.ts';
import { grouping, notifyByClock, over, tables } from './group-fixtures.ts';

const hostile = 'Duplicate entry "@everyone [click](https://evil.example)\n# *Resolved* <@1>"';

describe('PagerDuty', () => {
  test('has one incident for a group, which ends when all its alerts are over', async () => {
    const duty = await receiver();
    const destination = pagerduty('duty', duty.url, 'INFO', 'KEY');
    const { change, pass } = await notifyByClock([{ ...destination, grouping: grouping() }], {
      publicUrl: 'https://ops.example.com',
    });
    const [one, two] = tables(2);
    change(one!);
    change(two!);
    pass(10_000);
    await expect.poll(() => duty.received).toHaveLength(1);
    change(over(one!));
    pass(60_000);
    await expect.poll(() => duty.received).toHaveLength(2);
    change(over(two!));
    pass(60_000);
    await expect.poll(() => duty.received).toHaveLength(3);
    expect(duty.received.map(({ body }) => body['event_action'])).toEqual(['trigger', 'trigger', 'resolve']);
    expect(new Set(duty.received.map(({ body }) => body['dedup_key'])).size).toBe(1);
    expect(duty.received[0]?.body).toMatchObject({
      routing_key: 'KEY',
      client: 'Lockstep',
      links: [{ href: 'https://ops.example.com/pairs/shop%20%E2%86%92%20replica-b' }],
      payload: {
        summary: '2 tables differ in shop → replica-b',
        source: 'shop → replica-b',
        severity: 'critical',
        class: 'table-different',
      },
    });
  });

  test('has one incident for an alert that is told on its own', async () => {
    const duty = await receiver();
    const { change, storage } = notify('', { destinations: [pagerduty('duty', duty.url, 'INFO', 'KEY')] });
    change(alert());
    change(resolved());
    await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
    expect(duty.received.map(({ body }) => [body['event_action'], body['dedup_key']])).toEqual([
      ['trigger', 'a1'],
      ['resolve', 'a1'],
    ]);
  });
});

test('Slack gets a digest with a link, of which nothing a server said is part', () => {
  const alerts = tables(60, { evidence: hostile });
  const link = 'https://ops.example.com/pairs/shop';
  const text = slackText({ event: 'firing', alert: alerts[0]!, alerts, link });
  const lines = text.split('\n');
  expect(lines[0]).toBe(':red_circle: *CRITICAL: 60 tables differ in shop → replica-b*');
  expect(lines).toHaveLength(13);
  expect(lines.slice(-2)).toEqual(['…and 50 more', `<${link}|Open in Lockstep>`]);
  expect(text).not.toMatch(/@everyone|\]\(|<@/);
});

test('one long sentence is cut to what every kind takes, so that it is told at all', () => {
  const evidence = 'column c: int on the source, bigint on the target; '.repeat(2_000);
  const told = { event: 'firing', alert: alert({ evidence }) } as const;
  expect(JSON.stringify(teamsCard(told)).length).toBeLessThan(20_000);
  expect(slackText(told).length).toBeLessThan(20_000);
  expect(slackText(told)).toContain(evidence.slice(0, 3_000));
});

test('a digest of different things counts each, and says what is over and what goes on', () => {
  const lagging = alert({ id: 'lag', pair: 'shop → replica-b' });
  const gone = tables(2).map(over);
  const alerts = [...tables(3).slice(2), lagging, ...gone];
  const group = { key: 'k', labels: {}, firing: 7 };
  const text = slackText({ event: 'firing', alert: alerts[0]!, alerts, group });
  expect(text.split('\n')).toEqual([
    ':red_circle: *CRITICAL: Table is different, Replica is lagging in shop → replica-b*',
    'CRITICAL · shop.t03: 3 rows differ',
    'WARNING · Replica is lagging: lag 12 s ≥ 10 s',
    'over · shop.t01: all rows match',
    'over · shop.t02: all rows match',
    '7 still firing',
  ]);
});

test('Discord gets an embed that mentions nobody and fits its limits', async () => {
  const chat = await receiver();
  const { change, pass } = await notifyByClock(
    [{ ...discord('chat', chat.url, 'INFO'), grouping: grouping() }],
    {
      publicUrl: 'https://ops.example.com',
    },
  );
  for (const one of tables(60, { evidence: hostile.repeat(50), summary: 's'.repeat(500) })) change(one);
  pass(10_000);
  await expect.poll(() => chat.received).toHaveLength(1);
  const { embeds, allowed_mentions: mentions } = chat.received[0]!.body as {
    embeds: { title: string; description: string; url: string; color: number }[];
    allowed_mentions: unknown;
  };
  expect(mentions).toEqual({ parse: [] });
  expect(embeds[0]?.title.length).toBeLessThanOrEqual(256);
  expect(embeds[0]?.description.length).toBeLessThanOrEqual(4_096);
  expect(embeds[0]?.description).not.toMatch(/@everyone|[^\\]\]\(|<@\d|https:\/\//);
  expect(embeds[0]).toMatchObject({
    color: 0xdc2626,
    url: expect.stringMatching(/^https:\/\/ops/) as string,
  });
});

test('Teams gets an adaptive card with a button', async () => {
  const chat = await receiver();
  const { change } = notify('', {
    destinations: [teams('chat', chat.url, 'INFO', { 'X-Team': 'shop' })],
    publicUrl: 'https://ops.example.com',
  });
  change(alert({ table: 'shop.items', tableName: { schema: 'shop', table: 'items' } }));
  await expect.poll(() => chat.received).toHaveLength(1);
  expect(chat.received[0]?.headers['x-team']).toBe('shop');
  expect(chat.received[0]?.body).toMatchObject({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          body: [
            { type: 'TextBlock', text: 'WARNING: Replica is lagging', color: 'Warning' },
            { text: 'lag 12 s ≥ 10 s' },
            { text: 'pair orders · table shop.items · since 2026-03-01 11:59:40 UTC' },
          ],
          actions: [
            { type: 'Action.OpenUrl', url: 'https://ops.example.com/pairs/orders/tables/shop/items' },
          ],
        },
      },
    ],
  });
  const card = JSON.stringify(teamsCard({ event: 'firing', alert: alert({ evidence: hostile }) }));
  expect(card).not.toMatch(/@everyone|[^\\]\]\(|https:\/\/evil/);
});

test('custom headers go with every message, and the key stays the message’s own', async () => {
  const ops = await receiver();
  const headers = { 'X-Team': 'shop', 'Idempotency-Key': 'mine' };
  const { change } = notify('', {
    destinations: [webhook('ops', ops.url, 'INFO', headers), slack('chat', ops.url, 'INFO', headers)],
    publicUrl: 'https://ops.example.com/',
  });
  change(alert({ pair: null, server: 'db1' }));
  await expect.poll(() => ops.received).toHaveLength(2);
  for (const { headers: sent } of ops.received) {
    expect(sent).toMatchObject({ 'x-team': 'shop', 'idempotency-key': 'a1/firing/WARNING' });
  }
  expect(ops.received.find(({ body }) => body['version'] === 1)?.body['link']).toBe(
    'https://ops.example.com/alerts',
  );
});

test('a watchdog is told again and again, but not while Lockstep is not well', async () => {
  const guard = await receiver();
  const state: { trouble: string | null } = { trouble: null };
  const asleep: (() => void)[] = [];
  const { logged, notifier } = notify('', {
    destinations: [{ ...webhook('guard', guard.url, 'INFO'), routes: [], watchdogMs: 60_000 }],
    trouble: () => state.trouble,
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        asleep.push(resolve);
        addAbortListener(signal, () => reject(signal.reason as Error));
      }),
  });
  // What was received may not have been answered yet.
  const next = async () => {
    await expect.poll(() => asleep.length).toBeGreaterThan(0);
    for (const wake of asleep.splice(0)) wake();
  };
  await expect.poll(() => guard.received).toHaveLength(1);
  await next();
  await expect.poll(() => guard.received).toHaveLength(2);
  state.trouble = 'the samplers stand still';
  await next();
  await expect.poll(() => logged.join('\n')).toContain('the samplers stand still');
  state.trouble = null;
  await next();
  await expect.poll(() => guard.received).toHaveLength(3);
  expect(guard.received[2]?.body).toMatchObject({ event: 'watchdog', alert: { severity: 'INFO' } });
  await notifier.stop();
});
