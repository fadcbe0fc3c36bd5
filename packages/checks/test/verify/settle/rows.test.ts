import { expect, test } from 'vitest';
import { evidenceOf, settleRows } from '../../../src/verify/settle/settle-rows.ts';
import { PairInMemory } from './pair-in-memory.ts';

const keys = (...numbers: number[]) => numbers.map((number) => [number]);

test('a row that is missing, one too many and one that is not the same are each said to be that', async () => {
  const pair = new PairInMemory().both([1, 'a1'], [2, 'a2'], [3, 'a3'], [4, 'a4']);
  pair.target.remove(1);
  pair.source.remove(2);
  pair.target.put(3, 'b3');
  const { confirmed, ...rest } = await settleRows(keys(1, 2, 3, 4), pair.options);
  expect(confirmed).toMatchObject([
    { kind: 'missing', key: [1], source: 'a1', target: null },
    { kind: 'surplus', key: [2], source: null, target: 'a2' },
    { kind: 'changed', key: [3], source: 'a3', target: 'b3' },
  ]);
  expect(rest).toEqual({
    hot: [],
    oversized: [],
    lost: [],
    unproved: { keys: [], because: new Set() },
  });
});

test('a difference has the evidence of two rounds and of the look that proved it, each as of its position', async () => {
  const pair = new PairInMemory().both([1, 'a1']);
  pair.target.remove(1);
  const [row] = (await settleRows(keys(1), pair.options)).confirmed;
  const rounds = evidenceOf(row!);
  expect(rounds).toHaveLength(3);
  for (const { at, position, sourceBefore, target, sourceAfter } of rounds) {
    expect(at).toBeInstanceOf(Date);
    expect(position).toBe('0-1-1');
    expect(sourceBefore).toMatch(/^[0-9a-f]{32}$/);
    expect([target, sourceAfter]).toEqual([null, sourceBefore]);
  }
  pair.both([1, 'a1']);
  pair.source.remove(1);
  const surplus = evidenceOf((await settleRows(keys(1), pair.options)).confirmed[0]!)[0]!;
  expect([surplus.sourceBefore, surplus.sourceAfter]).toEqual([null, null]);
  expect(surplus.target).toBe(rounds[0]!.sourceBefore);
});

test('what is on its way is waited for, and is no difference', async () => {
  const pair = new PairInMemory().both([1, 'a1'], [2, 'a2'], [3, 'a3']);
  pair.write(1, 'c1');
  pair.write(2, 'gone');
  pair.write(4, 'c4');
  expect(await settleRows(keys(1, 2, 4), pair.options)).toMatchObject({
    confirmed: [],
    hot: [],
    lost: [[2]],
  });
});

test('a row that the source wrote while the target was read is the same by the source’s reading afterwards', async () => {
  const pair = new PairInMemory().both([1, 'a1']);
  pair.target.before = (_, count) => {
    if (count > 0) return;
    pair.write(1, 'b1');
    pair.apply();
  };
  expect(await settleRows(keys(1), pair.options)).toMatchObject({ confirmed: [], hot: [] });
  expect(pair.target.asked).toEqual(['byKeys']);
});

test('a row too large to be hashed is told apart, whichever side has it', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory().both([1, 'a1'], [2, 'a2']);
    pair[side].put(1, null);
    const settled = await settleRows(keys(1, 2), pair.options);
    expect(settled.oversized, side).toEqual([[1]]);
    expect(settled.confirmed).toEqual([]);
  }
});

test('a row too large to be hashed at the last of three readings alone is no difference', async () => {
  const pair = new PairInMemory().both([1, 'a1']);
  pair.target.put(1, 'b1');
  pair.source.before = (_, count) => {
    if (count === 1) pair.source.put(1, null);
  };
  expect((await settleRows(keys(1), pair.options)).oversized).toEqual([[1]]);
});

test('a key that finds a row on neither side is lost, not the same', async () => {
  const pair = new PairInMemory().both([1, 'a1']);
  expect((await settleRows(keys(1, 2), pair.options)).lost).toEqual([[2]]);
});

