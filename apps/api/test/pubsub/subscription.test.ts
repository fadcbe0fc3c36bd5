import { setImmediate as nextTurn } from 'node:timers/promises';
import { patient } from '@lockstep/servers/patience';
import { describe, expect, test, vi } from 'vitest';
import { SharedRoom } from '../../src/pubsub/shared-room.ts';
import { Subscription } from '../../src/pubsub/subscription.ts';
import { turns } from '../../src/turns.ts';

interface Reading {
  of: string;
  value: number;
}

function subscribe(current: Reading[] = [], limit?: number, missed?: (count: number) => Reading | Error) {
  const ends = { count: 0 };
  let push: (reading: Reading) => void = () => {};
  const subscription = new Subscription<Reading>({
    listen: (to) => {
      push = to;
      return () => ends.count++;
    },
    current: () => current,
    keyOf: (reading) => reading.of,
    ...(limit !== undefined && { limit }),
    ...(missed && { missed }),
  });
  return { subscription, ends, push: (of: string, value: number) => push({ of, value }) };
}

const next = async (subscription: Subscription<Reading>) => (await subscription.next()).value;

test('while nobody reads, only the latest value of each key is kept', async () => {
  const { subscription, push } = subscribe();
  for (let value = 1; value <= 1000; value++) {
    push('a', value);
    push('b', -value);
  }
  expect(await next(subscription)).toEqual({ of: 'a', value: 1000 });
  expect(await next(subscription)).toEqual({ of: 'b', value: -1000 });
  push('a', 1001);
  expect(await next(subscription)).toEqual({ of: 'a', value: 1001 });
});

test('past its limit of keys the oldest goes, so its memory is bounded', async () => {
  const { subscription, push } = subscribe([], 3);
  for (const key of ['a', 'b', 'c', 'd', 'e']) push(key, 1);
  expect([await next(subscription), await next(subscription), await next(subscription)]).toMatchObject([
    { of: 'c' },
    { of: 'd' },
    { of: 'e' },
  ]);
});

test('a busy key does not keep others waiting', async () => {
  const { subscription, push } = subscribe();
  push('busy', 1);
  push('quiet', 1);
  push('busy', 2);
  expect(await next(subscription)).toEqual({ of: 'busy', value: 2 });
  push('busy', 3);
  expect(await next(subscription)).toEqual({ of: 'quiet', value: 1 });
});

test('a current value that an event has overtaken is not sent any more', async () => {
  const { subscription, push } = subscribe([
    { of: 'a', value: 1 },
    { of: 'b', value: 1 },
  ]);
  push('a', 2);
  expect(await next(subscription)).toEqual({ of: 'b', value: 1 });
  expect(await next(subscription)).toEqual({ of: 'a', value: 2 });
});

test('it listens before anybody reads, and until it is ended, once', async () => {
  const { subscription, ends, push } = subscribe();
  push('a', 1);
  const readers = [next(subscription), next(subscription), next(subscription)];
  // Of another key: a reader may have to wait for their turn, and then the latest is theirs.
  push('b', 2);
  await subscription.return();
  await subscription.return();
  expect(await Promise.all(readers)).toEqual([{ of: 'a', value: 1 }, { of: 'b', value: 2 }, undefined]);
  expect(ends.count).toBe(1);
  push('a', 3);
  expect(await subscription.next()).toEqual({ done: true, value: undefined });
});

