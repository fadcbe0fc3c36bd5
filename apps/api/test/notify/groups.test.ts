import { setImmediate } from 'node:timers/promises';
import type { Delivery } from '@lockstep/checks';
import { expect, test } from 'vitest';
import { messageOf } from '../../src/notify/parcel.ts';
import { webhook } from '../../src/notify/webhook.ts';
import { headline } from '../../src/notify/wording.ts';
import { alert, longOutbox, receiver, resolved, START, storage } from './fixtures.ts';
import { beginByClock, grouped, keysOf, notifyByClock, over, tables } from './group-fixtures.ts';

test('what comes within the wait is one message, and what comes later the next one after the interval', async () => {
  const ops = await receiver();
  const { change, pass, storage: store } = await notifyByClock([grouped(ops.url)]);
  const many = tables(60);
  for (const one of many) change(one);
  expect(store.waitingDeliveries()).toHaveLength(60);
  pass(9_999);
  change(alert({ id: 'lag', pair: 'shop → replica-b' }));
  expect(ops.received).toEqual([]);
  pass(1);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(ops.received).toHaveLength(1);
  expect(ops.received[0]?.body).toMatchObject({
    event: 'firing',
    group: { labels: { pair: 'shop → replica-b' }, firing: 61 },
  });
  expect(keysOf(ops.received[0]?.body)).toEqual([...many.map(({ id }) => id), 'lag']);
  await expect.poll(() => store.deliveries('shop-t60')).toMatchObject([{ state: 'delivered', attempts: 1 }]);

  change(over(many[0]!));
  pass(59_000);
  change(over(many[1]!));
  expect(ops.received).toHaveLength(1);
  pass(1_000);
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(ops.received[1]?.body).toMatchObject({ event: 'resolved', group: { firing: 59 } });
  expect(keysOf(ops.received[1]?.body)).toEqual(['shop-t01', 'shop-t02']);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
});

test('groups are told apart by the words of groupBy, labels of the pair among them', async () => {
  const ops = await receiver();
  const labelsOf = (pair: string | null) => ({ team: pair === 'orders' ? 'sales' : 'stock' });
  const { change, pass } = await notifyByClock([grouped(ops.url, { by: ['team', 'rule'] })], { labelsOf });
  change(alert());
  for (const one of tables(2)) change(one);
  change(alert({ id: 'a2', pair: 'shop → replica-b' }));
  pass(10_000);
  await expect.poll(() => ops.received).toHaveLength(3);
  expect(ops.received.map(({ body }) => [body['group'], keysOf(body)])).toMatchObject([
    [{ labels: { team: 'sales', rule: 'lag' } }, ['a1']],
    [{ labels: { team: 'stock', rule: 'table-different' } }, ['shop-t01', 'shop-t02']],
    [{ labels: { team: 'stock', rule: 'lag' } }, ['a2']],
  ]);
});

test('an alert that got worse stays in its group, though it is grouped by severity', async () => {
  const ops = await receiver();
  const { change, pass } = await notifyByClock([grouped(ops.url, { by: ['severity'] })]);
  change(alert());
  pass(10_000);
  await expect.poll(() => ops.received).toHaveLength(1);
  change(alert({ severity: 'CRITICAL' }));
  change(resolved({ severity: 'CRITICAL' }));
  pass(60_000);
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(ops.received[1]?.body).toMatchObject({
    event: 'resolved',
    group: { labels: { severity: 'WARNING' }, firing: 0 },
  });
});

test('what still fires is told again after the repeat interval, but for what somebody cares for', async () => {
  const ops = await receiver();
  const { change, pass, storage: store } = await notifyByClock([grouped(ops.url, { repeatMs: 3_600_000 })]);
  const [one, two, three] = tables(3);
  for (const told of [one!, two!, three!]) change(told);
  pass(10_000);
  await expect.poll(() => ops.received).toHaveLength(1);
  change({ ...two!, acknowledged: { by: 'anna', at: new Date(), note: '' } });
  pass(3_600_000);
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(keysOf(ops.received[1]?.body)).toEqual(['shop-t01', 'shop-t03']);
  pass(3_600_000);
  await expect.poll(() => ops.received).toHaveLength(3);
  expect(new Set(ops.received.map(({ body }) => body['key'])).size).toBe(3);
  // What repeats is no further delivery.
  expect(store.deliveries('shop-t01')).toHaveLength(1);
});

