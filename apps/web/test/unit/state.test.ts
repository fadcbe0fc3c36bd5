import { describe, expect, test } from 'vitest';
import type { Alert } from '#lib/api/documents/alert.ts';
import type { PairStateName } from '#lib/api/documents/pair.ts';
import type { Channel, Replication } from '#lib/api/documents/replication.ts';
import type { Run } from '#lib/api/documents/run.ts';
import type { NewResult, Table, TableResult } from '#lib/api/documents/table.ts';
import { overviewSentence, tablesSentence } from '#lib/screens/overview/sentence.ts';
import { unnamed } from '#lib/state/alert.ts';
import { needsAttention, pairRank, pairWord, pairWords } from '#lib/state/pair-state.ts';
import { runBefore, runChange, verdictChanges } from '#lib/state/run.ts';
import { ownThreadWord } from '#lib/state/thread.ts';
import { differencesText, standingResult, tableRank, withResult } from '#lib/state/verdict.ts';

const none = {
  total: 3,
  match: 3,
  different: 0,
  schemaDiffers: 0,
  missing: 0,
  unverified: 0,
  error: 0,
  pending: 0,
};

function pair(state: PairStateName, different = 0) {
  return { state, tableCounts: { ...none, different } };
}

function watched(state: PairStateName, different = 0, errant = 0) {
  return { current: pair(state, different), errant };
}

describe('a pair', () => {
  test('that keeps up and holds other data is not called in sync', () => {
    expect(pairWord(pair('IN_SYNC', 1))).toEqual({ tone: 'different', word: 'Different' });
    expect(needsAttention(watched('IN_SYNC', 1))).toBe(true);
  });

  test('that is stopped is stopped first of all', () => {
    expect(pairWord(pair('STOPPED', 1)).word).toBe('Stopped');
  });

  test.each<[PairStateName, string[]]>([
    ['IN_SYNC', ['Different']],
    ['LAGGING', ['Different', 'Lagging']],
    ['UNKNOWN', ['Different', 'Unknown']],
    ['BROKEN', ['Broken', 'Different']],
  ])('that is %s and holds other data is said to be both, and never in sync', (state, words) => {
    expect(pairWords(pair(state, 1)).map(({ word }) => word)).toEqual(words);
  });

  test('of which nothing is known needs attention; one that is delayed on purpose does not', () => {
    expect(needsAttention(watched('UNKNOWN'))).toBe(true);
    expect(needsAttention(watched('DELAYED'))).toBe(false);
  });

  test('that keeps up and has transactions of its own on its target needs attention', () => {
    expect(needsAttention(watched('IN_SYNC', 0, 1))).toBe(true);
    expect(needsAttention(watched('IN_SYNC'))).toBe(false);
    expect(overviewSentence([watched('IN_SYNC', 0, 1), watched('IN_SYNC')])).toBe(
      '1 of 2 pairs needs attention',
    );
  });

  test('stands above another that is less bad', () => {
    const unread = watched('IN_SYNC');
    unread.current.tableCounts.error = 1;
    const worstFirst = [
      watched('BROKEN'),
      watched('STOPPED'),
      watched('IN_SYNC', 2),
      watched('IN_SYNC', 0, 3),
      watched('UNKNOWN'),
      unread,
      watched('LAGGING'),
      watched('IN_SYNC'),
    ];
    expect([...worstFirst].reverse().sort((a, b) => pairRank(a) - pairRank(b))).toEqual(worstFirst);
  });
});

test('the first sentence counts those that need attention', () => {
  const of = (...states: PairStateName[]) => overviewSentence(states.map((state) => watched(state)));
  expect(of('IN_SYNC', 'DELAYED')).toBe('No pair needs attention');
  expect(of('IN_SYNC', 'UNKNOWN')).toBe('1 of 2 pairs needs attention');
  expect(of('BROKEN', 'IN_SYNC', 'LAGGING')).toBe('2 of 3 pairs need attention');
  expect(of('STOPPED')).toBe('The pair needs attention');
});

test('tables that are not proved to match are said to be', () => {
  const pending = { ...none, match: 1, unverified: 1, pending: 1 };
  expect(tablesSentence([pair('IN_SYNC'), { state: 'IN_SYNC', tableCounts: pending }])).toBe(
    '4 of 6 tables match · 1 unverified · 1 not yet verified',
  );
});

test('a pair whose tables were never seen is not left out in silence', () => {
  const unseen = { state: 'UNKNOWN', tableCounts: { ...none, total: 0, match: 0 } } as const;
  expect(tablesSentence([pair('IN_SYNC'), unseen])).toBe(
    '3 of 3 tables match · the tables of 1 pair are not known',
  );
  expect(tablesSentence([unseen, unseen])).toBe('the tables of 2 pairs are not known');
});

