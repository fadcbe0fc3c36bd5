import { expect, test } from 'vitest';
import { mostShown } from '../../../src/verify/row/shown-bounds.ts';
import { settleKeyless } from '../../../src/verify/settle/keyless.ts';
import type { Sides } from '../../../src/verify/table/definition.ts';
import { type Content, PairInMemory } from './pair-in-memory.ts';

const column = (name: string) => ({ name, dataType: 'int', columnType: 'int' }) as Sides['source'];
const sides = ['n', 'secret', 'm'].map((name): Sides => ({ source: column(name), target: column(name) }));

const settle = (pair: PairInMemory, show: Partial<Parameters<typeof settleKeyless>[1]> = {}) =>
  settleKeyless(pair.options, { sides, masked: () => false, maxRowsListed: 10, maxRows: 1000, ...show });

/** Rows of a table without a key are told apart in memory all the same. */
const holding = (...contents: Content[]) =>
  new PairInMemory().both(...contents.map((content, i): [number, Content] => [i, content]));

test('a table of the same contents, as often, has no difference, and it is known how many rows that were', async () => {
  const pair = holding('aa', 'aa', 'bb');
  expect(await settle(pair)).toEqual({
    counts: { missing: 0, surplus: 0, changed: 0 },
    rows: [],
    hot: 0,
    oversized: 0,
    unproved: null,
    seen: 3,
  });
  expect(pair.target.asked).toEqual(['multiset']);
});

test('a content that one side has more often is named with how many are missing or too many, and with its values', async () => {
  const pair = holding('aa', 'aa', 'aa', 'bb', 'cc');
  pair.target.remove(0);
  pair.target.remove(1);
  pair.source.remove(3);
  const { counts, rows, seen, hot } = await settle(pair);
  expect(counts).toEqual({ missing: 2, surplus: 1, changed: 0 });
  const value = (hash: string) => ({
    n: `CAST(\`n\` AS CHAR) of ${hash}`,
    secret: `CAST(\`secret\` AS CHAR) of ${hash}`,
    m: `CAST(\`m\` AS CHAR) of ${hash}`,
  });
  expect(rows).toMatchObject([
    { kind: 'missing', count: 2, contentHash: 'aa', key: value('aa'), columns: [], cells: [] },
    { kind: 'surplus', count: 1, contentHash: 'bb', key: value('bb') },
  ]);
  expect([seen, hot]).toEqual([null, 0]);
  const [first] = rows;
  expect(first?.rounds).toHaveLength(3);
  for (const { at, position, sourceBefore, target, sourceAfter } of first!.rounds) {
    expect(at).toBeInstanceOf(Date);
    expect(position).toBe('0-1-1');
    expect(sourceBefore).toMatch(/^3 × [0-9a-f]{32}$/);
    expect(target).toBe(sourceBefore?.replace('3', '1'));
    expect(sourceAfter).toBe(sourceBefore);
  }
});

test('what is on its way, or written while the target was read, is no difference', async () => {
  const pair = holding('aa', 'bb');
  pair.write(1, 'cc');
  expect((await settle(pair)).seen).toBe(2);
  const while_ = holding('aa');
  while_.target.before = (_, count) => {
    if (count > 0) return;
    while_.write(5, 'aa');
    while_.write(6, 'dd');
    while_.apply();
  };
  expect(await settle(while_)).toMatchObject({ rows: [], hot: 0, seen: 3 });
});

test('one look is enough where the target has what the source had before it, or after', async () => {
  for (const reading of [0, 1]) {
    const pair = holding('aa');
    pair.maxRounds = 1;
    pair.source.before = (_, count) => {
      if (count === reading) pair.source.put(5, 'aa');
      else pair.source.remove(5);
    };
    pair.target.put(5, 'aa');
    expect((await settle(pair)).seen, String(reading)).toBe(2);
  }
});

