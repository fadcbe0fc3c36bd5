import { describe, expect, test } from 'vitest';
import type { PairSnapshot } from '../../../src/alerts/condition/snapshot.ts';
import type { LagSample, ReplicationStatus } from '../../../src/model/index.ts';
import { channel } from '../../support/replication.ts';
import { HOUR, SECOND, START } from '../fixtures.ts';
import { of, ofPair } from '../judged.ts';
import { pair, server, snapshot } from '../state.ts';

describe('lag', () => {
  const lag = (lagMs: number | null, changes: Partial<LagSample> = {}, rest: Partial<PairSnapshot> = {}) => {
    const at = new Date(START);
    const sample = { ...pair().state.lag, at, lagMs, evidence: 'measured by GTID', ...changes } as LagSample;
    return ofPair({ ...rest, state: { ...(rest.state ?? pair().state), lag: sample } }, 'lag');
  };

  test.each([
    [0, 'false', undefined],
    [7_999, 'false', undefined],
    [8_000, 'false', 'WARNING'],
    [9_999, 'false', 'WARNING'],
    [10_000, 'true', 'WARNING'],
    [48_000, 'true', 'CRITICAL'],
    [60_000, 'true', 'CRITICAL'],
  ])('at %d ms is %s and keeps %s', (ms, status, keeps) => {
    const found = lag(ms);
    expect(found.status).toBe(status);
    expect(found.keeps).toBe(keeps);
    if (status === 'true') expect(found.severity).toBe(ms >= 60_000 ? 'CRITICAL' : 'WARNING');
  });

  test('compares in its evidence, and waits as the pair is configured', () => {
    expect(lag(12_400).evidence).toBe('lag 12.4 s ≥ 10 s: measured by GTID');
    expect(lag(70_000).evidence).toBe('lag 1 min 10 s ≥ 1 min: measured by GTID');
    expect(lag(300).evidence).toBe('lag 300 ms < 10 s: measured by GTID');
    expect(lag(0).forMs).toBe(30 * SECOND);
  });

  test('that is unknown, or was measured too long ago, is unknown', () => {
    expect(lag(null, { evidence: 'the source is gone' })).toMatchObject({
      status: 'unknown',
      evidence: 'the source is gone',
    });
    expect(lag(0, { at: new Date(START - 16 * SECOND) })).toMatchObject({
      status: 'unknown',
      evidence: 'the last measurement is 16 s old: measured by GTID',
    });
    expect(ofPair({ state: { ...pair().state, lag: null } }, 'lag').status).toBe('unknown');
  });

  test("counts beyond the intended delay of the pair's channel only", () => {
    const channels = [channel({ name: 'a', intendedDelayMs: HOUR }), channel({ name: 'b' })];
    const delayed = (name: string | null) => {
      const own = pair();
      const status = own.state.replication as ReplicationStatus;
      const replication = {
        ...status,
        channels,
        channel: channels.find((each) => each.name === name) ?? null,
      };
      return lag(HOUR + 5_000, {}, { state: { ...own.state, replication } });
    };
    expect(delayed('a')).toMatchObject({
      status: 'false',
      evidence: 'lag 1 h < 1 h, 1 h of it intended: measured by GTID',
    });
    expect(delayed('b')).toMatchObject({ status: 'true', severity: 'CRITICAL' });
    // Which it is is not known: a delay that may be another pair's excuses nothing.
    expect(delayed(null)).toMatchObject({ status: 'true', severity: 'CRITICAL' });
  });

  test('follows from lost connections and from replication that does not run', () => {
    expect(lag(0).follows).toEqual([
      'connection-lost server=db1',
      'connection-lost server=db2',
      'replication-missing pair=orders',
      'replication-broken pair=orders',
      'replication-stopped pair=orders',
    ]);
  });
});

describe('a lag that nobody can tell', () => {
  const unknown = {
    ...pair().state,
    state: 'unknown' as const,
    evidence: 'lag unknown: because',
    since: new Date(START - 5 * SECOND),
  };

  test('is an alert while both servers answer, with the sentence of the state', () => {
    expect(ofPair({ state: unknown }, 'lag-unknown')).toMatchObject({
      status: 'true',
      severity: 'WARNING',
      evidence: 'lag unknown: because',
    });
    expect(ofPair({}, 'lag-unknown').status).toBe('false');
  });

  test('is none before there was time to measure', () => {
    expect(ofPair({ state: { ...unknown, since: new Date(START - SECOND) } }, 'lag-unknown').status).toBe(
      'unknown',
    );
  });

  test('is the connection’s matter while a server of the pair does not answer, and only then', () => {
    const servers = (away: string) =>
      ['db1', 'db2', 'db3'].map((name) => server(name, name === away ? { connection: 'connecting' } : {}));
    const status = (away: string) =>
      of(snapshot({ servers: servers(away), pairs: [pair({ state: unknown })] }), 'lag-unknown').status;
    expect([status('db1'), status('db2'), status('db3')]).toEqual(['unknown', 'unknown', 'true']);
  });
});