describe('in a turn that is used up,', () => {
  const useUp = () => {
    while (!turns.exhausted());
  };

  test('who waits for another gets the latest, in the order of asking, and what came before the end', async () => {
    const { subscription, push } = subscribe([{ of: 'a', value: 1 }]);
    useUp();
    const readers = [next(subscription), next(subscription)];
    push('a', 2);
    push('b', 2);
    readers.push(next(subscription), next(subscription));
    push('c', 2);
    await subscription.return();
    expect(await Promise.all(readers)).toEqual([
      ...['a', 'b', 'c'].map((of) => ({ of, value: 2 })),
      undefined,
    ]);
  });

  test('who finds nothing at hand after all waits for what comes, in the order of asking', async () => {
    const { subscription, push } = subscribe([]);
    useUp();
    const readers = [next(subscription), next(subscription)];
    await nextTurn();
    push('a', 1);
    push('b', 1);
    expect(await Promise.all(readers)).toEqual(['a', 'b'].map((of) => ({ of, value: 1 })));
  });

  test('who lost something is told so, and who asked behind them is not kept waiting', async () => {
    const { subscription, push } = subscribe([], 1, (count) => new Error(`${count} missing`));
    push('a', 1);
    push('b', 1);
    useUp();
    const readers = [subscription.next(), subscription.next()];
    await expect(readers[0]).rejects.toThrow('1 missing');
    expect(await readers[1]).toMatchObject({ value: { of: 'b' } });
  });
});

test('a reader who lost something is told how much, before what comes after it, once', async () => {
  const { subscription, push } = subscribe([], 2, (count) => ({ of: 'missed', value: count }));
  for (const key of ['a', 'b', 'c', 'd', 'e']) push(key, 1);
  expect(await next(subscription)).toEqual({ of: 'missed', value: 3 });
  expect(await next(subscription)).toEqual({ of: 'd', value: 1 });
  expect(await next(subscription)).toEqual({ of: 'e', value: 1 });
  push('a', 2);
  expect(await next(subscription)).toEqual({ of: 'a', value: 2 });
});

test('a stream that cannot say so between its values ends by it', async () => {
  const { subscription, ends, push } = subscribe([], 1, (count) => new Error(`${count} missing`));
  push('a', 1);
  push('b', 1);
  await expect(subscription.next()).rejects.toThrow('1 missing');
  expect(ends.count).toBe(1);
  expect(await subscription.next()).toEqual({ done: true, value: undefined });
});

test('of an event for many, others have their turn before all have sent it', async () => {
  const many = 64;
  const crowd = Array.from({ length: many }, () => subscribe());
  let told = 0;
  const all = crowd.map(async ({ subscription }) => {
    await subscription.next();
    // However fast or slow the machine is, that is all there is of the turn.
    while (!turns.exhausted());
    told++;
  });
  const toldAtTurns: number[] = [];
  const turn = () => {
    toldAtTurns.push(told);
    if (told < many) setImmediate(turn);
  };
  setImmediate(turn);
  for (const { push } of crowd) push('a', 1);
  await Promise.all(all);
  expect(toldAtTurns.filter((count) => count > 0 && count < many)).not.toEqual([]);
});

test('what is dear to tell is told one by one, with a turn for others between', async () => {
  await turns.next();
  const many = 64;
  const crowd = Array.from({ length: many }, () => subscribe());
  let told = 0;
  const flows = crowd.map(({ subscription }) =>
    subscription.flow(() => {
      while (!turns.exhausted());
      told++;
    }),
  );
  for (const { push } of crowd) push('a', 1);
  const inTurns: number[] = [];
  for (let before = 0; told < many; before = told) {
    await nextTurn();
    inTurns.push(told - before);
  }
  expect(Math.max(...inTurns)).toBe(1);
  for (const { subscription } of crowd) await subscription.return();
  await Promise.all(flows);
});

