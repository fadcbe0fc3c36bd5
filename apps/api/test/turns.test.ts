import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Turns } from '../src/turns.ts';

/** Which test it is: what goes on and on goes on no longer than its own, for others use the same event loop. */
let now = 0;
afterEach(() => void now++);

/** What works until its turn's slice is used up, and wants another. */
function long(turns: Turns, done: { count: number }, whose?: string): () => void {
  return goingOn((again) => {
    while (!turns.exhausted());
    done.count++;
    turns.later(again, whose);
  });
}

function goingOn(work: (again: () => void) => void): () => void {
  const of = now;
  const again = () => {
    if (of === now) work(again);
  };
  return again;
}

test("nobody's one waits behind all of another's many, nor are those forgotten", async () => {
  const turns = new Turns();
  const done = { count: 0 };
  for (let i = 0; i < 100; i++) turns.later(long(turns, done, 'many'), 'many');
  for (let i = 0; i < 5; i++) {
    const before = done.count;
    await turns.next('one');
    await turns.next('another');
    expect(done.count - before).toBeLessThan(6);
  }
  const told = new Set<number>();
  for (let i = 0; i < 100; i++) turns.later(() => void told.add(i), 'few');
  for (let i = 0; i < 250 && told.size < 100; i++) await turn();
  expect([...told]).toEqual([...Array(100).keys()]);
});

test('what is asked once waits for none of the many that go on and on, nor they for all that is asked', async () => {
  const turns = new Turns();
  let lasts = 0;
  const lasting = () =>
    goingOn((again) => {
      while (!turns.exhausted());
      lasts++;
      turns.lastly(again);
    });
  for (let i = 0; i < 5_000; i++) turns.lastly(lasting());
  await turns.next();
  expect(lasts).toBeLessThan(5);
  const done = { count: 0 };
  for (let i = 0; i < 50; i++) turns.later(long(turns, done));
  const before = lasts;
  for (let i = 0; i < 12; i++) await turn();
  expect(done.count).toBeGreaterThan(2);
  expect(lasts - before).toBeGreaterThan(2);
});

test('what is little and new does not wait behind all that is long, nor that behind it', async () => {
  const turns = new Turns();
  const done = { count: 0 };
  for (let i = 0; i < 50; i++) turns.later(long(turns, done));
  let told = 0;
  turns.soon(
    goingOn((again) => {
      while (!turns.exhausted());
      told++;
      turns.soon(again);
    }),
  );
  for (let i = 0; i < 12; i++) await turn();
  expect(told).toBeGreaterThan(2);
  expect(done.count).toBeGreaterThan(2);
});

test('a slice ends with its turn, whether somebody waits for the next one or not', async () => {
  const turns = new Turns();
  await turns.next();
  while (!turns.exhausted());
  for (let i = 0; i < 3; i++) await turn();
  expect(turns.exhausted()).toBe(false);
});