test('a row that goes to and fro on the source is no difference, though it looks like one in every round', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  // The target shows what the source had in between.
  let flips = 0;
  pair.target.put(1, 'bb');
  pair.source.before = () => {
    flips++;
    if (flips === 3) pair.source.put(1, 'bb');
    if (flips === 4) pair.source.put(1, 'aa');
  };
  const { confirmed } = await settleRows(keys(1), pair.options);
  expect(confirmed).toEqual([]);
});

test('rounds that do not show the same begin anew: two in a row propose a difference', async () => {
  const pair = new PairInMemory().both([1, 'a1']);
  const shown = ['b1', 'c1', 'd1', 'e1', 'e1'];
  pair.target.before = (_, count) => pair.target.put(1, shown[count] ?? 'e1');
  const [row] = (await settleRows(keys(1), pair.options)).confirmed;
  expect(row).toMatchObject({ source: 'a1', target: 'e1' });
  expect(row?.looks).toHaveLength(3);
});

test('rounds after which the source wrote the row do not count', async () => {
  const pair = new PairInMemory().both([1, 'a0']);
  pair.target.put(1, 'ff');
  // Read before and after in the rounds: another content each time, until it stands still at the fifth reading.
  pair.source.before = (_, count) => pair.source.put(1, `a${Math.min(count, 5)}`);
  const [row] = (await settleRows(keys(1), pair.options)).confirmed;
  expect(row).toMatchObject({ source: 'a5', target: 'ff' });
  expect(row?.looks).toHaveLength(3);
  expect(pair.pauses).toBeGreaterThanOrEqual(4);
});

test('a row written in every round is too hot to be compared, unless the target shows what the source had', async () => {
  const lost = new PairInMemory().both([1, 'a0']);
  lost.target.put(1, 'ff');
  let version = 0;
  lost.source.before = () => lost.source.put(1, `a${version++}`);
  const settled = await settleRows(keys(1), lost.options);
  expect(settled).toMatchObject({ confirmed: [], hot: [[1]] });

  const follows = new PairInMemory().both([1, 'a0']);
  let written = 0;
  follows.source.before = () => follows.write(1, `a${written++}`);
  // Somewhat behind, as of a moment that the source was never read at in a round.
  follows.target.before = () => {
    follows.write(1, `b${written++}`);
    follows.apply();
    follows.write(1, `c${written++}`);
  };
  follows.maxRounds = 3;
  const before = follows.target.asked.length;
  expect((await settleRows(keys(1), follows.options)).confirmed).toEqual([]);
  expect(follows.target.asked.length).toBeGreaterThan(before);
});

test('no more rounds are looked than may be', async () => {
  const pair = new PairInMemory().both([1, 'a1']);
  pair.target.put(1, 'ff');
  let version = 16;
  pair.source.before = () => pair.source.put(1, (version++).toString(16));
  pair.maxRounds = 2;
  pair.target.before = (_, count) => {
    if (count === 2) pair.target.put(1, 'ee');
  };
  // Two rounds read the source twice each; what comes after them are bursts.
  const asked: number[] = [];
  pair.barrier.untilTargetHas = () => {
    asked.push(pair.source.asked.length);
    return Promise.resolve();
  };
  await settleRows(keys(1), pair.options);
  expect(asked.slice(0, 2)).toEqual([1, 3]);
  expect(asked[2]).toBeGreaterThanOrEqual(4 + 16);
  expect(pair.pauses).toBe(1);
});

test('many rows are asked for a thousand at a time', async () => {
  const pair = new PairInMemory();
  const many = Array.from({ length: 1001 }, (_, i) => i);
  pair.both(...many.map((key): [number, string] => [key, 'aa']));
  pair.target.put(1000, 'bb');
  const { confirmed } = await settleRows(
    many.map((key) => [key]),
    pair.options,
  );
  expect(confirmed.map(({ key }) => key)).toEqual([[1000]]);
  const again = new PairInMemory().both([1, 'aa']);
  await settleRows(keys(1), again.options);
  expect(again.target.asked).toHaveLength(1);
});