describe('handed over without a promise for each,', () => {
  const current = [
    { of: 'a', value: 1 },
    { of: 'b', value: 1 },
  ];

  test('what is so now comes first, then each event in its order, until the end', async () => {
    const { subscription, push } = subscribe(current);
    const taken: Reading[] = [];
    const over = subscription.flow((reading) => void taken.push(reading));
    await vi.waitFor(() => expect(taken).toEqual(current), patient);
    push('a', 2);
    push('b', 2);
    await vi.waitFor(() => expect(taken).toHaveLength(4), patient);
    push('c', 3);
    await subscription.return();
    await over;
    expect(taken.slice(2)).toEqual([
      { of: 'a', value: 2 },
      { of: 'b', value: 2 },
      { of: 'c', value: 3 },
    ]);
  });

  test('who is slow is given nothing more before they are ready, and then the latest', async () => {
    const { subscription, push } = subscribe();
    const taken: number[] = [];
    const ready = Promise.withResolvers<void>();
    const over = subscription.flow(({ value }) => {
      taken.push(value);
      if (value === 1) return ready.promise;
    });
    push('a', 1);
    await vi.waitFor(() => expect(taken).toEqual([1]), patient);
    for (let value = 2; value <= 100; value++) push('a', value);
    await nextTurn();
    expect(taken).toEqual([1]);
    ready.resolve();
    await vi.waitFor(() => expect(taken).toEqual([1, 100]), patient);
    await subscription.return();
    await over;
  });

  test('what was lost is told, or ends it with an error', async () => {
    const told = subscribe([], 2, (count) => ({ of: 'missed', value: count }));
    const failed = subscribe([], 2, (count) => new Error(`${count} lost`));
    for (const { push } of [told, failed]) for (const key of ['a', 'b', 'c', 'd']) push(key, 1);
    const taken: string[] = [];
    void told.subscription.flow(({ of }) => void taken.push(of));
    await vi.waitFor(() => expect(taken).toEqual(['missed', 'c', 'd']), patient);
    await expect(failed.subscription.flow(() => {})).rejects.toThrow('2 lost');
    expect(failed.ends.count).toBe(1);
  });

  test('what cannot be taken ends it', async () => {
    const { subscription, push, ends } = subscribe();
    const over = subscription.flow(() => {
      throw new Error('gone');
    });
    push('a', 1);
    await expect(over).rejects.toThrow('gone');
    expect(ends.count).toBe(1);
  });

  test('much that is at hand leaves others their turns', async () => {
    const many = Array.from({ length: 100 }, (_, value) => ({ of: `${value}`, value }));
    const { subscription } = subscribe(many);
    let taken = 0;
    const over = subscription.flow(() => {
      taken++;
      for (const until = performance.now() + 1; performance.now() < until;);
    });
    expect(taken).toBeLessThan(many.length);
    await vi.waitFor(() => expect(taken).toBe(many.length), patient);
    await subscription.return();
    await over;
  });
});

test('of what waits for all together there is a bound: who has most of it loses the oldest, and who has little nothing', async () => {
  const room = new SharedRoom(1_000);
  const begin = () => {
    let push: (value: number) => void = () => {};
    const subscription = new Subscription<number>({
      listen: (to) => {
        push = to;
        return () => {};
      },
      keyOf: String,
      room,
      missed: (count) => -count,
    });
    return { subscription, push: (value: number) => push(value) };
  };
  const many = Array.from({ length: 9 }, begin);
  const few = begin();
  for (let value = 1; value <= 50; value++) few.push(value);
  for (const { push } of many) for (let value = 1; value <= 4_000; value++) push(value);
  expect(room.waiting).toBeLessThan(2_000);
  for (let value = 51; value <= 60; value++) few.push(value);
  expect((await few.subscription.next()).value).toBe(1);
  expect(room.waiting).toBeGreaterThan(900);
  for (const { subscription } of many) {
    const lost = -Number((await subscription.next()).value);
    expect(lost).toBeGreaterThan(2_900);
    expect((await subscription.next()).value).toBe(lost + 1);
    await subscription.return();
    await subscription.return();
  }
  expect(room.waiting).toBe(59);
  // What others left is theirs who are here.
  for (let value = 61; value <= 900; value++) few.push(value);
  expect((await few.subscription.next()).value).toBe(2);
  await few.subscription.return();
  expect(room.waiting).toBe(0);
});
