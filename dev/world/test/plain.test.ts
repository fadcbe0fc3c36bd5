import { describe, expect, test } from 'vitest';
import { runHistory } from '../src/history.ts';
import type { Plan } from '../src/plan.ts';

/** Where all goes well: what is known of it has to be said, for whoever says nothing tells no lies. */
const calm: Omit<Plan, 'flavour' | 'kind'> = {
  rows: { quiet: 6, busy: 4, fleeting: 2 },
  keyless: false,
  unnamed: false,
  writers: [{ everyMs: 120, habit: 'count', domain: 0, rows: 1 }],
  hiddenMs: 0.2,
  waits: { chance: 0, mostMs: 0 },
  monitorLink: { usualMs: 0.3, mostMs: 5 },
  replicaLink: { usualMs: 0.5, mostMs: 20 },
  stalls: null,
  workers: 1,
  keepsOrder: true,
  delayMs: 0,
  applyMs: { usual: 2, most: 50 },
  stops: null,
  planted: 0,
  logged: false,
  plantsEveryMs: null,
  otherSource: null,
  ddlEveryMs: null,
  clockSteps: null,
  freezes: null,
  suspendedMs: null,
  leavesOutDomain: false,
  breaks: null,
  chunkRows: 10,
  waitMs: 10_000,
  warningMs: 1500,
};
const kinds = [
  { flavour: 'mysql', kind: 'mysql-gtid' },
  { flavour: 'mysql', kind: 'file' },
  { flavour: 'mariadb', kind: 'mariadb-gtid' },
  { flavour: 'mariadb', kind: 'file' },
] as const;

describe.each(kinds)('on $flavour, by $kind,', (of) => {
  const world = async (changes: Partial<Plan> = {}) => {
    const history = await runHistory(1, { plan: () => ({ ...calm, ...of, ...changes }), watchMs: 20_000 });
    expect(history.lies).toEqual([]);
    return { ...history, verdicts: history.results.map(({ verdict }) => verdict) };
  };

  test.each([
    ['it is written', {}],
    ['nobody writes', { writers: [] }],
  ])('a pair of which all is well is soon in sync, and matches, where %s', async (_, changes) => {
    const { states, verdicts, samples, unknown, errant } = await world(changes);
    expect({ states, verdicts, errant }).toEqual({
      states: ['unknown', 'in-sync'],
      verdicts: ['MATCH', 'MATCH'],
      errant: '',
    });
    // Four a second, of which the first may come before the way is known.
    expect(samples).toBe(80);
    expect(unknown).toBeLessThanOrEqual(1);
  });

  test('an applier that is stopped is said to be, and that it runs again', async () => {
    const { states, verdicts } = await world({ stops: { everyMs: 4000, mostMs: 3000 } });
    expect(states).toEqual(['unknown', 'in-sync', 'stopped', 'in-sync', 'stopped', 'in-sync']);
    expect(verdicts).toEqual(['MATCH', 'MATCH']);
  });

  test('a target that falls behind is said to lag', async () => {
    const { states, unknown } = await world({ applyMs: { usual: 200, most: 300 }, warningMs: 500 });
    expect(states.at(-1)).toBe('lagging');
    expect(unknown).toBeLessThanOrEqual(1);
  });

  test('a delay that is meant is none that is too much', async () => {
    const { states, verdicts } = await world({ delayMs: 1000 });
    expect({ states, verdicts }).toEqual({ states: ['unknown', 'delayed'], verdicts: ['MATCH', 'MATCH'] });
  });

  test.each([
    ['answer late', { stalls: { everyMs: 3000, mostMs: 6000 } }],
    ['cannot be reached', { breaks: { everyMs: 5000, mostMs: 3000 } }],
  ])('of servers that %s nothing is known for a while, and then it is again', async (_, changes) => {
    const { states, unknown, verdicts } = await world(changes);
    expect(states.slice(0, 4)).toEqual(['unknown', 'in-sync', 'unknown', 'in-sync']);
    expect(unknown).toBeGreaterThan(10);
    expect(unknown).toBeLessThan(40);
    expect(verdicts).toEqual(['MATCH', 'MATCH']);
  });

  test.each([true, false])(
    'rows that differ are found, whether they were logged there: %s',
    async (logged) => {
      const { states, verdicts, results, errant } = await world({ planted: 2, logged });
      expect({ states, verdicts }).toEqual({
        states: ['unknown', 'in-sync'],
        verdicts: ['DIFFERENT', 'DIFFERENT'],
      });
      for (const { rows } of results) expect(rows).toHaveLength(2);
      expect(errant !== '').toBe(logged);
    },
  );
});
