import { expect, test } from 'vitest';
import type { BehindGroup } from '../../src/lag/group-lag.ts';
import type { OfMembers, PairStateInput } from '../../src/lag/pair-state.ts';
import type { LagSample } from '../../src/model/lag.ts';
import { lag as sample, state as stateOf } from '../support/pair-state.ts';

const lag = (lagMs: number | null, but: Partial<LagSample> = {}) =>
  sample(lagMs, { ...(lagMs !== null && { evidence: 'by its group' }), ...but });

type Judged = OfMembers['judged'][number];
const well = (name: string): Judged => ({ name, state: 'in-group', evidence: 'in its group' });
const members = (but: Partial<OfMembers> = {}): OfMembers => ({
  judged: [well('db2'), well('db1')],
  apart: null,
  sourceBehind: null,
  notes: [],
  ...but,
});
const behind = (lagMs: number, count: number | null = null): BehindGroup =>
  ({ range: { lagMs, atMostMs: lagMs + 100, missing: null }, behind: count }) as BehindGroup;

const state = (but: Partial<PairStateInput>) =>
  stateOf({
    channel: null,
    noChannel: { reason: 'group', evidence: 'both are members of one cluster' },
    members: members(),
    lag: lag(0),
    ...but,
  });

test('two members of one group are in sync by what the target lacks of it', () => {
  expect(state({})).toEqual({ state: 'in-sync', evidence: 'by its group' });
  expect(state({ members: null })).toEqual({ state: 'in-sync', evidence: 'by its group' });
});

test('a member that lags says whether what it lacks has arrived', () => {
  const lagging = (attribution: PairStateInput['attribution']) => state({ lag: lag(12_000), attribution });
  expect(lagging('applier')).toEqual({
    state: 'lagging',
    evidence: 'lag 12 s: by its group; they have arrived and wait for its applier',
  });
  expect(lagging('link').evidence).toBe('lag 12 s: by its group; they have not arrived');
  expect(lagging('unknown').evidence).toBe('lag 12 s: by its group');
});

test('a member that is out of its group, or in one without a majority, comes before every lag', () => {
  for (const named of ['not-in-group', 'no-quorum'] as const) {
    const bad: Judged = { name: 'db1', state: named, evidence: 'alone' };
    const judged = [well('db2'), bad];
    expect(state({ members: members({ judged }), lag: lag(99_000) })).toEqual({
      state: named,
      evidence: 'db1: alone',
    });
    // Of a source that cannot be reached only the past is known.
    const gone = { name: 'db1', connected: false, evidence: 'refused' };
    expect(state({ members: members({ judged }), source: gone }).state).toBe('unknown');
    expect(state({ members: members({ judged: [{ ...bad, name: 'db2' }] }), source: gone }).state).toBe(
      named,
    );
  }
});

test('members of two groups are not in one, though both are well', () => {
  expect(state({ members: members({ apart: 'their groups are not one' }) })).toEqual({
    state: 'not-in-group',
    evidence: 'their groups are not one',
  });
});

test('without its source nothing is known of a member’s lag', () => {
  const source = { name: 'db1', connected: false, evidence: 'refused' };
  expect(state({ source })).toEqual({ state: 'unknown', evidence: 'lag unknown: db1: refused' });
});

test('a member that joins, or of which nothing is known, is not called in sync', () => {
  const as = (named: Judged['state']) =>
    state({
      members: members({ judged: [well('db1'), { name: 'db2', state: named, evidence: 'it says so' }] }),
    });
  expect(as('joining')).toEqual({ state: 'joining', evidence: 'db2: it says so' });
  expect(as('unknown')).toEqual({ state: 'unknown', evidence: 'db2: it says so' });
});

test('a lag that is unknown, or was not measured yet, makes the pair unknown', () => {
  expect(state({ lag: lag(null) })).toEqual({ state: 'unknown', evidence: 'lag unknown: because' });
  expect(state({ lag: null })).toEqual({ state: 'unknown', evidence: 'both are members of one cluster' });
});

test('a source that is behind its own group is said to be, unless its target is late as well', () => {
  const late = (lagMs: number, count: number | null = null) =>
    members({ sourceBehind: behind(lagMs, count) });
  expect(state({ members: late(12_000, 1234) })).toEqual({
    state: 'source-behind',
    evidence:
      'db1 itself lacks changes that its cluster had 12 s ago, 1,234 of them; the target by its group',
  });
  expect(state({ members: late(12_000) }).evidence).toBe(
    'db1 itself lacks changes that its cluster had 12 s ago; the target by its group',
  );
  expect(state({ members: late(9_000) }).state).toBe('in-sync');
  expect(state({ members: late(12_000), lag: lag(12_000) }).state).toBe('lagging');
});

test('what a guest has to know of them is told with the state', () => {
  const notes = ['one is not watched', 'another is'];
  expect(state({ members: members({ notes }) }).evidence).toBe(
    'by its group; one is not watched; another is',
  );
  const late = members({ notes, sourceBehind: behind(12_000) });
  expect(state({ members: late }).evidence).toMatch(
    /the target by its group; one is not watched; another is$/,
  );
});
