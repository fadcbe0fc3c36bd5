import { expect, test } from 'vitest';
import type { SideKey } from '../../../src/verify/key/key.ts';
import { explain } from '../../../src/verify/settle/explain.ts';
import { lookAt, matches } from '../../../src/verify/settle/look.ts';
import { settleChunk } from '../../../src/verify/settle/settle-chunk.ts';
import { settlePart } from '../../../src/verify/settle/settle-part.ts';
import { nothingSettled, type Settled } from '../../../src/verify/settle/settle-rows.ts';
import { listSuspects } from '../../../src/verify/settle/suspects.ts';
import { type Content, PairInMemory } from './pair-in-memory.ts';

/** Settles a part, or the whole as a chunk, and gathers what comes of it. */
async function settle(pair: PairInMemory, how: typeof settlePart | 'chunk' = settlePart): Promise<Settled> {
  const all = nothingSettled();
  const take = (settled: Settled) => {
    all.confirmed.push(...settled.confirmed);
    all.hot.push(...settled.hot);
    all.oversized.push(...settled.oversized);
    all.lost.push(...settled.lost);
    all.unproved.keys.push(...settled.unproved.keys);
    return Promise.resolve();
  };
  const look = await lookAt(pair.within, pair.options);
  if (how === 'chunk') await settleChunk(pair.within, look, pair.options, take);
  else await how(look, pair.options, take);
  return all;
}

const keysOf = (rows: { key: unknown }[]) => rows.map(({ key }) => key);
const numbered = (count: number, content: Content = 'aa') =>
  Array.from({ length: count }, (_, i): [number, Content] => [i + 1, content]);

test('chunks match by the number of rows and by their sum, and never where a row could not be hashed', () => {
  const digest = { rows: 2, sum: 5n, oversized: 0 };
  expect(matches({ source: digest, target: { ...digest } })).toBe(true);
  expect(matches({ source: digest, target: { ...digest, rows: 3 } })).toBe(false);
  expect(matches({ source: digest, target: { ...digest, sum: 6n } })).toBe(false);
  expect(matches({ source: digest, target: { ...digest, oversized: 1 } })).toBe(false);
  const large = { ...digest, oversized: 1 };
  expect(matches({ source: large, target: { ...large } })).toBe(false);
});

test('of a part the rows that differ are found in a list, and no others', async () => {
  const pair = new PairInMemory().both(...numbered(6));
  pair.target.remove(2);
  pair.source.remove(4);
  pair.target.put(5, 'bb');
  const { confirmed, lost } = await settle(pair);
  expect(keysOf(confirmed)).toEqual(expect.arrayContaining([[2], [4], [5]]));
  expect(confirmed).toHaveLength(3);
  expect(lost).toEqual([]);
  expect(pair.target.asked.filter((question) => question === 'list')).toHaveLength(1);
  expect(pair.pauses).toBeLessThan(4);
});

test('a part that looked unequal on the way is a match without rows, when the list is the same', async () => {
  const pair = new PairInMemory().both(...numbered(3));
  pair.write(2, 'cc');
  pair.write(4, 'dd');
  pair.write(1, 'gone');
  expect(await settle(pair)).toEqual(nothingSettled());
  expect(pair.pauses).toBe(0);
});

test('a row that was deleted on the source after it was listed is no suspect', async () => {
  const pair = new PairInMemory().both(...numbered(3));
  pair.target.before = (question) => {
    if (question !== 'list') return;
    pair.write(2, 'gone');
    pair.apply();
  };
  const suspects = await listSuspects(3, pair.options);
  expect(suspects).toEqual({ keys: new Map(), ambiguous: new Set(), rows: 2 });
});