test('of many rows that differ it is asked by one number whether anything moves', async () => {
  const pair = new PairInMemory();
  const many = Array.from({ length: 21 }, (_, i) => i);
  pair.both(...many.map((key): [number, string] => [key, 'aa']));
  for (const key of many) pair.target.put(key, 'bb');
  pair.source.remove(20);
  pair.target.remove(19);
  const { confirmed } = await settleRows(
    many.map((key) => [key]),
    pair.options,
  );
  expect(confirmed).toHaveLength(21);
  expect(pair.target.asked).toEqual(['byKeys', 'byKeys', 'digestOfKeys']);
  expect(pair.source.asked.filter((question) => question === 'digestOfKeys')).toHaveLength(2);
  const few = new PairInMemory();
  for (const key of many.slice(0, 20)) few.both([key, 'aa']).target.put(key, 'bb');
  await settleRows(
    many.slice(0, 20).map((key) => [key]),
    few.options,
  );
  expect(few.target.asked).toEqual(['byKeys', 'byKeys', 'byKeys']);
});

test('where one of many rows moves, the others are proved one by one', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory();
    const many = Array.from({ length: 21 }, (_, i) => i);
    pair.both(...many.map((key): [number, string] => [key, 'aa']));
    for (const key of many) pair.target.put(key, 'bb');
    pair[side].before = (question) => {
      if (question === 'digestOfKeys') pair.both([7, 'cc']);
    };
    const { confirmed, hot } = await settleRows(
      many.map((key) => [key]),
      pair.options,
    );
    expect(confirmed).toHaveLength(20);
    expect(confirmed.map(({ key }) => key)).not.toContainEqual([7]);
    expect(hot).toEqual([]);
  }
});

test('a row that moves in the look that would prove it is not said to differ', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory().both([1, 'aa'], [2, 'aa']);
    pair.target.put(1, 'bb');
    pair.target.put(2, 'bb');
    pair[side].before = (_, count) => {
      if (count === (side === 'source' ? 4 : 2)) pair.both([1, 'cc']);
    };
    const { confirmed } = await settleRows(keys(1, 2), pair.options);
    expect(
      confirmed.map(({ key }) => key),
      side,
    ).toEqual([[2]]);
  }
});

test('a row that grew too large to be hashed shows nothing that proves', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.target.remove(1);
  pair.target.before = (_, count) => {
    if (count === 2) pair.target.put(1, null);
  };
  const { confirmed, hot } = await settleRows(keys(1), pair.options);
  expect(confirmed).toEqual([]);
  expect(hot).toEqual([[1]]);
});

test('what the source goes on hiding may be in flight: it is not said to differ, and the reason is', async () => {
  const pair = new PairInMemory().both([1, 'aa'], [2, 'aa']);
  pair.target.put(1, 'bb');
  pair.source.showsPending = false;
  const hidden = [300, 200, 250.4];
  let asked = 0;
  pair.hides = () => hidden[asked++ % 3]!;
  const { confirmed, unproved, hot } = await settleRows(keys(1, 2), pair.options);
  expect(confirmed).toEqual([]);
  expect(hot).toEqual([]);
  expect(unproved.keys).toEqual([[1]]);
  const [because, ...others] = [...unproved.because];
  expect(others).toEqual([]);
  expect(because).toMatch(
    /^what differs may be in flight: a shows what it has sent only \d+ ms later, or more$/,
  );
  expect(because).toContain('only 200 ms');
});

test('of what is hidden a row is cleared once the target shows a version that the source had', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.target.put(1, 'bb');
  pair.source.showsPending = false;
  pair.hides = () => 200;
  let reads = 0;
  pair.source.before = () => {
    reads++;
    // Bursts alone read so often without asking what is hidden.
    pair.source.put(1, reads > 100 ? 'bb' : 'aa');
  };
  const settled = await settleRows(keys(1), pair.options);
  expect(settled).toMatchObject({ confirmed: [], hot: [] });
});