test('a message of more changes than its destination takes is several, in order', async () => {
  const ops = await receiver();
  const { change, pass } = await notifyByClock([grouped(ops.url, { most: 25 })]);
  for (const one of tables(60)) change(one);
  pass(10_000);
  await expect.poll(() => ops.received).toHaveLength(3);
  expect(ops.received.map(({ body }) => keysOf(body).length)).toEqual([25, 25, 10]);
  expect(keysOf(ops.received[2]?.body).at(-1)).toBe('shop-t60');
});

test('what is silenced while it is gathered is held back, and told once the silence is over', async () => {
  const ops = await receiver();
  const { change, pass, storage: store, notifier } = await notifyByClock([grouped(ops.url)]);
  const [one, two] = tables(2);
  change(one!);
  change(two!);
  const silencedUntil = new Date(START + 3_600_000);
  change({ ...one!, silencedUntil });
  expect(store.deliveries('shop-t01')).toMatchObject([{ state: 'held-back' }]);
  pass(10_000);
  await expect.poll(() => ops.received).toHaveLength(1);
  expect(keysOf(ops.received[0]?.body)).toEqual(['shop-t02']);
  expect(ops.received[0]?.body).toMatchObject({ group: { firing: 1 } });
  // What became of the message is not looked for where it was held back.
  expect(store.deliveries('shop-t02')[0]).not.toHaveProperty('first');
  pass(3_600_000);
  change({ ...one!, silencedUntil: null });
  pass(60_000);
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(keysOf(ops.received[1]?.body)).toEqual(['shop-t01']);
  expect(ops.received[1]?.body).toMatchObject({ group: { firing: 2 } });
  await expect.poll(() => store.deliveries('shop-t01')).toMatchObject([{ state: 'delivered' }]);

  // What is all that was gathered leaves no message behind, and nobody is told that it is over.
  const alone = alert({ id: 'lag' });
  change(alone);
  change({ ...alone, silencedUntil: new Date(START + 86_400_000) });
  expect(notifier.waiting()).toMatchObject([{ count: 0, oldest: null }]);
  change(resolved({ id: 'lag' }));
  change(over(one!));
  pass(60_000);
  await expect.poll(() => ops.received).toHaveLength(3);
  expect(keysOf(ops.received[2]?.body)).toEqual(['shop-t01']);
});

test('what was told before goes on to be told, though that it got worse was held back', async () => {
  const ops = await receiver();
  const { change, pass } = await notifyByClock([grouped(ops.url)]);
  change(alert());
  pass(10_000);
  await expect.poll(() => ops.received).toHaveLength(1);
  change(alert({ severity: 'CRITICAL' }));
  change(alert({ severity: 'CRITICAL', silencedUntil: new Date(START + 3_600_000) }));
  change(resolved({ severity: 'CRITICAL' }));
  pass(60_000);
  await expect.poll(() => ops.received).toHaveLength(2);
  expect(ops.received[1]?.body).toMatchObject({ event: 'resolved', alerts: [{ id: 'a1' }] });
});

test('what was held back is told after a restart once the silence is over, and not before', async () => {
  const ops = await receiver();
  const store = storage();
  const before = await notifyByClock([grouped(ops.url)], { storage: store });
  const [one] = tables(1);
  const silenced = { ...one!, silencedUntil: new Date(START + 3_600_000) };
  before.change(one!);
  before.change(silenced);
  await before.notifier.stop();
  const after = await notifyByClock([grouped(ops.url)], { storage: store });
  after.pass(60_000);
  expect(after.notifier.waiting()).toMatchObject([{ count: 0 }]);
  after.change({ ...one!, silencedUntil: null });
  after.pass(10_000);
  await expect.poll(() => ops.received.map(({ body }) => keysOf(body))).toEqual([['shop-t01']]);
});

test('one group that is refused holds back no other, and is tried again whole under its key', async () => {
  const ops = await receiver();
  ops.refuse = ({ group }) => (group as { labels: { pair: string } }).labels.pair === 'orders';
  const { change, pass, storage: store } = await notifyByClock([grouped(ops.url)]);
  change(alert());
  change(alert({ id: 'a2' }));
  for (const one of tables(2)) change(one);
  pass(10_000);
  await expect.poll(() => store.waitingDeliveries().map(({ alert: { id } }) => id)).toEqual(['a1', 'a2']);
  await expect.poll(() => store.deliveries('a1')[0]?.attempts).toBeGreaterThan(1);
  ops.refuse = () => false;
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  const ofOrders = ops.received.filter(({ body }) => keysOf(body).includes('a1'));
  expect(new Set(ofOrders.map(({ body }) => body['key'])).size).toBe(1);
});

