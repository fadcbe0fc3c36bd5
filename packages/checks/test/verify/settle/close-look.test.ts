import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Barrier } from '../../../src/verify/settle/barrier.ts';
import type { LookClosely, Reads, See } from '../../../src/verify/settle/close-look.ts';
import { lookWhileStill } from '../../../src/verify/settle/look-while-still.ts';
import { prove, whyUnproved } from '../../../src/verify/settle/prove.ts';
import { steadyDefinitions } from '../../../src/verify/settle/steady-definitions.ts';
import { watch } from '../../../src/verify/settle/watch.ts';
import type { DefinitionReader, Definitions } from '../../../src/verify/table/definitions.ts';
import { PairInMemory } from './pair-in-memory.ts';

/** What is read, in order, and what else happens then. */
function reading(pair: PairInMemory, happens: (what: string, count: number) => void = () => undefined) {
  const read: string[] = [];
  const one = (what: string) => {
    const count = read.filter((each) => each === what).length;
    read.push(what);
    pair.now += 5;
    happens(what, count);
    return Promise.resolve(what);
  };
  const reads: Reads<string> = {
    source: (pending) => one(pending ? 'pending' : 'source'),
    target: () => one('target'),
    showsPending: true,
    atLeast: { forMs: 0, reads: 1 },
  };
  return { read, reads };
}
const all: See<string> = () => true;

test('on a source that stands still one look proves, as of its position', async () => {
  const pair = new PairInMemory();
  const { read, reads } = reading(pair);
  const look = await lookWhileStill(pair.options, reads, all);
  expect(look).toMatchObject({ position: '0-1-1', proves: true, hiddenMs: 0 });
  expect(look?.at).toBeInstanceOf(Date);
  expect(read).toEqual(['source', 'target', 'source']);
});

test('of a source that hides things without a word what is not committed is read, too, or nothing is proved', async () => {
  const pair = new PairInMemory();
  const barrier = { ...pair.barrier, hidesUnseen: true };
  const { read, reads } = reading(pair);
  const look = await lookWhileStill({ ...pair.options, barrier }, reads, all);
  expect(look).toMatchObject({ proves: true });
  expect(read).toEqual(['source', 'target', 'pending', 'source']);
  const seen = await lookWhileStill({ ...pair.options, barrier }, reads, (side) => side !== 'pending');
  expect(seen).toBeNull();
  const blind = { ...reads, showsPending: false };
  expect(await lookWhileStill({ ...pair.options, barrier }, blind, all)).toMatchObject({ proves: false });
});

test('without positions, or while the target is not there, nothing is proved and nothing more asked', async () => {
  const pair = new PairInMemory();
  pair.hasPositions = false;
  const { read, reads } = reading(pair);
  expect(await lookWhileStill(pair.options, reads, all)).toMatchObject({ proves: false, position: null });
  expect(read).toEqual([]);
  const behind = new PairInMemory();
  behind.write(1, 'aa');
  const late = reading(behind);
  expect(await lookWhileStill(behind.options, late.reads, all)).toMatchObject({ proves: false, hiddenMs: 0 });
  expect(late.read).toEqual(['source']);
});

test('a source that goes on at any moment of the look does not stand still, and is tried three times', async () => {
  for (const moves of ['source', 'target', 'last']) {
    const pair = new PairInMemory();
    const { read, reads } = reading(pair, (what, count) => {
      const last = what === 'source' && count % 2 === 1;
      if (moves === 'last' ? !last : what !== moves) return;
      pair.write(1, 'aa');
      pair.apply();
    });
    expect(await lookWhileStill(pair.options, reads, all), moves).toMatchObject({ proves: false });
    const once = moves === 'source' ? ['source'] : ['source', 'target', 'source'];
    expect(read.length, moves).toBe(3 * once.length);
  }
});

test('what only waited for something hidden is looked at again, and proves then', async () => {
  for (const hidden of [0, 1]) {
    const pair = new PairInMemory();
    let asked = 0;
    pair.hides = () => (asked++ === hidden ? 30 : 0);
    const { read, reads } = reading(pair);
    expect(await lookWhileStill(pair.options, reads, all)).toMatchObject({ proves: true });
    expect(read.length).toBe(hidden === 0 ? 3 : 5);
  }
  const always = new PairInMemory();
  always.hides = () => 30;
  const { read, reads } = reading(always);
  expect(await lookWhileStill(always.options, reads, all)).toMatchObject({ proves: false });
  expect(read).toEqual([]);
});

