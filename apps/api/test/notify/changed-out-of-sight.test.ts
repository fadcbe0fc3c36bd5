import { StorageError } from '@lockstep/checks';
import { expect, test } from 'vitest';
import { webhook } from '../../src/notify/webhook.ts';
import { alert, notify, receiver, resolved, storage } from './fixtures.ts';

/** A store that can be read until it is said to be out of sight: then it recalls nothing, as one whose disk hangs. */
function outOfSight() {
  const store = storage();
  const real = { deliveries: store.deliveries.bind(store), openDeliveries: store.openDeliveries.bind(store) };
  let isAway = false;
  const away = () => {
    isAway = true;
  };
  const deliveries: typeof store.deliveries = (id) => {
    if (isAway) throw new StorageError('unreadable', 'the history’s disk does not answer');
    return real.deliveries(id);
  };
  const openDeliveries: typeof store.openDeliveries = () => (isAway ? [] : real.openDeliveries());
  return { away, store: Object.assign(store, { deliveries, openDeliveries, eachOpenAlert: () => [] }) };
}

test('who was told by a destination that is changed while the outbox cannot be read is told that it is over, and nothing twice', async () => {
  const [before, after] = [await receiver(), await receiver()];
  const { store, away } = outOfSight();
  const { change, notifier } = notify('', {
    destinations: [webhook('chat', before.url, 'INFO')],
    storage: store,
  });
  change(alert());
  await expect.poll(() => before.received).toHaveLength(1);
  await expect.poll(() => store.waitingDeliveries()).toEqual([]);
  away();
  await notifier.reconfigure([webhook('chat', after.url, 'INFO')]);
  change(alert({ evidence: 'lag 13 s ≥ 10 s' }));
  change(resolved());
  await expect.poll(() => after.received.map(({ body }) => body['key'])).toEqual(['a1/resolved']);
});

test('what waits for a destination that is changed while the outbox cannot be read arrives there', async () => {
  const [dead, after] = [await receiver(), await receiver()];
  await dead.close();
  const { store, away } = outOfSight();
  const { change, notifier } = notify('', {
    destinations: [webhook('chat', dead.url, 'INFO')],
    storage: store,
  });
  change(alert());
  await expect.poll(() => store.waitingDeliveries()[0]?.attempts).toBeGreaterThan(0);
  away();
  await notifier.reconfigure([webhook('chat', after.url, 'INFO')]);
  await expect.poll(() => after.received.map(({ body }) => body['key'])).toEqual(['a1/firing/WARNING']);
});