test('differences are counted by kind', () => {
  expect(differencesText({ missing: 1, surplus: 0, changed: 2 })).toBe('3 rows: 2 changed, 1 missing');
});

describe('a thread', () => {
  const channel = (name: string, applier: Channel['applier']) => ({ name, applier }) as Channel;
  const channels = [channel('from-a', 'STOPPED'), channel('from-b', 'RUNNING')];
  const word = (name: string | null, all: Channel[] | null = channels) =>
    ownThreadWord({ channels: all, channel: name === null ? null : { name } } as Replication, 'applier')
      ?.word;

  test("is that of the pair's own channel, whatever those of other pairs do", () => {
    expect(word('from-b')).toBe('running');
    expect(word('from-a')).toBe('stopped');
  });

  test('is unknown while it is not known which channel that is, and none where there is no channel', () => {
    expect(word(null)).toBe('unknown');
    expect(word(null, null)).toBe('unknown');
    expect(word(null, [])).toBeUndefined();
  });
});

describe('a table with two results', () => {
  const result = (check: TableResult['check'], verdict: TableResult['verdict']) =>
    ({ check, verdict }) as TableResult;
  const compared = result('CHECKSUM', 'MATCH');
  const counted = result('CONSISTENCY', 'DIFFERENT');
  const table = { checksum: compared, consistency: counted, standing: { check: 'CHECKSUM' } } as Table;

  test('is what the result that stands for it says, not the worse one', () => {
    expect(standingResult(table)).toBe(compared);
    expect(tableRank(table)).toBe(tableRank({ ...table, consistency: compared }));
  });

  test('becomes what a new result says only if that one stands', () => {
    const news = (stands: boolean): NewResult => ({ ...counted, stands });
    expect(standingResult(withResult(table, news(true)))).toEqual(counted);
    expect(standingResult(withResult(table, news(false)))).toEqual(compared);
    const onlyCounted = { ...table, checksum: null, standing: counted };
    expect(standingResult(withResult(onlyCounted, { ...compared, stands: true }))).toEqual(compared);
  });
});

test('what the throttle holds can be held by a person too, and is resumed by nobody', () => {
  const changes = (['OPERATOR', 'THROTTLE', null] as const).map((heldBy) =>
    runChange({ state: 'PAUSED', heldBy } as Run),
  );
  expect(changes).toEqual(['resume', 'pause', 'resume']);
  expect(runChange({ state: 'RUNNING', heldBy: null } as Run)).toBe('pause');
  expect(runChange({ state: 'QUEUED', heldBy: null } as Run)).toBeNull();
});

test.each([
  ['No connection to down', null, 'down', null],
  ['No connection to down', null, 'downtown', 'downtown'],
  ['Replica is lagging', 'shop', null, 'shop'],
  ['Unexpected error', null, null, null],
])('%s, of pair %s or server %s, is about %s besides', (summary, pair, server, about) => {
  expect(unnamed({ summary, pair, server } as Alert)).toBe(about);
});

describe('a run beside the one before', () => {
  const run = (id: string, verdicts: Record<string, number>, more: Partial<Run> = {}) =>
    ({
      ...{ id, check: 'CHECKSUM', state: 'FINISHED', only: null },
      verdicts: Object.entries(verdicts).map(([verdict, count]) => ({ verdict, count })),
      ...more,
    }) as Run;
  const newest = run('4', { MATCH: 7, DIFFERENT: 1 });
  const earlier = run('1', { MATCH: 6, UNVERIFIED: 1 });

  test('is set beside one of the same check and tables that came to its end', () => {
    const runs = [
      newest,
      run('3', {}, { check: 'CONSISTENCY' }),
      run('2', {}, { only: ['shop.orders'] }),
      run('2b', {}, { state: 'CANCELLED' }),
      earlier,
    ];
    expect(runBefore(runs, newest)).toBe(earlier);
    expect(runBefore(runs, earlier)).toBeNull();
  });

  test('says what became more, less, and is there no longer', () => {
    expect(verdictChanges(newest, earlier)).toEqual([
      { verdict: 'MATCH', count: 7, more: 1 },
      { verdict: 'DIFFERENT', count: 1, more: 1 },
      { verdict: 'UNVERIFIED', count: 0, more: -1 },
    ]);
  });

  test('claims no change where there is nothing to compare it with', () => {
    expect(verdictChanges(earlier, null).map(({ more }) => more)).toEqual([null, null]);
  });
});
