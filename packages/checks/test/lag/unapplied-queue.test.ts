import { expect, test } from 'vitest';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { UnappliedQueue } from '../../src/lag/unapplied-queue.ts';

function at(ms: number, seqno: number, queue: number | null, group = 'g'): PositionSample {
  const position = { kind: 'galera', text: `${group}:${seqno}`, group, seqno: BigInt(seqno) };
  return { sentAt: ms, receivedAt: ms + 10, membership: { position, queue } } as unknown as PositionSample;
}

test('of a node that applies nothing what waits is missing since it was seen to wait', () => {
  const queue = new UnappliedQueue();
  expect(queue.take(at(0, 5, 0))).toBeNull();
  expect(queue.take(at(100, 5, 2))).toEqual({ lagMs: 0, atMostMs: 110 });
  expect(queue.take(at(1100, 5, 7))).toEqual({ lagMs: 1100 - 110, atMostMs: 1110 });
  expect(queue.take(at(1200, 12, 0))).toBeNull();
});

test('of one that goes on it is no older than the look whose queue it has applied since', () => {
  const queue = new UnappliedQueue();
  queue.take(at(0, 5, 0));
  queue.take(at(100, 6, 4));
  queue.take(at(200, 8, 9));
  expect(queue.take(at(300, 10, 9))).toEqual({ lagMs: 0, atMostMs: 310 - 100 });
});

test('of what waited when it was seen first no bound is known, nor of another history', () => {
  const queue = new UnappliedQueue();
  expect(queue.take(at(0, 5, 3))).toEqual({ lagMs: 0, atMostMs: null });
  expect(queue.take(at(500, 5, 3))).toEqual({ lagMs: 490, atMostMs: null });
  expect(queue.take(at(600, 9, 3, 'other'))).toEqual({ lagMs: 0, atMostMs: null });
});

test('a node that waits for days takes bounded memory, and is known to wait since it began', () => {
  const queue = new UnappliedQueue();
  queue.take(at(0, 5, 0));
  for (let look = 1; look < 5000; look++) queue.take(at(look * 100, 5, look));
  expect(queue.take(at(500_000, 5, 5000))).toEqual({ lagMs: 500_000 - 110, atMostMs: 500_010 });
});

test('who tells of no queue, or is in no cluster, is not said to wait', () => {
  const queue = new UnappliedQueue();
  expect(queue.take(at(0, 5, null))).toBeNull();
  expect(queue.take({ sentAt: 0, receivedAt: 1 } as PositionSample)).toBeNull();
});