test('one round that shows a difference is too few', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  pair.maxRounds = 1;
  expect(await settle(pair)).toMatchObject({ rows: [], hot: 1 });
});

test('a table may have grown to twice the rows that it was counted with', async () => {
  const pair = holding('aa');
  const most = new Set<number | undefined>();
  for (const side of [pair.source, pair.target]) {
    const multiset = side.multiset.bind(side);
    side.multiset = (options) => {
      most.add(options.maxRows);
      return multiset(options);
    };
  }
  await settle(pair, { maxRows: 70 });
  expect([...most]).toEqual([140]);
});

test('what came to differ after the first look is left to the next run', async () => {
  const pair = holding('aa', 'bb');
  pair.target.remove(0);
  pair.target.before = (question, count) => {
    if (question === 'multiset' && count === 1) pair.target.put(9, 'ee');
  };
  const { rows } = await settle(pair);
  expect(rows.map(({ contentHash }) => contentHash)).toEqual(['aa']);
});

test('a number that the source was seen to have is no difference, whenever that was', async () => {
  const pair = new PairInMemory();
  const has = (side: 'source' | 'target', rows: number) => {
    for (const key of [0, 1, 2]) {
      if (key < rows) pair[side].put(key, 'aa');
      else pair[side].remove(key);
    }
  };
  // After the first round the source has for a moment as many as the target has from then on.
  pair.source.before = (question, count) => {
    if (question === 'multiset') has('source', count === 1 ? 1 : 2);
  };
  pair.target.before = (question, count) => {
    if (question === 'multiset') has('target', count === 0 ? 3 : 1);
  };
  const { rows, hot, seen } = await settle(pair);
  expect(rows).toEqual([]);
  expect(hot).toBe(1);
  expect(seen).toBeNull();
});

test('a content whose number changes in every round is too hot', async () => {
  const pair = holding('aa', 'bb');
  let key = 10;
  pair.source.before = () => pair.source.put(key++, 'aa');
  pair.maxRounds = 4;
  expect(await settle(pair)).toMatchObject({ rows: [], hot: 1, seen: null });
  expect(pair.target.asked.filter((question) => question === 'multiset')).toHaveLength(4);
  expect(pair.pauses).toBe(3);
});

test('two rounds in a row that show the same propose a difference; one of other numbers begins anew', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = holding('aa', 'aa', 'aa', 'aa', 'aa');
    for (const key of [0, 1, 2]) pair.target.remove(key);
    pair[side].before = (question, count) => {
      if (question === 'multiset' && count === (side === 'source' ? 2 : 1)) pair[side].put(9, 'aa');
    };
    const { rows } = await settle(pair);
    expect(rows, side).toMatchObject([{ kind: 'missing', count: side === 'source' ? 4 : 2 }]);
    expect(rows[0]?.rounds).toHaveLength(3);
    expect(pair.target.asked.filter((question) => question === 'multiset')).toHaveLength(3);
  }
});

test('rows that the server could not put together are counted, whichever side has more of them', async () => {
  const pair = holding('aa', null);
  pair.source.put(8, null);
  expect((await settle(pair)).oversized).toBe(2);
  const other = holding('aa', null);
  other.target.put(8, null);
  other.target.put(9, null);
  expect((await settle(other)).oversized).toBe(3);
});

test('contents that cannot be sought by a hash, and very many, are counted with the whole table', async () => {
  const large = holding('aa', null);
  large.target.put(8, null);
  await settle(large);
  expect(large.target.asked.filter((question) => question === 'multiset')).toHaveLength(3);
  const counted = async (contents: number) => {
    const pair = new PairInMemory();
    for (let i = 0; i < contents; i++) pair.source.put(i, (i + 16).toString(16));
    await settle(pair, { maxRowsListed: 0 });
    return pair.target.asked;
  };
  expect(await counted(200)).toEqual(['multiset', 'multiset', 'contents']);
  expect(await counted(201)).toEqual(['multiset', 'multiset', 'multiset']);
});

