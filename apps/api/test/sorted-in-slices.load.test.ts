import { expect, test } from 'vitest';
import { sortedInSlices } from '../src/sorted-in-slices.ts';

test.each([0, 1, 2_000, 2_001, 7_777])(
  '%i items are sorted as in one go, equals in their order',
  async (count) => {
    const items = Array.from({ length: count }, (_, i) => ({ i, rank: (i * 7_919) % 101 }));
    const before = [...items];
    const compare = (a: { rank: number }, b: { rank: number }) => a.rank - b.rank;
    expect(await sortedInSlices(items, compare)).toEqual(items.toSorted(compare));
    expect(items).toEqual(before);
  },
);
