import { expect, test } from 'vitest';
import { type Glimpse, isKnownEnough } from '../../src/lag/known-enough.ts';
import { lag } from '../support/pair-state.ts';

const enough = (but: Partial<Glimpse> = {}) =>
  isKnownEnough({ reached: true, routed: true, sample: lag(0), state: 'in-sync', ...but });

test('a lag that is known is all that somebody waits for, whatever it is', () => {
  expect(enough()).toBe(true);
  expect(enough({ sample: lag(5000), state: 'lagging' })).toBe(true);
});

test('of servers that were not reached nothing more will be known', () => {
  expect(enough({ reached: false, routed: false, sample: null, state: 'unknown' })).toBe(true);
});

test('an unknown lag, an estimate, and what was never measured may still become known', () => {
  expect(enough({ sample: null })).toBe(false);
  expect(enough({ routed: false })).toBe(false);
  expect(enough({ sample: lag(null), state: 'unknown' })).toBe(false);
  expect(enough({ sample: lag(700, { method: 'estimate' }) })).toBe(false);
});

test.each(['broken', 'stopped', 'not-configured'] as const)(
  'nothing better will come of one that is %s',
  (state) => {
    expect(enough({ sample: lag(null), state })).toBe(true);
    expect(enough({ sample: lag(700, { method: 'estimate' }), state })).toBe(true);
    expect(enough({ sample: null, state })).toBe(false);
  },
);
