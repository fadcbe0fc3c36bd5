import { expect, test } from 'vitest';
import { settleKeyless } from '../../../src/verify/settle/keyless.ts';
import { PairInMemory, type Question, type SideInMemory } from './pair-in-memory.ts';

/** A source that goes on, and has two rows of one content, or three: of the target's it lacks some. */
function queue(lacking: number) {
  const pair = new PairInMemory().both([0, 'aa'], [1, 'aa'], [2, 'bb']);
  if (lacking > 0) pair.target.remove(0);
  const comesAndGoes = (side: SideInMemory, isThere: boolean) => {
    if (isThere) side.put(5, 'aa');
    else side.remove(5);
  };
  // In each round both have as many.
  const of = (side: SideInMemory, inRounds: boolean) => (question: Question, count: number) => {
    if (question === 'multiset') pair.write(2, 'bb');
    comesAndGoes(side, question === 'multiset' ? inRounds : count % 2 === 1);
  };
  pair.source.before = of(pair.source, false);
  pair.target.before = of(pair.target, lacking > 0);
  return settleKeyless(pair.options, { sides: [], masked: () => false, maxRowsListed: 10, maxRows: 1000 });
}

test('a content whose number goes up and down is alike where the target shows the least of it and the most', async () => {
  expect(await queue(0)).toMatchObject({ rows: [], hot: 0, seen: 3 });
});

test('and is not where the target shows one less, though both had as many in each round', async () => {
  expect(await queue(1)).toMatchObject({ rows: [], hot: 1, seen: null });
});
