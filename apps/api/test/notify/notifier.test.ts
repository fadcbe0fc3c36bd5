import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Alert, type MetricsStorage, StorageError } from '@lockstep/checks';
import { expect, onTestFinished, test } from 'vitest';
import { webhook } from '../../src/notify/webhook.ts';
import { alert, longOutbox, notify, receiver, resolved, START, storage, tempFile } from './fixtures.ts';

/** A store whose file is damaged: every read fails, as SQLite says it. */
function unreadable() {
  const store = storage();
  const read = () => {
    throw new StorageError('unreadable', 'cannot read lockstep.db: database disk image is malformed');
  };
  return Object.assign(store, { deliveries: read, alerts: read, alert: read });
}

test('firing, worse and resolved arrive once each, in order, with the alert and a key', async () => {
  const ops = await receiver();
  const { change, storage } = notify(ops.url);
  change(alert());
  change(alert({ evidence: 'lag 13 s ≥ 10 s' }));
  change(alert({ severity: 'CRITICAL' }));
  change(alert());
  change(resolved());
  await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
  expect(ops.received.map(({ body }) => [body['event'], body['key']])).toEqual([
    ['firing', 'a1/firing/WARNING'],
    ['firing', 'a1/firing/CRITICAL'],
    ['resolved', 'a1/resolved'],
  ]);
  expect(ops.received[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'idempotency-key': 'a1/firing/WARNING',
  });
  expect(ops.received[0]?.body).toEqual({
    version: 1,
    event: 'firing',
    key: 'a1/firing/WARNING',
    alert: JSON.parse(JSON.stringify(alert())) as unknown,
  });
});

test('what fails is tried again until it arrives, before what came later, and said in the log once', async () => {
  const ops = await receiver();
  ops.answers.push({ status: 503 }, { status: 500 }, { status: 429 });
  const { change, storage, logged } = notify(ops.url);
  change(alert());
  change(resolved());
  await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
  expect(ops.received.map(({ body }) => body['key'])).toEqual([
    ...Array<string>(4).fill('a1/firing/WARNING'),
    'a1/resolved',
  ]);
  await expect
    .poll(() => storage.deliveries('a1'))
    .toMatchObject([
      { state: 'delivered', attempts: 4, error: null },
      { state: 'delivered', attempts: 1, error: null },
    ]);
  expect(logged.filter((line) => line.includes('failed'))).toHaveLength(1);
  expect(logged[0]).toContain(
    'notification to ops failed: it answered 503 Service Unavailable; it is tried again',
  );
});

test('a message that is refused for its content is given up, and the next is brought', async () => {
  const ops = await receiver();
  ops.answers.push({ status: 400 });
  const { change, storage, logged } = notify(ops.url);
  change(alert());
  change(alert({ id: 'a2' }));
  await expect.poll(() => storage.deliveries('a2')).toMatchObject([{ state: 'delivered' }]);
  expect(storage.deliveries('a1')).toMatchObject([
    { state: 'given-up', attempts: 1, error: 'it answered 400 Bad Request' },
  ]);
  expect(logged.some((line) => line.startsWith('notification to ops given up'))).toBe(true);
});

test('a message that nobody took for a day is given up', async () => {
  const ops = await receiver();
  await ops.close();
  const clock = { now: START };
  const { change, storage } = notify(ops.url, { now: () => clock.now });
  change(alert());
  await expect.poll(() => storage.waitingDeliveries()[0]?.attempts).toBeGreaterThan(1);
  clock.now += 86_400_001;
  await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
  expect(storage.deliveries('a1')).toMatchObject([
    { state: 'given-up', error: 'it cannot be reached (ECONNREFUSED)' },
  ]);
});

test('a message over which a day was slept is brought once the network is back', async () => {
  const ops = await receiver();
  ops.answers.push({ status: 503 }, { status: 503 }, { status: 503 });
  const now = () => START + (ops.received.length === 0 ? 0 : 86_400_001);
  const { change, storage } = notify(ops.url, { now });
  change(alert());
  await expect.poll(() => storage.deliveries('a1')[0]?.endedAt).toBeTruthy();
  expect(storage.deliveries('a1')).toMatchObject([{ state: 'delivered', attempts: 4 }]);
});

test('a redirect is not followed', async () => {
  const [ops, elsewhere] = [await receiver(), await receiver()];
  ops.answers.push({ status: 307, headers: { location: elsewhere.url } });
  const { change, storage } = notify(ops.url);
  change(alert());
  await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
  expect(ops.received).toHaveLength(2);
  expect(elsewhere.received).toEqual([]);
});

