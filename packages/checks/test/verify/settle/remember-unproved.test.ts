import { expect, test } from 'vitest';
import type { ReplicationRoute } from '../../../src/position/replication-route.ts';
import { blindWaits } from '../../../src/verify/settle/blind-waits.ts';
import { rememberUnproved } from '../../../src/verify/settle/remember-unproved.ts';
import { ReplicationBarrier } from '../../../src/verify/settle/replication-barrier.ts';
import { facts } from '../../support/replication.ts';
import { answering, executed, route } from '../../support/servers-that-answer.ts';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const { signal } = new AbortController();
const known = route({ group: true });
const doubted = route({ kind: null, group: true, unproved: 'b: it is cut off' });

/** A pair of which there is a way, which changes. */
function pair(by: ReplicationRoute) {
  const answers = {
    gtid_executed: executed(`${uuid}:1-5`),
  };
  let now = by;
  const shared = new ReplicationBarrier({
    source: answering('a', facts('mysql', { uuid }), answers).server,
    target: answering('b', facts('mysql', { uuid }), answers).server,
    route: () => now,
    waitMs: 30,
    settleMs: 1,
  });
  return { shared, goes: (next: ReplicationRoute) => (now = next) };
}

test('what a look waited for while positions told nothing is not known to have come, whatever they tell then', async () => {
  for (const wait of ['target', 'source'] as const) {
    const { shared, goes } = pair(doubted);
    const { barrier, blind } = blindWaits(shared);
    const position = await barrier[`${wait}Position`](signal);
    goes(known);
    expect([position, blind()]).toEqual([null, null]);
    await (wait === 'target'
      ? barrier.untilSourceHas(position, signal)
      : barrier.untilTargetHas(position, signal));
    expect([barrier.unproved, blind()]).toEqual([null, 'b: it is cut off']);
    expect(blindWaits(shared).blind()).toBeNull();
  }
});

test('a position that was there proves what it proved, whatever came in between', async () => {
  const { shared, goes } = pair(doubted);
  const { barrier, blind } = blindWaits(shared);
  await barrier.sourcePosition(signal);
  goes(route());
  await barrier.untilTargetHas(await barrier.sourcePosition(signal), signal);
  goes(doubted);
  expect([barrier.unproved, blind()]).toEqual(['b: it is cut off', null]);
});

test('without replication there is nothing to prove', async () => {
  const { barrier, blind } = blindWaits(pair(route({ kind: null })).shared);
  await barrier.untilTargetHas(await barrier.sourcePosition(signal), signal);
  expect(blind()).toBeNull();
});

test('what was confirmed without proof stays so for that table, and for no other', () => {
  const { shared, goes } = pair(known);
  const barrier = rememberUnproved(shared);
  expect(barrier.unproved).toBeNull();
  barrier.keepUnproved('b: it was cut off');
  barrier.keepUnproved('b: it has left');
  expect(barrier.unproved).toBe('b: it was cut off');
  goes(doubted);
  expect(barrier.unproved).toBe('b: it is cut off');
  goes(known);
  expect(rememberUnproved(shared).unproved).toBeNull();
});

test('positions that tell nothing any more when they come to be read are no position that was not there', async () => {
  const { shared, goes } = pair(route());
  const [first, next] = [shared.sourcePosition(signal), shared.sourcePosition(signal)];
  goes({ ...doubted, evidence: 'b: it is cut off' });
  expect(await first).not.toBeNull();
  await expect(next).rejects.toThrow('b: it is cut off');
});