test('a row that came, or was changed, while the list was read is no suspect; one that is not the same is', async () => {
  const pair = new PairInMemory().both(...numbered(3));
  pair.target.put(9, null);
  pair.target.before = (question) => {
    if (question !== 'list') return;
    pair.write(2, 'cc');
    pair.write(4, 'dd');
    pair.apply();
    pair.write(3, 'ee');
  };
  const { keys, rows } = await listSuspects(3, pair.options);
  expect([...keys]).toEqual([['9', [9]]]);
  expect(rows).toBe(5);
});

test('a part that grows beyond all measure is not listed to its end, whichever side it grows on', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory();
    for (const row of numbered(1004)) pair[side].put(...row);
    await expect(listSuspects(2, pair.options)).rejects.toThrow(
      'a part of the table grew from 2 to over 1004 rows while it was being compared',
    );
    pair[side].remove(1004);
    expect((await listSuspects(2, pair.options)).keys.size).toBe(1003);
  }
});

test('rows that print one key are not decided by it: they have no name, and are said to have none', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory().both([1, 'aa', '?'], [2, 'bb', '?'], [3, 'cc']);
    pair[side].put(2, 'dd', '?');
    const settled = await settle(pair);
    expect(settled.lost).toEqual([['?']]);
    expect(settled.confirmed).toEqual([]);
    // A row that goes is not there in the next list; one that stays was sought four times.
    expect(pair.target.asked.filter((question) => question === 'list')).toHaveLength(4);
    expect(pair.target.asked).not.toContain('byKeys');
  }
});

test('of two rows that print one key on one side alone neither is decided by it', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory().both([1, 'aa', '?']);
    pair[side].put(2, 'bb', '?');
    expect((await settle(pair)).lost, side).toEqual([['?']]);
  }
});

test('a row that its printed key does not find is told to have no name, and one that was deleted is not', async () => {
  const pair = new PairInMemory().both([1, 'aa', '?'], [2, 'aa']);
  pair.target.put(1, 'bb', '?');
  expect((await settle(pair)).lost).toEqual([['?']]);

  const going = new PairInMemory().both(...numbered(3));
  going.target.put(2, 'bb');
  going.target.before = (question) => {
    if (question !== 'byKeys') return;
    going.source.remove(2);
    going.target.remove(2);
  };
  going.source.before = (question) => {
    if (question !== 'byKeys') return;
    going.source.remove(2);
    going.target.remove(2);
  };
  expect(await settle(going)).toEqual(nothingSettled());
});

test('rows that begin to differ while others are sought anew are left to the next look', async () => {
  const pair = new PairInMemory().both([1, 'aa', '?'], [2, 'aa'], [3, 'aa']);
  pair.target.put(1, 'bb', '?');
  pair.target.before = (question, count) => {
    if (question === 'list' && count === 1) pair.target.put(3, 'cc');
  };
  const { confirmed, lost } = await settle(pair);
  expect(confirmed).toEqual([]);
  expect(lost).toEqual([['?']]);
});

test('what differs and cannot be named is no match', async () => {
  const pair = new PairInMemory().both(...numbered(2));
  const look = await lookAt(pair.within, pair.options);
  pair.target.put(2, 'bb');
  let settled = 0;
  const blind = () => {
    settled++;
    return Promise.resolve({ told: 0, seen: null });
  };
  await expect(explain(look, pair.options, blind)).rejects.toThrow(
    'it differs, and its rows cannot be named',
  );
  expect(settled).toBe(4);
  expect(pair.pauses).toBe(3);
});

test('rows that a look did not see to the end are no match, though the target has none at all', async () => {
  const pair = new PairInMemory();
  pair.source.put(1, 'aa');
  const look = await lookAt(pair.within, pair.options);
  const done = explain(look, pair.options, () => Promise.resolve({ told: 0, seen: null }));
  await expect(done).rejects.toThrow('its rows cannot be named');
});