test('as many rows are listed as may be, and all are counted', async () => {
  const pair = holding('aa', 'bb', 'cc');
  for (const key of [0, 1, 2]) pair.target.remove(key);
  const { rows, counts } = await settle(pair, { maxRowsListed: 2 });
  expect(rows).toHaveLength(2);
  expect(counts).toEqual({ missing: 3, surplus: 0, changed: 0 });
});

test('of a masked column neither the value is read nor the hash told, of the others the value', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  const { rows } = await settle(pair, { masked: (name) => name === 'secret' });
  expect(rows).toHaveLength(1);
  expect(rows[0]?.key).toEqual({
    n: 'CAST(`n` AS CHAR) of aa',
    secret: '(masked)',
    m: 'CAST(`m` AS CHAR) of aa',
  });
  expect(rows[0]).not.toHaveProperty('contentHash');
});

test('a row that is gone when its values are asked for is listed without them', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  pair.source.before = (question, count) => {
    if (question === 'contents' && count === 2) pair.source.remove(0);
  };
  expect((await settle(pair)).rows).toMatchObject([{ kind: 'missing', key: {} }]);
});

test('values are asked for two hundred rows at a time, on the side that has them', async () => {
  const pair = new PairInMemory();
  for (let i = 0; i < 201; i++) pair.source.put(i, (i + 16).toString(16));
  const sought: number[] = [];
  const contents = pair.source.contents.bind(pair.source);
  pair.source.contents = (hashes, ...rest) => {
    sought.push(hashes.length);
    return contents(hashes, ...rest);
  };
  const { rows } = await settle(pair, { maxRowsListed: 201 });
  expect(sought).toEqual([200, 1]);
  expect(rows.filter(({ key }) => 'n' in key)).toHaveLength(201);
  expect(pair.source.asked.filter((question) => question === 'contents')).toHaveLength(2);
  expect(pair.target.asked).not.toContain('contents');
});

test('a content that moves in the look that would prove it is not said to differ', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = holding('aa', 'bb', 'cc');
    pair.target.remove(0);
    pair.target.remove(1);
    pair[side].before = (question, count) => {
      if (question === 'contents' && count === 0) pair[side].put(9, 'aa');
    };
    const { rows, hot } = await settle(pair);
    expect(
      rows.map(({ contentHash }) => contentHash),
      side,
    ).toEqual(['bb']);
    expect(hot).toBe(1);
  }
});

test('of what the source goes on hiding no content is said to differ, and the reason is', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  pair.source.showsPending = false;
  pair.hides = () => 120;
  const { rows, hot, unproved, counts } = await settle(pair);
  expect([rows, hot, counts.missing]).toEqual([[], 0, 0]);
  expect(unproved).toBe('what differs may be in flight: a shows what it has sent only 120 ms later, or more');
});

test('what is not committed may be anything, but what the target has', async () => {
  for (const [content, found] of [
    ['ee', ['aa']],
    [null, []],
  ] as const) {
    const pair = holding('aa');
    pair.target.remove(0);
    pair.hides = () => 120;
    // The transaction that waits puts another in its place, or takes it away, as the target has it already.
    pair.source.put(7, 'dd');
    pair.target.put(7, 'dd');
    pair.source.pending = [
      { key: 7, content: 'dd' },
      ...(content === null
        ? []
        : [
            { key: 0, content: 'aa' },
            { key: 3, content: 'aa' },
          ]),
    ];
    const { rows } = await settle(pair);
    expect(rows.map(({ contentHash }) => contentHash)).toEqual(found);
  }
});

test('who is told to end waits for no further round', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  pair.endsInPause = true;
  await expect(settle(pair)).rejects.toThrow('aborted');
});

test('on the target what is not committed is nothing yet', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  pair.target.pending = [{ key: 0, content: 'aa' }];
  expect((await settle(pair)).rows).toHaveLength(1);
});