test('more rows than can be watched one by one are hot without a further look, as is none', async () => {
  const written = async (rows: number) => {
    const pair = new PairInMemory();
    const many = Array.from({ length: rows }, (_, i) => i);
    let version = 0;
    pair.source.before = () => {
      version++;
      for (const key of many) pair.source.put(key, version.toString(16));
    };
    pair.target.put(0, 'ffffff');
    pair.maxRounds = 1;
    let bursts = -1;
    pair.barrier.untilTargetHas = () => {
      bursts++;
      return Promise.resolve();
    };
    const { hot } = await settleRows(
      many.map((key) => [key]),
      pair.options,
    );
    return { hot: hot.length, bursts };
  };
  expect(await written(50)).toEqual({ hot: 50, bursts: 6 });
  expect(await written(51)).toEqual({ hot: 51, bursts: 0 });
});

test('who is told to end waits for no further round, and no further proof', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.target.put(1, 'bb');
  pair.endsInPause = true;
  await expect(settleRows(keys(1), pair.options)).rejects.toThrow('aborted');
});

test('of a source that hides something, what is not committed may be anything, but what the target has', async () => {
  const pair = new PairInMemory().both([1, 'aa'], [2, 'aa']);
  pair.target.put(1, 'bb');
  pair.target.put(2, 'bb');
  pair.hides = () => 120;
  pair.source.pending = [
    { key: 1, content: 'bb' },
    { key: 2, content: 'ee' },
  ];
  const { confirmed } = await settleRows(keys(1, 2), pair.options);
  expect(confirmed.map(({ key }) => key)).toEqual([[2]]);
});

test('on a source that stands still a difference is proved without a further pause', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.target.put(1, 'bb');
  expect((await settleRows(keys(1), pair.options)).confirmed).toHaveLength(1);
  // Between the two rounds.
  expect(pair.pauses).toBe(1);
});

test('a version that the source had is no difference, however long the target shows it since', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.source.before = (_, count) => pair.source.put(1, count === 0 ? 'bb' : 'aa');
  pair.target.before = (_, count) => pair.target.put(1, count === 0 ? 'cc' : 'bb');
  expect(await settleRows(keys(1), pair.options)).toMatchObject({ confirmed: [], hot: [[1]] });
});

test('a row that is written while the target is read proposes nothing, however alike the rounds are', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.target.put(1, 'bb');
  pair.maxRounds = 3;
  pair.source.before = (_, count) => pair.source.put(1, count < 6 && count % 2 === 1 ? 'cc' : 'aa');
  expect(await settleRows(keys(1), pair.options)).toMatchObject({ confirmed: [], hot: [[1]] });
});

test('of many rows, too, what is not committed may be anything, but what the target has', async () => {
  const many = Array.from({ length: 21 }, (_, i) => i);
  const pair = new PairInMemory().both(...many.map((key): [number, string] => [key, 'aa']));
  for (const key of many) pair.target.put(key, 'bb');
  pair.hides = () => 120;
  const { confirmed } = await settleRows(
    many.map((key) => [key]),
    pair.options,
  );
  expect(confirmed).toHaveLength(21);
  expect(pair.target.asked.filter((question) => question === 'byKeys')).toHaveLength(2);
});

test('a look at rows ends as soon as all of them have moved', async () => {
  const pair = new PairInMemory().both([1, 'aa']);
  pair.target.put(1, 'bb');
  const order: string[] = [];
  pair.target.before = () => order.push('target');
  pair.source.before = (_, count) => {
    order.push('source');
    // Two rounds read it twice each.
    if (count === 4) pair.source.put(1, 'cc');
  };
  await settleRows(keys(1), pair.options);
  expect(order.slice(6, 9)).toEqual(['source', 'source', 'source']);
});
