import { expect, test } from 'vitest';
import { SlidingBuffer } from '../../src/pubsub/sliding-buffer.ts';

const shiftAll = (buffer: SlidingBuffer<number>) => {
  const all = [];
  for (let next = buffer.shift(); next; next = buffer.shift()) all.push([next.key, next.value]);
  return all;
};

/** What the buffer promises, said in the plainest way. */
function plainly(limit: number) {
  let waiting: [string, number][] = [];
  let dropped = 0;
  return {
    push(key: string, value: number) {
      const known = waiting.find(([name]) => name === key);
      if (known) known[1] = value;
      else {
        if (waiting.length >= limit) dropped++;
        waiting = [...waiting.slice(waiting.length >= limit ? 1 : 0), [key, value]];
      }
    },
    shift: () => waiting.shift() ?? null,
    has: (key: string) => waiting.some(([name]) => name === key),
    clear: () => (waiting = []),
    now: () => [waiting.length, dropped],
  };
}

test('the latest value of a key waits at the place of its first', () => {
  const buffer = new SlidingBuffer<number>(10);
  for (const [key, value] of Object.entries({ a: 1, b: 2, c: 3 })) buffer.push(key, value);
  buffer.push('a', 4);
  buffer.push('c', 5);
  expect(shiftAll(buffer)).toEqual([
    ['a', 4],
    ['b', 2],
    ['c', 5],
  ]);
});

test('past the limit the oldest key goes, and is counted', () => {
  const buffer = new SlidingBuffer<number>(2);
  for (const [key, value] of Object.entries({ a: 1, b: 2, c: 3 })) buffer.push(key, value);
  buffer.push('b', 4);
  expect([buffer.size, buffer.dropped, buffer.has('a'), buffer.has('b')]).toEqual([2, 1, false, true]);
  expect(shiftAll(buffer)).toEqual([
    ['b', 4],
    ['c', 3],
  ]);
});

test.each([1, 2, 3, 7])('whatever is done in whatever order, no more than %i wait, oldest first', (limit) => {
  const buffer = new SlidingBuffer<number>(limit);
  const expected = plainly(limit);
  let seed = limit;
  const draw = (below: number) => (seed = (seed * 16_807) % 2_147_483_647) % below;
  for (let step = 0; step < 2_000; step++) {
    const key = 'abcdefghi'.charAt(draw(9));
    if (draw(500) === 0) {
      buffer.clear();
      expected.clear();
    } else if (draw(3) > 0) {
      buffer.push(key, step);
      expected.push(key, step);
    } else {
      const next = buffer.shift();
      expect(next && [next.key, next.value]).toEqual(expected.shift());
    }
    expect([buffer.size, buffer.dropped]).toEqual(expected.now());
    expect(buffer.has(key)).toBe(expected.has(key));
  }
});