test('a number that moves while the target is read proposes nothing, however alike the rounds are', async () => {
  const pair = holding('aa', 'aa', 'aa');
  pair.target.remove(0);
  pair.target.remove(1);
  pair.maxRounds = 4;
  // Three before the target is read and four after it, each time.
  pair.source.before = (question, count) => {
    if (question === 'contents' || count % 2 === 0) pair.source.remove(9);
    else pair.source.put(9, 'aa');
  };
  expect(await settle(pair)).toMatchObject({ rows: [], hot: 1 });
  expect(pair.source.asked).not.toContain('contents');
});

test('a look ends as soon as all of it has moved, and reads no value before something is proved', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  const selects: string[][] = [];
  const contents = pair.source.contents.bind(pair.source);
  pair.source.contents = (hashes, select, options) => {
    selects.push(select);
    return contents(hashes, select, options);
  };
  pair.source.before = (question) => {
    if (question === 'contents') pair.source.put(9, 'aa');
  };
  expect(await settle(pair)).toMatchObject({ rows: [], hot: 1 });
  expect(selects).toEqual([[]]);
  expect(pair.target.asked).not.toContain('contents');
});

test('a value that is shown in part says of how many bytes', async () => {
  const pair = holding('aa');
  pair.target.remove(0);
  const contents = pair.source.contents.bind(pair.source);
  pair.source.contents = async (hashes, select, options) => {
    const found = await contents(hashes, select, options);
    return new Map(
      [...found].map(([hash, { rows }]) => [hash, { rows, values: select.map((sql, i) => `${i}`) }]),
    );
  };
  const { rows } = await settle(pair);
  expect(rows[0]?.key).toEqual({ n: '0', secret: '2', m: '4' });
});

test('of very many wide rows some values are kept, masked ones last, and it is told', async () => {
  const wide = Array.from({ length: 40 }, (_, i): Sides => {
    const both = column(i < 10 ? `secret${i}` : `c${i}`);
    return { source: both, target: both };
  });
  const masked = (name: string) => name.startsWith('secret');
  const pair = holding(...Array.from({ length: 500 }, (_, i) => i.toString(16).padStart(4, '0')));
  for (let row = 0; row < 500; row++) pair[row % 2 === 0 ? 'target' : 'source'].remove(row);
  const shown = { chars: 0, cells: 0, cut: false };
  const { rows } = await settle(pair, { sides: wide, masked, maxRowsListed: 500, shown });
  expect(rows).toHaveLength(500);
  expect(new Set(rows.map(({ key }) => Object.keys(key).join(' ')))).toEqual(
    new Set(['c10 c11 c12 c13 c14 c15']),
  );
  expect(shown.cut).toBe(true);

  const few = { chars: 0, cells: 0, cut: false };
  const one = holding('aa');
  one.target.remove(0);
  const [row] = (await settle(one, { sides: wide, masked, shown: few })).rows;
  expect(Object.keys(row?.key ?? {})).toHaveLength(40);
  expect(few.cut).toBe(false);
});

test('a value that goes on after what is shown of it ends with dots', async () => {
  const long = { ...column('long'), dataType: 'longtext', columnType: 'longtext' };
  const pair = holding('aa', 'bb');
  for (const side of [pair.source, pair.target]) {
    const counted = side.contents.bind(side);
    side.contents = async (hashes, select, options) => {
      const found = await counted(hashes, select, options);
      const values = (hash: string) => ['x'.repeat(mostShown), String(mostShown + (hash === 'aa' ? 1 : 0))];
      return new Map([...found].map(([hash, { rows }]) => [hash, { rows, values: values(hash) }]));
    };
  }
  pair.target.remove(0);
  pair.source.remove(1);
  const { rows } = await settle(pair, { sides: [{ source: long, target: long }] });
  expect(rows.map(({ key }) => key['long'])).toEqual([`${'x'.repeat(mostShown)}…`, 'x'.repeat(mostShown)]);
});