test('a look ends with what shows that there is nothing to be seen', async () => {
  for (const end of [0, 1, 2]) {
    const pair = new PairInMemory();
    const { read, reads } = reading(pair);
    let seen = 0;
    expect(await lookWhileStill(pair.options, reads, () => seen++ < end)).toBeNull();
    expect(read).toHaveLength(end + 1);
  }
});

test('a source that disappears from the positions in the middle of a look proves nothing', async () => {
  const pair = new PairInMemory();
  const { reads } = reading(pair, () => (pair.hasPositions = false));
  expect(await lookWhileStill(pair.options, reads, all)).toMatchObject({ proves: false });
});

test('the source is watched from before its position is taken until it has shown what the target had', async () => {
  const pair = new PairInMemory();
  pair.write(1, 'aa');
  const { read, reads } = reading(pair);
  const look = await watch(pair.options, reads, all);
  expect(look).toMatchObject({ position: '0-1-2', proves: true, hiddenMs: 0 });
  expect(read[0]).toBe('source');
  expect(read.at(-1)).toBe('source');
  expect(read).toContain('target');
});

test('what the source hides for more than a moment is proved only where what is not committed can be read', async () => {
  for (const [hides, showsPending, proves] of [
    [50, false, true],
    [51, false, false],
    [51, true, true],
  ] as const) {
    const pair = new PairInMemory();
    pair.hides = () => hides;
    const { reads } = reading(pair);
    expect(await watch(pair.options, { ...reads, showsPending }, all)).toMatchObject({
      proves,
      hiddenMs: hides,
    });
  }
});

test('both sides are read as often and for as long as is asked for, and the source with what is not committed, too', async () => {
  const pair = new PairInMemory();
  const { read, reads } = reading(pair);
  await watch(pair.options, { ...reads, atLeast: { forMs: 0, reads: 6 } }, all);
  const times = (what: string) => read.filter((each) => each === what).length;
  expect(times('target')).toBe(6);
  expect(times('source') + times('pending')).toBeGreaterThanOrEqual(6);
  expect(times('pending')).toBeGreaterThan(1);
  expect(times('source')).toBeGreaterThan(2);
  expect(read.at(-1)).toBe('source');

  const long = reading(pair);
  const began = pair.now;
  await watch(pair.options, { ...long.reads, atLeast: { forMs: 100, reads: 1 } }, all);
  expect(pair.now - began).toBeGreaterThanOrEqual(100);
  expect(long.read.filter((each) => each === 'target').length).toBeGreaterThan(5);

  const blind = reading(pair);
  const atLeast = { forMs: 0, reads: 8 };
  await watch(pair.options, { ...blind.reads, showsPending: false, atLeast }, all);
  expect(blind.read).not.toContain('pending');
});

test('a watch ends on both sides with what either shows, and says nothing then', async () => {
  for (const side of ['source', 'target'] as const) {
    const pair = new PairInMemory();
    const { read, reads } = reading(pair);
    const look = await watch(
      pair.options,
      { ...reads, atLeast: { forMs: 0, reads: 20 } },
      (of) => of !== side,
    );
    expect(look).toBeNull();
    expect(read.length, side).toBeLessThan(10);
  }
});

test('a side that fails ends the watch with its words, the source’s own too, and leaves nobody reading', async () => {
  for (const fails of ['source', 'target']) {
    const pair = new PairInMemory();
    const { read, reads } = reading(pair, (what, count) => {
      if (what === fails && count === 1) throw new Error(`${fails} is gone`);
    });
    const asked = { ...reads, showsPending: false, atLeast: { forMs: 0, reads: 5 } };
    await expect(watch(pair.options, asked, all)).rejects.toThrow(`${fails} is gone`);
    const then = read.length;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(read).toHaveLength(then);
  }
});

test('what the target does not come to ends the watch', async () => {
  const pair = new PairInMemory();
  pair.stuck = 'b does not come';
  const { reads } = reading(pair);
  await expect(watch(pair.options, reads, all)).rejects.toThrow('b does not come');
});

const close = (proves: boolean, hiddenMs = 0) => ({ at: new Date(1), position: 'here', proves, hiddenMs });

