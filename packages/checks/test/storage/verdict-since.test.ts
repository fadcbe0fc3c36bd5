import { expect, test } from 'vitest';
import type { Verdict } from '../../src/model/index.ts';
import { open, tempFile } from './fixtures.ts';
import { result, START } from './nouns.ts';

const minute = 60_000;
const at = (n: number) => new Date(START + n * minute);

test.for<[string, Verdict[], number, [Verdict, number] | null]>([
  ['the first of those that say the same', ['MATCH', 'DIFFERENT', 'DIFFERENT'], 1, ['MATCH', 0]],
  ['a verdict that came back is as old as its return', ['DIFFERENT', 'MATCH', 'DIFFERENT'], 2, ['MATCH', 1]],
  [
    'one that decided nothing interrupts nothing',
    ['MATCH', 'DIFFERENT', 'ERROR', 'DIFFERENT'],
    1,
    ['MATCH', 0],
  ],
  ['nor does it come before', ['MATCH', 'UNVERIFIED', 'DIFFERENT'], 2, ['MATCH', 0]],
  ['what is undecided is so since the last decision', ['MATCH', 'UNVERIFIED', 'UNVERIFIED'], 1, ['MATCH', 0]],
  ['another kind of wrong is another verdict', ['DIFFERENT', 'MISSING'], 1, ['DIFFERENT', 0]],
  ['nothing else is known', ['DIFFERENT', 'DIFFERENT'], 0, null],
])('since when a table has its verdict: %s', ([, verdicts, since, before]) => {
  const storage = open(tempFile());
  for (const [n, verdict] of verdicts.entries()) {
    // Half are in the file and half still wait for it.
    if (n === 2) storage.flush();
    storage.recordResult(result(`r${n}`, START + n * minute, { verdict, reason: `${n}` }));
    storage.recordResult(result(`r${n}`, START + n * minute, { table: 'customers', verdict: 'MATCH' }));
  }
  expect(storage.verdictSince('orders', 'checksum', 'shop', 'orders')).toEqual({
    since: at(since),
    before: before && {
      verdict: before[0],
      reason: `${before[1]}`,
      finishedAt: at(before[1]),
      runId: `r${before[1]}`,
    },
  });
  expect(storage.verdictSince('orders', 'checksum', 'shop', 'unknown')).toBeNull();
});
