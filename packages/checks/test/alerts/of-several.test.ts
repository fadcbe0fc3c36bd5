// Behind one address there turn out to be several servers.
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/alerts/judge.ts';
import type { ServerState } from '../../src/model/index.ts';
import { HOUR, MINUTE, SECOND, START, Watch } from './fixtures.ts';
import { pair, server, snapshot } from './state.ts';

const balances =
  'each connection leads to another server (2 seen: a, b): a name that balances; name instances';
const writable = { readOnly: false, readOnlyChanged: new Date(START) };
const gone = { connection: 'disconnected', evidence: 'gone', ...writable } as const;

/** What the rules say of the target, and of a pair whose lag is not known with it. */
function said(target: Partial<ServerState>, lagMs: number | null) {
  const { state, ...rest } = pair();
  const lag = { ...state.lag!, lagMs, maxLagMs: lagMs };
  return judge(
    snapshot({
      servers: [server('db1', { readOnly: false }), server('db2', target)],
      pairs: [{ ...rest, state: { ...state, state: lagMs === null ? 'unknown' : 'lagging', lag } }],
    }),
  ).filter(({ rule }) => rule === 'read-only-changed' || rule === 'lag');
}

const open = (watch: Watch) => watch.manager.open().map(({ rule, state, noData }) => [rule, state, noData]);

describe('an alert of what was seen there', () => {
  test('is dropped with the reason while it is only pending, that of its pair too, and nobody was told', () => {
    const watch = new Watch();
    watch.during(5 * SECOND, ...said(writable, 20 * SECOND));
    expect(open(watch)).toEqual([
      ['lag', 'pending', false],
      ['read-only-changed', 'pending', false],
    ]);
    watch.now(...said({ ...gone, balances }, null));
    expect(open(watch)).toEqual([]);
    expect(watch.published.slice(-2)).toMatchObject(
      ['lag', 'read-only-changed'].map((rule) => ({
        rule,
        state: 'resolved',
        firedAt: null,
        evidence: `db2: ${balances}`,
      })),
    );
    expect(watch.logged).toEqual([]);
    watch.during(MINUTE, ...said({ ...gone, balances }, null));
    expect(open(watch)).toEqual([]);
  });

  test('that was told stays open as unknown, however long', () => {
    const watch = new Watch();
    watch.during(MINUTE, ...said(writable, 20 * SECOND));
    watch.during(HOUR, ...said({ ...gone, balances }, null));
    expect(open(watch)).toEqual([
      ['lag', 'firing', true],
      ['read-only-changed', 'firing', true],
    ]);
  });

  test('stays pending where the server is unknown for any other reason, and goes once it is this one', () => {
    const watch = new Watch();
    watch.during(5 * SECOND, ...said(writable, 20 * SECOND));
    watch.during(HOUR, ...said(gone, null));
    expect(open(watch)).toEqual([
      ['lag', 'pending', true],
      ['read-only-changed', 'pending', true],
    ]);
    watch.now(...said({ ...gone, balances }, null));
    expect(open(watch)).toEqual([]);
  });
});

test('what is known of such an address all the same is an alert as any other', () => {
  const lost = judge(snapshot({ servers: [server('db1'), server('db2', { ...gone, balances })] })).filter(
    ({ status }) => status === 'true',
  );
  expect(lost).toMatchObject([{ rule: 'connection-lost', subject: { server: 'db2' } }]);
  expect(lost[0]).not.toHaveProperty('ofSeveral');
});
