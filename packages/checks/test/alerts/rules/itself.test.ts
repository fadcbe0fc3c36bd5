import { describe, expect, test } from 'vitest';
import { judge, judging } from '../../../src/alerts/judge.ts';
import { Mishaps } from '../../../src/mishaps.ts';
import { HOUR, START } from '../fixtures.ts';
import { of } from '../judged.ts';
import { pair, snapshot } from '../state.ts';

test("history that cannot be written is alerted with the database's words", () => {
  const storage = { ...snapshot().storage, ok: false, evidence: 'database or disk is full' };
  expect(of(snapshot({ storage }), 'storage-degraded', {})).toMatchObject({
    status: 'true',
    severity: 'WARNING',
    evidence: '/var/lib/lockstep.db: database or disk is full',
  });
});

describe('errors that nobody expected', () => {
  const mishap = (agoMs: number) => ({
    struck: { pair: 'orders' },
    what: 'measuring lag',
    words: 'x is not a function',
    times: 3,
    since: new Date(START - HOUR),
    last: new Date(START - agoMs),
  });

  test('one is an alert of what it struck, until it has not happened for ten minutes', () => {
    expect(of(snapshot({ mishaps: [mishap(0)] }), 'internal-error')).toMatchObject({
      status: 'true',
      evidence: expect.stringContaining('measuring lag: x is not a function (3 times') as string,
    });
    expect(of(snapshot({ mishaps: [mishap(600_000)] }), 'internal-error').status).toBe('false');
  });

  test('of several that struck the same the newest is told, whichever came first', () => {
    const older = { ...mishap(60_000), words: 'older' };
    const newer = { ...mishap(1_000), words: 'newer' };
    for (const mishaps of [
      [older, newer],
      [newer, older],
    ]) {
      expect(of(snapshot({ mishaps }), 'internal-error').evidence).toContain('newer');
    }
    // Of two at the same moment the first is told on, lest the sentence goes to and fro.
    const twin = { ...newer, words: 'twin' };
    expect(of(snapshot({ mishaps: [newer, twin] }), 'internal-error').evidence).toContain('newer');
  });

  test('each thing that was struck has an alert of its own, and one that happened once is said to have', () => {
    const other = { ...mishap(0), struck: { server: 'db1' }, times: 1 };
    const state = snapshot({ mishaps: [mishap(0), other] });
    expect(of(state, 'internal-error').evidence).toContain('(3 times since');
    expect(of(state, 'internal-error', { server: 'db1' }).evidence).toContain('(once since');
  });

  test('in a rule it costs that rule on that pair, and ends none of its alerts', () => {
    const broken = pair({ config: { ...pair().config, name: 'broken' } });
    Object.defineProperty(broken.state, 'replication', {
      get: () => {
        throw new Error('nobody expected this');
      },
    });
    const mishaps = new Mishaps();
    const judged = [...judging(snapshot({ pairs: [broken, pair()] }), undefined, mishaps)];
    const said = judged.filter((judged) => judged !== null && 'rule' in judged);
    expect(said.filter(({ subject }) => subject.pair === 'orders')).toHaveLength(
      judge(snapshot()).filter(({ subject }) => subject.pair === 'orders').length,
    );
    expect(said.some(({ subject }) => subject.pair === 'broken')).toBe(true);
    expect(judged).toContainEqual({ unjudged: { pair: 'broken' } });
    expect(mishaps.recent()).toMatchObject([{ struck: { pair: 'broken' }, what: 'judging' }]);
  });
});