test('a difference is what every look shows and one proves, with that look', async () => {
  const pair = new PairInMemory();
  const ways: LookClosely[] = [];
  const proved = await prove(['x'], pair.options, (open, closely) => {
    ways.push(closely);
    return Promise.resolve({ steady: open, look: close(ways.length === 2) });
  });
  expect(proved).toEqual({
    different: [{ of: 'x', look: { at: new Date(1), position: 'here' } }],
    unproved: [],
    hiddenMs: 0,
  });
  expect(ways).toEqual([lookWhileStill, watch]);
  // At once while it stands still, and at no foreseeable moment when it does not.
  expect(pair.pauses).toBe(1);
});

test('what moves in any look is no difference, and what is left is looked at again', async () => {
  const pair = new PairInMemory();
  const opened: string[][] = [];
  const proved = await prove(['x', 'y'], pair.options, (open) => {
    opened.push(open);
    return Promise.resolve({ steady: ['y'], look: close(opened.length === 2) });
  });
  expect(opened).toEqual([['x', 'y'], ['y']]);
  expect(proved.different.map(({ of }) => of)).toEqual(['y']);
  const none = { different: [], unproved: [], hiddenMs: 0 };
  const ended = await prove(['x'], pair.options, () =>
    Promise.resolve({ steady: [], look: close(false, 9) }),
  );
  expect(ended).toEqual(none);
  const over = await prove(['x'], pair.options, () => Promise.resolve({ steady: ['x'], look: null }));
  expect(over).toEqual(none);
  const look = vi.fn();
  expect(await prove([], pair.options, look)).toEqual(none);
  expect(look).not.toHaveBeenCalled();
});

test('what no look proves is unproved after three tries, with the least that the source was seen to hide', async () => {
  const pair = new PairInMemory();
  const hidden = [0, 90, 0, 70, 0, 80];
  let looks = 0;
  const proved = await prove(['x'], pair.options, (open) =>
    Promise.resolve({ steady: open, look: close(false, hidden[looks++]) }),
  );
  expect(proved).toEqual({ different: [], unproved: ['x'], hiddenMs: 70 });
  expect(looks).toBe(6);
  expect(pair.pauses).toBe(5);
  expect(whyUnproved('a', proved)).toContain('only 70 ms later');
});

test('a look that waited without a position proves nothing, and the next one does once positions tell again', async () => {
  const pair = new PairInMemory();
  const blind = { ...close(false), at: new Date(2), blind: 'b: it is cut off' };
  let looks = 0;
  const look = (open: string[]) => Promise.resolve({ steady: open, look: ++looks > 2 ? close(true) : blind });
  const proved = await prove(['x'], pair.options, look);
  expect(proved.different).toEqual([{ of: 'x', look: { at: new Date(1), position: 'here' } }]);
  expect([looks, pair.kept]).toEqual([3, []]);
});

test('what was seen by looks that waited without a position alone stays unproved for its table', async () => {
  const pair = new PairInMemory();
  const blind = { ...close(false), blind: 'b: it is cut off' };
  let looks = 0;
  const look = (open: string[]) => Promise.resolve({ steady: open, look: looks++ < 99 ? blind : null });
  expect((await prove(['x'], pair.options, look)).different).toHaveLength(1);
  expect([looks, pair.kept]).toEqual([6, ['b: it is cut off']]);
  // And no more than one is taken as long as they tell nothing.
  const barrier = { ...pair.barrier, unproved: 'b: it is cut off' };
  looks = 0;
  expect((await prove(['x'], { ...pair.options, barrier }, look)).different).toHaveLength(1);
  expect([looks, pair.kept]).toEqual([2, ['b: it is cut off', 'b: it is cut off']]);
});

test('a look that waited once without a position where there is replication proves nothing', async () => {
  for (const closely of [watch, lookWhileStill]) {
    for (const wait of [1, 2, 3]) {
      const pair = new PairInMemory();
      const { reads } = reading(pair);
      let asked = 0;
      const barrier: Barrier = {
        ...pair.barrier,
        get unproved() {
          return asked + 1 === wait ? 'b: it is cut off' : null;
        },
        targetPosition: (signal) =>
          ++asked === wait ? Promise.resolve(null) : pair.barrier.targetPosition(signal),
      };
      const look = await closely({ barrier, signal: pair.options.signal }, reads, all);
      expect([look?.proves, closely, wait]).toEqual([asked < wait, closely, wait]);
    }
  }
});