test('attempts come less and less often, and not before the other side wants them', async () => {
  const ops = await receiver();
  const statuses = [500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 429, 500];
  ops.answers.push(
    ...statuses.map((status) => ({ status, ...(status === 429 && { headers: { 'retry-after': '900' } }) })),
  );
  const { change, storage, waits } = notify(ops.url, { clock: () => 0 });
  change(alert());
  await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
  expect(waits.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 900, 300]);
});

test('one destination that does not answer holds up no other', async () => {
  const [dead, ops] = [await receiver(), await receiver()];
  await dead.close();
  const { change, storage } = notify('', {
    destinations: [webhook('dead', dead.url, 'INFO'), webhook('ops', ops.url, 'INFO')],
  });
  change(alert());
  change(resolved());
  await expect.poll(() => ops.received).toHaveLength(2);
  await expect
    .poll(() => storage.waitingDeliveries().map(({ destination }) => destination))
    .toEqual(['dead', 'dead']);
});

test('what waits for a destination whose address changes arrives there, once and in order; others go on', async () => {
  const [dead, moved, ops] = [await receiver(), await receiver(), await receiver()];
  await dead.close();
  const kept = webhook('ops', ops.url, 'INFO');
  const { change, storage, notifier } = notify('', {
    destinations: [webhook('chat', dead.url, 'INFO'), kept],
  });
  change(alert());
  await expect.poll(() => storage.waitingDeliveries()[0]?.attempts).toBeGreaterThan(0);
  await notifier.reconfigure([webhook('chat', moved.url, 'INFO'), kept]);
  change(resolved());
  await expect.poll(() => [moved.received.length, ops.received.length]).toEqual([2, 2]);
  await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
  const states = storage.deliveries('a1').map(({ destination, alert: { state } }) => [destination, state]);
  expect(states.filter(([name]) => name === 'chat')).toEqual([
    ['chat', 'firing'],
    ['chat', 'resolved'],
  ]);
  await notifier.reconfigure([kept]);
  expect(notifier.waiting().map(({ destination }) => destination)).toEqual(['ops']);
});

test('an address never shows in the log or in the outbox', async () => {
  const ops = await receiver();
  ops.answers.push({ status: 500 });
  const first = notify(ops.url);
  first.change(alert());
  await expect.poll(() => first.storage.waitingDeliveries()).toEqual([]);
  await ops.close();
  first.change(resolved());
  await expect.poll(() => first.storage.waitingDeliveries()[0]?.error).toBeTruthy();
  expect(JSON.stringify([first.logged, first.storage.deliveries('a1')])).not.toContain('SECRET');
});

test('what had not arrived when the program stopped arrives after the next start, and nothing arrives twice', async () => {
  const file = tempFile();
  const ops = await receiver();
  const first = notify(ops.url, { storage: storage(file) });
  first.change(alert());
  await expect.poll(() => first.storage.waitingDeliveries()).toEqual([]);
  await ops.close();
  first.change(alert({ severity: 'CRITICAL' }));
  await expect.poll(() => first.storage.waitingDeliveries()[0]?.attempts).toBeGreaterThan(0);
  await first.notifier.stop();
  first.storage.close();

  const again = await receiver(Number(new URL(ops.url).port));
  const second = notify(again.url, { storage: storage(file) });
  second.change(alert({ severity: 'CRITICAL' }));
  await expect.poll(() => second.storage.waitingDeliveries()).toEqual([]);
  expect(again.received.map(({ body }) => body['key'])).toEqual(['a1/firing/CRITICAL']);
});

test('an alert that fires already when a destination is added is told to it', async () => {
  const ops = await receiver();
  const store = storage();
  store.recordAlert(alert());
  store.recordAlert(alert({ id: 'a2', state: 'pending', firedAt: null }));
  notify(ops.url, { storage: store });
  await expect.poll(() => ops.received.map(({ body }) => body['key'])).toEqual(['a1/firing/WARNING']);
});

test('messages to a destination that is not configured any more are given up', async () => {
  const store = storage();
  const ops = await receiver();
  await ops.close();
  const first = notify(ops.url, { storage: store });
  first.change(alert());
  await first.notifier.stop();
  await notify('', { storage: store, destinations: [] }).ready;
  expect(store.deliveries('a1')).toMatchObject([
    { state: 'given-up', error: 'the destination is not in the configuration any more' },
  ]);
});