test('a part that is settled once is explained: by rows that are told, or by a digest that is the same', async () => {
  const pair = new PairInMemory().both(...numbered(2));
  pair.target.put(2, 'bb');
  const look = await lookAt(pair.within, pair.options);
  await explain(look, pair.options, () => Promise.resolve({ told: 1, seen: null }));
  expect(pair.target.asked).toEqual(['digest']);
  pair.target.put(2, 'aa');
  await explain(look, pair.options, () => Promise.resolve({ told: 0, seen: null }));
  expect(pair.target.asked).toEqual(['digest', 'digest']);
  // As of before, or of after.
  for (const reading of [0, 1]) {
    const moving = new PairInMemory().both(...numbered(2));
    moving.source.before = (_, count) => moving.source.put(2, count === reading ? 'aa' : 'ee');
    await explain(look, moving.options, () => Promise.resolve({ told: 0, seen: null }));
    expect(moving.pauses).toBe(0);
  }
});

test('a part that is never the same as a whole is explained when every row that it has was seen to be', async () => {
  const written = () => {
    const pair = new PairInMemory().both(...numbered(3));
    let version = 16;
    pair.source.before = () => pair.source.put(3, (version++).toString(16));
    return pair;
  };
  for (const seen of [3, 2, 4, null]) {
    const pair = written();
    const look = await lookAt(pair.within, pair.options);
    const done = explain(look, pair.options, () => Promise.resolve({ told: 0, seen }));
    if (seen === 3) await done;
    else await expect(done).rejects.toThrow('cannot be named');
  }
  // As many as there were at some moment between the fewest and the most.
  const pair = written();
  const look = await lookAt(pair.within, pair.options);
  pair.target.put(4, 'cc');
  pair.target.put(5, 'cc');
  await explain(look, pair.options, () => Promise.resolve({ told: 0, seen: 4 }));
  // Or when it was counted at first.
  const counted = written();
  const first = { ...look, target: { ...look.target, rows: 2 } };
  await explain(first, counted.options, () => Promise.resolve({ told: 0, seen: 2 }));
});

test('a large chunk is cut, and only what does not match of it is looked at row by row', async () => {
  const pair = new PairInMemory().both(...numbered(9000));
  pair.target.put(1500, 'bb');
  pair.target.put(8999, 'bb');
  const { confirmed } = await settle(pair, 'chunk');
  expect(keysOf(confirmed)).toEqual(expect.arrayContaining([[1500], [8999]]));
  expect(confirmed).toHaveLength(2);
  const asked = (question: string) => pair.target.asked.filter((each) => each === question).length;
  expect(asked('list')).toBe(2);
  // By the source’s rows: into eight, of which two are cut in two again.
  expect(asked('boundary')).toBe(0);
  expect(pair.source.asked.filter((each) => each === 'boundary')).toHaveLength(13);
});

test('it is cut by whichever side has more rows, so that no part is larger than it may be', async () => {
  const pair = new PairInMemory();
  for (const row of numbered(2500)) pair.target.put(...row);
  const { confirmed } = await settle(pair, 'chunk');
  expect(confirmed).toHaveLength(2500);
  expect(pair.source.asked).not.toContain('boundary');
  expect(pair.target.asked.filter((each) => each === 'boundary')).toHaveLength(3);
  expect(pair.target.asked.filter((each) => each === 'list')).toHaveLength(3);
});

test('a chunk with an end is cut up to it and no further', async () => {
  const pair = new PairInMemory().both(...numbered(4000));
  pair.within = { from: [1000], to: [3000] };
  for (const key of [1000, 1001, 3000, 3001]) pair.target.put(key, 'bb');
  const { confirmed } = await settle(pair, 'chunk');
  expect(keysOf(confirmed)).toEqual(expect.arrayContaining([[1001], [3000]]));
  expect(confirmed).toHaveLength(2);
  expect(pair.source.asked.filter((each) => each === 'boundary')).toHaveLength(2);
});

