import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Barrier } from '../src/engine.ts';
import { type Changes, runHistory } from '../src/history.ts';
import { planOf } from '../src/plan.ts';
import { Random } from '../src/time/random.ts';

test('in none of these worlds is anything said that is not so', async () => {
  const lies: string[] = [];
  const verdicts = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    const history = await runHistory(seed);
    for (const lie of history.lies) lies.push(`npm run simulate -- --seeds 1 --from ${seed}: ${lie}`);
    for (const { verdict } of history.results) verdicts.add(verdict);
  }
  expect(lies).toEqual([]);
  // An engine that knows nothing tells no lies either.
  expect([...verdicts]).toEqual(expect.arrayContaining(['MATCH', 'DIFFERENT']));
});

test('a seed replays its history', async () => {
  for (const seed of [1, 2, 3]) {
    const once = await runHistory(seed);
    const again = await runHistory(seed);
    expect(once.said.length).toBeGreaterThan(2);
    expect(again.said).toEqual(once.said);
    expect(again.lies).toEqual(once.lies);
  }
});

test('the engine’s clock, timers and dice are its own again after a history', async () => {
  const before = Date.now();
  await runHistory(1);
  expect(Math.abs(Date.now() - before)).toBeLessThan(3_600_000);
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await sleep(5);
  const ended = performance.now();
  expect(ended).toBeGreaterThan(began + 5);
  expect(Math.random()).not.toBe(Math.random());
});

/** A barrier that leaves one question out. */
const without = (left: 'untilSourceHas' | 'untilTargetHas') => (real: Barrier) =>
  new Proxy(real, {
    get: (_, name) => {
      if (name === left) return () => Promise.resolve();
      const value: unknown = Reflect.get(real, name);
      return typeof value === 'function' ? (value.bind(real) as unknown) : value;
    },
  });

const found: [string, Changes, RegExp][] = [
  ['a source is not waited for', { barrier: without('untilSourceHas') }, /in-flight/],
  ['a target is not waited for', { barrier: without('untilTargetHas') }, /in-flight/],
  ['a bound is taken for the lag', { sample: (sample) => ({ ...sample, uncertaintyMs: 0 }) }, /lag-below/],
];
test.each(found)('it is found where %s', async (_, changes, lie) => {
  const lies: string[] = [];
  for (let seed = 120; seed <= 300 && lies.length === 0; seed++) {
    lies.push(...(await runHistory(seed, changes)).lies);
  }
  expect(lies[0]).toMatch(lie);
});

test('every actor has its part in some of the first worlds', () => {
  const plans = Array.from({ length: 120 }, (_, seed) => planOf(new Random(seed + 1), new Random(-seed - 1)));
  for (const is of [
    plans.some(({ kind }) => kind === 'mysql-gtid'),
    plans.some(({ kind }) => kind === 'mariadb-gtid'),
    plans.some(({ kind }) => kind === 'file'),
    plans.some(({ keyless }) => keyless),
    plans.some(({ unnamed }) => unnamed),
    plans.some(({ waits }) => waits.chance > 0),
    plans.some(({ stalls }) => stalls),
    plans.some(({ stops }) => stops),
    plans.some(({ otherSource }) => otherSource),
    plans.some(({ ddlEveryMs }) => ddlEveryMs !== null),
    plans.some(({ clockSteps }) => clockSteps),
    plans.some(({ freezes }) => freezes),
    plans.some(({ breaks }) => breaks),
  ]) {
    expect(is).toBe(true);
  }
});