test('stopping ends an attempt that is under way and leaves its message waiting', async () => {
  const silentServer = createServer();
  silentServer.listen(0, '127.0.0.1');
  await once(silentServer, 'listening');
  onTestFinished(() => void silentServer.close());
  const { port } = silentServer.address() as { port: number };
  const { change, notifier, storage: store } = notify(`http://127.0.0.1:${port}/`);
  const connected = once(silentServer, 'connection');
  change(alert());
  await connected;
  await notifier.stop();
  expect(store.waitingDeliveries()).toMatchObject([{ attempts: 0 }]);
});

test('a test is one message to every destination, and says who took it and why not', async () => {
  const [ops, picky, dead] = [await receiver(), await receiver(), await receiver()];
  picky.answers.push({ status: 403 });
  await dead.close();
  const {
    notifier,
    storage: store,
    logged,
  } = notify('', {
    destinations: [
      webhook('ops', ops.url, 'CRITICAL'),
      webhook('picky', picky.url, 'INFO'),
      webhook('dead', dead.url, 'INFO'),
    ],
  });
  const told = await notifier.test('anna');
  expect(told).toEqual([
    { name: 'ops', ok: true, message: expect.stringMatching(/^accepted after \d+ ms$/) as string },
    { name: 'picky', ok: false, message: 'it answered 403 Forbidden' },
    { name: 'dead', ok: false, message: 'it cannot be reached (ECONNREFUSED)' },
  ]);
  expect(ops.received.map(({ body }) => body)).toMatchObject([
    {
      version: 1,
      event: 'test',
      alert: { severity: 'INFO', evidence: 'anna asked for this test; nothing is wrong' },
    },
  ]);
  expect([ops.received.length, picky.received.length]).toEqual([1, 1]);
  expect(store.waitingDeliveries()).toEqual([]);
  expect(JSON.stringify([told, logged])).not.toContain('SECRET');
});

test('stopping ends a test that is under way', async () => {
  const silentServer = createServer();
  silentServer.listen(0, '127.0.0.1');
  await once(silentServer, 'listening');
  onTestFinished(() => void silentServer.close());
  const { port } = silentServer.address() as { port: number };
  const { notifier } = notify(`http://127.0.0.1:${port}/`);
  const connected = once(silentServer, 'connection');
  const told = notifier.test('anna');
  await connected;
  await notifier.stop();
  expect(await told).toEqual([{ name: 'ops', ok: false, message: 'Lockstep is stopping' }]);
});

test('a message that is not taken holds back no other alert’s, and is tried on', async () => {
  const ops = await receiver();
  ops.refuse = ({ alert }) => (alert as Alert).id === 'bad';
  const { change, storage: store, notifier, sleepFor } = notify(ops.url, { patience: true });
  change(alert({ id: 'bad' }));
  await expect.poll(() => store.deliveries('bad')[0]?.attempts).toBe(1);
  for (const id of ['a1', 'a2', 'a3', 'a4']) change(alert({ id }));
  await expect.poll(() => store.waitingDeliveries().map(({ alert }) => alert.id)).toEqual(['bad']);
  expect(ops.received.map(({ body }) => body['key'])).toEqual(
    ['bad', 'a1', 'a2', 'a3', 'a4'].map((id) => `${id}/firing/WARNING`),
  );
  expect(notifier.waiting()).toMatchObject([
    {
      destination: 'ops',
      count: 1,
      oldest: { alert: { id: 'bad' }, error: 'it answered 500 Internal Server Error' },
    },
  ]);
  ops.refuse = () => false;
  sleepFor.resolve();
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  expect(notifier.waiting()).toMatchObject([{ count: 0, oldest: null }]);
  expect(notifier.brought()).toMatchObject([{ destination: 'ops', delivered: 5, givenUp: 0 }]);
  expect(notifier.brought()[0]?.failedAttempts).toBeGreaterThan(0);
});

test('a destination that takes nothing at all is not asked for every message at once', async () => {
  const ops = await receiver();
  ops.refuse = () => true;
  const { change, storage: store, waits } = notify(ops.url, { patience: true });
  for (let i = 0; i < 1_000; i++) change(alert({ id: `a${i}` }));
  await expect.poll(() => waits).toEqual([1_000]);
  expect(ops.received).toHaveLength(3);
  expect(store.waitingDeliveries()).toHaveLength(1_000);
});