test('definitions that differ in a look that proves it do differ; one that was seen to be another does not', async () => {
  const definition = (fingerprint: string) => ({ fingerprint });
  const was = { source: definition('s'), target: null } as unknown as Definitions;
  const reads = (source: unknown, target: unknown) =>
    ({
      readSide: (side: string) => Promise.resolve(side === 'source' ? source : target),
    }) as unknown as DefinitionReader;
  const prove_ = (source: unknown, target: unknown, pair = new PairInMemory()) =>
    steadyDefinitions({ schema: 's', table: 't' }, was, reads(source, target), pair.options);
  expect((await prove_(definition('s'), null)).different).toHaveLength(1);
  expect((await prove_(definition('other'), null)).different).toEqual([]);
  expect((await prove_(null, null)).different).toEqual([]);
  expect((await prove_(definition('s'), definition('s'))).different).toEqual([]);
  // Watched, for the source goes on.
  const pair = new PairInMemory();
  pair.hides = () => 10;
  expect((await prove_(definition('s'), null, pair)).different).toHaveLength(1);
});

test('who is told to end waits for no further look', async () => {
  const pair = new PairInMemory();
  pair.endsInPause = true;
  const done = prove(['x'], pair.options, (open) => Promise.resolve({ steady: open, look: close(false) }));
  await expect(done).rejects.toThrow('aborted');
});

test('who is told to end between two readings reads no further', async () => {
  const pair = new PairInMemory();
  const ended = new AbortController();
  const { read, reads } = reading(pair, () => ended.abort(new Error('enough')));
  await expect(lookWhileStill({ ...pair.options, signal: ended.signal }, reads, all)).rejects.toThrow(
    'aborted',
  );
  expect(read).toEqual(['source']);
});

test('a source is read on for as long as the target takes, the less often the longer that is', async () => {
  const pair = new PairInMemory();
  pair.now = 1_000_000;
  const pauses: number[] = [];
  const real = timers.setTimeout;
  timers.setTimeout = ((ms: number) => {
    pauses.push(ms);
    return new Promise<void>((resolve) => setImmediate(resolve));
  }) as typeof real;
  syncBuiltinESMExports();
  onTestFinished(() => {
    timers.setTimeout = real;
    syncBuiltinESMExports();
  });
  const chance = vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => chance.mockRestore());
  const { read, reads } = reading(pair);
  pair.barrier.untilTargetHas = async () => {
    while (read.length < 6) await new Promise((resolve) => setImmediate(resolve));
    pair.now += 8_000;
    while (read.length < 12) await new Promise((resolve) => setImmediate(resolve));
  };
  expect(await watch(pair.options, reads, all)).toMatchObject({ proves: true });
  // A part of the time that has passed, and half of that by chance at the least.
  expect(pauses[0]).toBe(0.5);
  expect(pauses.at(-1)).toBeGreaterThanOrEqual(100);
  expect(pauses.at(-1)).toBeLessThanOrEqual(110);
});

test('what the source shows in the last reading, when the target is done with, ends the look as well', async () => {
  const pair = new PairInMemory();
  let asked = 0;
  pair.hides = () => {
    asked++;
    return 0;
  };
  const { reads } = reading(pair);
  expect(await watch(pair.options, reads, (side) => side !== 'source' || asked < 2)).toBeNull();
  expect(asked).toBe(2);
});

test('who is told to end while it is watched waits for no pause', async () => {
  const pair = new PairInMemory();
  const ended = new AbortController();
  // A pause would take for minutes by now.
  const { reads } = reading(pair, (what) => {
    if (what !== 'source') return;
    pair.now += 100_000_000;
    setImmediate(() => ended.abort());
  });
  await expect(watch({ ...pair.options, signal: ended.signal }, reads, all)).rejects.toThrow('aborted');
});

test('a definition that the source goes on hiding is proved by what is not committed', async () => {
  const definition = (fingerprint: string) => ({ fingerprint }) as unknown as Definitions['source'];
  const was = { source: definition('s'), target: null } as unknown as Definitions;
  const pair = new PairInMemory();
  pair.hides = () => 120;
  let looks = 0;
  const reader = {
    readSide: (side: 'source' | 'target') => {
      if (side === 'source') looks++;
      return Promise.resolve(was[side]);
    },
  } as unknown as DefinitionReader;
  pair.barrier.untilTargetHas = async () => {
    while (looks < 6) await new Promise((resolve) => setImmediate(resolve));
  };
  const { different } = await steadyDefinitions({ schema: 's', table: 't' }, was, reader, pair.options);
  expect(different).toHaveLength(1);
});