test('routes decide who is told that it fires; whoever was is told that it is over', async () => {
  const [shop, night] = [await receiver(), await receiver()];
  const nothing = { severity: null, pair: null, server: null, rule: null, table: null, labels: {} };
  const { change } = await notifyByClock(
    [
      { ...webhook('shop', shop.url, 'INFO'), routes: [{ ...nothing, labels: { team: ['shop'] } }] },
      {
        ...webhook('night', night.url, 'INFO'),
        routes: [
          { ...nothing, severity: ['CRITICAL'] },
          { ...nothing, rule: ['replication-*'], pair: ['s*s'] },
        ],
      },
    ],
    { labelsOf: (pair): Record<string, string> => (pair === 'orders' ? { team: 'shop' } : {}) },
  );
  change(alert());
  change(alert({ id: 'a2', pair: 'stocks', rule: 'replication-broken' }));
  change(alert({ id: 'a3', pair: 'stocks' }));
  change(alert({ severity: 'CRITICAL' }));
  change(resolved());
  await expect
    .poll(() => shop.received.map(({ body }) => body['key']))
    .toEqual(['a1/firing/WARNING', 'a1/firing/CRITICAL', 'a1/resolved']);
  await expect
    .poll(() => night.received.map(({ body }) => body['key']))
    .toEqual(['a2/firing/WARNING', 'a1/firing/CRITICAL', 'a1/resolved']);
});

test.each([
  ['server', { server: ['db-*'] }, 'of-server'],
  ['table', { table: ['shop.ord?rs', 'stock.*'] }, 'of-table'],
])('a route by %s tells what has such a one, and nothing that has none', async (_, words, told) => {
  const ops = await receiver();
  const nothing = { severity: null, pair: null, server: null, rule: null, table: null, labels: {} };
  const { change, storage: store } = await notifyByClock([
    { ...webhook('ops', ops.url, 'INFO'), routes: [{ ...nothing, ...words }] },
  ]);
  change(alert({ id: 'of-pair' }));
  change(alert({ id: 'of-other-server', pair: null, server: 'web-1' }));
  change(alert({ id: 'of-other-table', table: 'shop.orders_old' }));
  change(alert({ id: 'of-server', pair: null, server: 'db-1' }));
  change(alert({ id: 'of-table', table: 'shop.orders' }));
  await expect.poll(() => ops.received).not.toEqual([]);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(ops.received.map(({ body }) => body['key'])).toEqual([`${told}/firing/WARNING`]);
});

test('a webhook names as many alerts as fit into a megabyte, the worst first, and counts the rest', async () => {
  const ops = await receiver();
  const { change, pass, storage: store } = await notifyByClock([grouped(ops.url)]);
  for (const one of tables(300, { severity: 'WARNING', evidence: 'ü'.repeat(2_000) })) change(one);
  change(alert({ id: 'worst', severity: 'CRITICAL', pair: 'shop → replica-b' }));
  pass(10_000);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(ops.received).toHaveLength(1);
  const [{ body, headers }] = ops.received as [(typeof ops.received)[0]];
  expect(Number(headers['content-length'])).toBeLessThan(1_000_000);
  const named = keysOf(body);
  expect(named[0]).toBe('worst');
  expect(named.length).toBeGreaterThan(100);
  expect(body).toMatchObject({ group: { firing: 301 }, truncatedAlerts: 301 - named.length });
});

test('a digest of very many alerts is one message, made while everything else has its turns', async () => {
  const many = tables(100_000);
  const at = new Date(START);
  const deliveries = many.map((one): Delivery => ({
    key: `${one.id}/firing/CRITICAL`,
    destination: 'ops',
    alert: one,
    state: 'waiting',
    createdAt: at,
    endedAt: null,
    attempts: 0,
    error: null,
  }));
  const group = { key: 'g', labels: {}, firing: many.length };
  const parcel = { lane: 'g', createdAt: at, attempts: 0, reminder: false, group, deliveries };
  let done = false;
  const made = messageOf({ key: 'm', ...parcel }, () => null).finally(() => (done = true));
  let turns = 0;
  while (!done) {
    turns++;
    await setImmediate();
  }
  expect(turns).toBeGreaterThan(2);
  const message = await made;
  expect(message.alerts.every((one, i) => one === many[i])).toBe(true);
  expect(headline(message)).toBe('CRITICAL: 100000 tables differ in shop → replica-b');
});

test('what happens while a long outbox is read waits no longer than its group', async () => {
  const ops = await receiver();
  const store = storage();
  longOutbox(store);
  const { ready, change, pass } = beginByClock([grouped(ops.url)], { storage: store });
  change(tables(1)[0]!);
  pass(10_000);
  await ready;
  await expect.poll(() => ops.received).toHaveLength(1);
});
