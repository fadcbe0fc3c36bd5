import { expect, test } from 'vitest';
import type { Position } from '../../src/position/position.ts';
import type { Barrier } from '../../src/verify/settle/barrier.ts';
import { sandwich } from '../../src/verify/settle/sandwich.ts';

test('evidence is as small for a source with thousands of GTIDs as for one with few', async () => {
  const text = Array.from(
    { length: 5000 },
    (_, i) => `3e11fa47-71ca-11e1-9e33-c80aa94${20_000 + i}:1-9`,
  ).join();
  const position = { kind: 'mysql-gtid', text } as Position;
  const barrier = {
    sourcePosition: () => Promise.resolve(position),
    targetPosition: () => Promise.resolve(position),
    untilTargetHas: () => Promise.resolve(),
    untilSourceHas: () => Promise.resolve(),
  } as unknown as Barrier;
  const read = () => Promise.resolve(0);
  const look = await sandwich(barrier, read, read, new AbortController().signal);
  expect(look.position?.length).toBeLessThanOrEqual(300);
  expect(look.position).toMatch(/^3e11fa47.*…$/);
});
