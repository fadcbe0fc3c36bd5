import { expect, test } from 'vitest';
import type { TableSide } from '../../../src/verify/chunk/table-side.ts';
import { watchRows } from '../../../src/verify/settle/watch-rows.ts';
import { PairInMemory } from './pair-in-memory.ts';

/** How often the source was read; each reading takes 5 ms. */
async function reads(forMs: number, minReads: number, content: string | null = 'aa') {
  const pair = new PairInMemory().both([1, content]);
  const seen: string[] = [];
  const { within, signal, statementMs } = pair.options;
  await watchRows(
    pair.source as unknown as TableSide,
    [[1]],
    { within, signal, statementMs, forMs, minReads },
    (_, version) => {
      seen.push(version);
      return false;
    },
  );
  return { reads: pair.source.asked.length, seen: seen.length };
}

test('rows are read for so long, and at least so often, over a slow link as well', async () => {
  expect(await reads(200, 2)).toEqual({ reads: 40, seen: 40 });
  expect(await reads(20, 16)).toEqual({ reads: 16, seen: 16 });
});

test('of a row too large to be hashed no version is seen, and it is read on', async () => {
  expect(await reads(20, 16, null)).toEqual({ reads: 16, seen: 0 });
});