test('a message that comes in the very moment in which the last was brought is brought, too', async () => {
  const ops = await receiver();
  const { change, storage: store, logging } = notify(ops.url);
  // Within the courier's last step, before and after the microtasks that end it.
  logging.on = (line) => {
    if (!line.includes('delivered')) return;
    logging.on = () => undefined;
    for (let depth = 0; depth < 8; depth++) after(depth, () => change(alert({ id: `late${depth}` })));
  };
  change(alert());
  await expect.poll(() => ops.received).toHaveLength(9);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
});

function after(microtasks: number, then: () => void): void {
  if (microtasks === 0) then();
  else queueMicrotask(() => after(microtasks - 1, then));
}

test('whoever cannot read the outbox is told all the same', async () => {
  const ops = await receiver();
  const { change, storage: store } = notify(ops.url, { storage: unreadable() });
  change(alert());
  change(alert({ severity: 'CRITICAL' }));
  change(alert({ severity: 'CRITICAL', evidence: 'lag 70 s ≥ 60 s' }));
  change(resolved());
  await expect
    .poll(() => ops.received.map(({ body }) => body['key']))
    .toEqual(['a1/firing/WARNING', 'a1/firing/CRITICAL', 'a1/resolved']);
  expect(() => store.deliveries('a1')).toThrow(/malformed/);
});

test('a long outbox is gone on with in turns, and what happens meanwhile is told after it, once', async () => {
  const ops = await receiver();
  const store = storage();
  const open = longOutbox(store);
  const { ready, change } = notify(ops.url, { storage: store });
  // Known only once the outbox was read to its end: that it was told that it fires, and was not told that it is over.
  const last = open.at(-1)!;
  change(last);
  change(resolved({ id: last.id }));
  let turns = 0;
  const turn = () => void (turns++, counting && setImmediate(turn));
  let counting = true;
  setImmediate(turn);
  await ready;
  counting = false;
  expect(turns).toBeGreaterThan(1);
  await expect.poll(() => ops.received.map(({ body }) => body['key'])).toEqual([`${last.id}/resolved`]);
});

/** Its outbox is read to the end only once `may` says so. */
function slowToRead(store: MetricsStorage, may: () => boolean): void {
  const open = store.openDeliveries.bind(store);
  store.openDeliveries = function* () {
    while (!may()) yield null;
    yield* open();
  };
}

test('what happens while the outbox is read is told before it is read to its end, once', async () => {
  const ops = await receiver();
  const store = storage();
  const [told] = longOutbox(store);
  slowToRead(store, () => ops.received.length === 3);
  const { ready, change } = notify(ops.url, { storage: store });
  change(told!);
  change(alert({ id: 'new' }));
  change(resolved({ id: told!.id }));
  change(resolved({ id: 'new' }));
  await ready;
  const keys = () => ops.received.map(({ body }) => body['key']);
  expect(keys()).toEqual(['new/firing/WARNING', `${told!.id}/resolved`, 'new/resolved']);
  change(alert({ id: 'last' }));
  await expect.poll(keys).toHaveLength(4);
});

test('what was left of an alert is told before what happens while the outbox is read', async () => {
  const ops = await receiver();
  const store = storage();
  const first = notify(ops.url, { storage: store, patience: true });
  ops.answers.push({ status: 500 });
  first.change(alert());
  await expect.poll(() => store.waitingDeliveries()[0]?.attempts).toBe(1);
  await first.notifier.stop();
  let goesOn = false;
  slowToRead(store, () => goesOn);
  const { ready, change } = notify(ops.url, { storage: store });
  change(resolved());
  goesOn = true;
  await ready;
  await expect
    .poll(() => ops.received.map(({ body }) => body['key']))
    .toEqual(['a1/firing/WARNING', 'a1/firing/WARNING', 'a1/resolved']);
});

test('of many alerts at once the outbox is written in few writes, and read for none', async () => {
  const ops = await receiver();
  const counted = { flushed: 0, read: 0 };
  const store = storage();
  const flush = store.flush.bind(store);
  const deliveries = store.deliveries.bind(store);
  store.flush = () => void (counted.flushed++, flush());
  store.deliveries = (id) => (counted.read++, deliveries(id));
  const { change } = notify(ops.url, { storage: store, patience: true });
  ops.refuse = () => true;
  for (let i = 0; i < 5_000; i++) change(alert({ id: `a${i}` }));
  await expect.poll(() => ops.received).toHaveLength(3);
  expect(counted).toEqual({ flushed: 1, read: 0 });
});
