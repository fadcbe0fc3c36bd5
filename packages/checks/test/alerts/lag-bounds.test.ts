import { expect, test } from 'vitest';
import { judge } from '../../src/alerts/judge.ts';
import type { LagSample } from '../../src/model/lag.ts';
import { MINUTE, SECOND, START, Watch } from './fixtures.ts';
import { pair, snapshot } from './state.ts';

/** What the lag rule says of a sample; the thresholds are 10 s and 1 min. */
function lag(changes: Partial<LagSample>) {
  const { state } = pair();
  const sample = { ...state.lag, at: new Date(START), ...changes } as LagSample;
  const said = judge(snapshot({ pairs: [pair({ state: { ...state, lag: sample } })] })).find(
    ({ rule }) => rule === 'lag',
  );
  if (!said) throw new Error('the rule says nothing');
  return { ...said, forMs: 0 };
}

const estimate = { method: 'estimate', uncertaintyMs: null } as const;
const gap = { lagMs: 215, uncertaintyMs: 61_785 };

test.each([
  ['an estimate', { ...estimate, lagMs: 5000 }],
  ['a lag that is known within a minute only', gap],
])('%s below the thresholds raises nothing and ends nothing', (_, unsure) => {
  const fresh = new Watch();
  fresh.during(MINUTE, lag(unsure));
  expect(fresh.manager.open()).toEqual([]);
  const firing = new Watch();
  firing.now(lag({ lagMs: 70_000, uncertaintyMs: 200 }));
  firing.during(10 * MINUTE, lag(unsure));
  expect(firing.alert).toMatchObject({ state: 'firing', severity: 'CRITICAL', noData: true });
});

test('an estimate above a threshold raises, and lowers nothing', () => {
  expect(lag({ ...estimate, lagMs: 15 * SECOND })).toMatchObject({ status: 'true', severity: 'WARNING' });
  const firing = new Watch();
  firing.now(lag({ lagMs: 70_000, uncertaintyMs: 200 }));
  firing.during(10 * MINUTE, lag({ ...estimate, lagMs: 15 * SECOND }));
  expect(firing.alert).toMatchObject({ state: 'firing', severity: 'CRITICAL' });
});

test.each([
  ['a lag that is known within a minute only', { ...gap, serverLagMs: 60_000 }],
  ['an estimate', { ...estimate, lagMs: 90_000, atLeastMs: 4000, serverLagMs: 90_000 }],
])('where the target itself says more, that raises nothing: %s', (_, unsure) => {
  expect(lag(unsure)).toMatchObject({ status: 'unknown' });
});