test('a table whose key has no ranges, and a small one, are listed as they are', async () => {
  const pair = new PairInMemory().both(...numbered(1001));
  pair.source.key = { ranged: false } as SideKey;
  pair.target.put(7, 'bb');
  expect((await settle(pair, 'chunk')).confirmed).toHaveLength(1);
  expect(pair.source.asked).not.toContain('boundary');
  const small = new PairInMemory().both(...numbered(1000));
  small.target.put(7, 'bb');
  expect((await settle(small, 'chunk')).confirmed).toHaveLength(1);
  expect(small.source.asked).not.toContain('boundary');
});

test('a key that does not sort as it is printed ends the chunk instead of going round for ever', async () => {
  const pair = new PairInMemory().both(...numbered(1001));
  pair.target.put(7, 'bb');
  let cut = 0;
  pair.source.boundary = () => Promise.resolve([[1001, 2, 900, 3][cut++ % 4]!]);
  await expect(settle(pair, 'chunk')).rejects.toThrow('does not sort as it is printed');
});

test('a failure in one part ends the others before it is told', async () => {
  const pair = new PairInMemory().both(...numbered(9000));
  for (let key = 1; key < 9000; key += 100) pair.target.put(key, 'bb');
  pair.stuck = 'b does not come';
  await expect(settle(pair, 'chunk')).rejects.toThrow('b does not come');
  const asked = pair.target.asked.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(pair.target.asked).toHaveLength(asked);
});

test('who is told to end does not wait to look at a part again', async () => {
  const pair = new PairInMemory().both([1, 'aa', '?'], [2, 'aa']);
  pair.target.put(1, 'bb', '?');
  pair.endsInPause = true;
  await expect(settle(pair)).rejects.toThrow('aborted');
  const blind = new PairInMemory().both(...numbered(2));
  blind.target.put(2, 'bb');
  blind.endsInPause = true;
  const look = await lookAt(blind.within, blind.options);
  const done = explain(look, blind.options, () => Promise.resolve({ told: 0, seen: null }));
  await expect(done).rejects.toThrow('aborted');
});

test('rows that are told explain a part: it is not looked at as a whole once more, and each is handed over once', async () => {
  const looks = async (unlike: (pair: PairInMemory) => void) => {
    const pair = new PairInMemory().both(...numbered(3));
    unlike(pair);
    let takes = 0;
    const look = await lookAt(pair.within, pair.options);
    await settlePart(look, pair.options, () => {
      takes++;
      return Promise.resolve();
    });
    return [pair.target.asked.filter((question) => question === 'digest').length, takes];
  };
  expect(await looks((pair) => pair.target.remove(2)), 'a difference').toEqual([1, 1]);
  expect(await looks((pair) => pair.target.put(2, null)), 'too large').toEqual([1, 1]);
  const hot = (pair: PairInMemory) => {
    let version = 16;
    pair.maxRounds = 2;
    pair.target.put(2, 'ffff');
    pair.source.before = () => pair.source.put(2, (version++).toString(16));
  };
  expect(await looks(hot), 'hot').toEqual([1, 1]);
  const hidden = (pair: PairInMemory) => {
    pair.source.showsPending = false;
    pair.hides = () => 200;
    pair.target.put(2, 'bb');
  };
  expect(await looks(hidden), 'unproved').toEqual([1, 1]);
  const lost = (pair: PairInMemory) => pair.target.put(9, 'aa', '09');
  expect((await looks(lost))[0], 'without a name').toBe(1);
});

test('a row too large to be hashed is a suspect though both sides have it, for nothing is known of it', async () => {
  const pair = new PairInMemory().both([1, 'aa'], [2, null]);
  expect([...(await listSuspects(2, pair.options)).keys]).toEqual([['2', [2]]]);
});

test('a printed key is ambiguous where one side alone has several rows of it', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory().both([1, 'aa', 'x']);
    pair[side].put(2, 'bb', 'x');
    expect([...(await listSuspects(2, pair.options)).ambiguous], side).toEqual(['x']);
  }
});
