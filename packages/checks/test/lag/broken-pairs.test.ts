import { beforeEach, expect, test } from 'vitest';
import { BrokenPairs } from '../../src/lag/broken-pairs.ts';
import type { BrokenHistory } from '../../src/model/broken-history.ts';

const had = { kind: 'mariadb-gtid', text: '0-1-9' } as const;
const brokenOf = (pair: string, source = 'A', target = 'B'): BrokenHistory => ({
  pair,
  why: 'parted',
  had,
  source,
  target,
});
const of = (pair: string, target = 'b') => ({ pair, target });
const two = { source: 'A', target: 'B' };

let configured: string[] = [];
let copied: string[] = [];
let kept: Record<string, BrokenHistory[]> = {};
const pairs = () =>
  new BrokenPairs({
    isConfigured: ({ pair }) => configured.includes(pair),
    haveOthers: (...both) => both.some(({ pair }) => copied.includes(pair)),
    onKept: (target, broken) => void (kept[target] = broken),
  });
/** What the next process begins with. */
const later = () => {
  const next = pairs();
  for (const [target, broken] of Object.entries(kept)) next.recall(target, broken);
  return next;
};

beforeEach(() => {
  configured = ['p', 'q'];
  copied = [];
  kept = {};
});

test('a pair has what is known of it by its name, and of the two by any other', () => {
  const all = pairs();
  all.set(of('p'), brokenOf('p'));
  expect(all.get(of('p'))).toEqual(brokenOf('p'));
  expect(all.get(of('q'))).toBeNull();
  expect(all.inherit(of('q'), two, false)).toEqual(brokenOf('q'));
  expect(all.inherit(of('q'), { source: 'A', target: 'C' }, true)).toBeNull();
  expect(kept['b']).toEqual([brokenOf('p')]);
});

test('what is known of a copy is not of the original, though they have one identity', () => {
  const all = pairs();
  all.set(of('p'), brokenOf('p'));
  copied = ['p'];
  expect(all.inherit(of('q'), two, false)).toBeNull();
});

test('what members have of each other holds the other way about as well, but for what the one had', () => {
  const all = pairs();
  all.set(of('p'), brokenOf('p'));
  const other = { source: 'B', target: 'A' };
  expect(all.inherit(of('q', 'a'), other, false)).toBeNull();
  expect(all.inherit(of('q', 'a'), other, true)).toEqual({ ...brokenOf('q', 'B', 'A'), had: null });
});

test('a pair that was renamed, or its target, is the same pair: of the former name nothing is kept', () => {
  const all = pairs();
  all.set(of('p'), brokenOf('p'));
  configured = ['q'];
  const inherited = all.inherit(of('q', 'replica'), two, false)!;
  all.set(of('q', 'replica'), inherited);
  expect(kept).toEqual({ b: [], replica: [brokenOf('q')] });
});

test('what is over for one pair stays for another, over restarts, until it is over for all', () => {
  const all = pairs();
  all.set(of('p'), brokenOf('p'));
  all.set(of('q'), brokenOf('q'));
  all.prove(of('p'), brokenOf('p'));
  // As it is told by the pair.
  all.set(of('p'), null);
  const next = later();
  expect(next.get(of('p'))).toBeNull();
  expect(next.inherit(of('p'), two, false)).toBeNull();
  expect(next.get(of('q'))).toEqual(brokenOf('q'));
  next.prove(of('q'), brokenOf('q'));
  expect(kept['b']).toEqual([]);
  expect(later().inherit(of('p'), two, false)).toBeNull();
});

test('a pair whose two are not the same any more is over, and so is what was kept for one that is gone', () => {
  const all = pairs();
  all.set(of('gone'), brokenOf('gone'));
  all.set(of('gone', 'c'), brokenOf('gone', 'A', 'C'));
  all.set(of('p'), brokenOf('p'));
  all.set(of('q'), brokenOf('q'));
  all.set(of('p'), null);
  expect(kept).toEqual({ b: [brokenOf('q')], c: [brokenOf('gone', 'A', 'C')] });
});

test('what this process saw is newer than what an earlier one kept', () => {
  const all = pairs();
  all.set(of('p'), null);
  all.recall('b', [brokenOf('p'), brokenOf('q')]);
  expect(all.get(of('p'))).toBeNull();
  expect(all.get(of('q'))).toEqual(brokenOf('q'));
});
