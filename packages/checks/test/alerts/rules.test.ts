import { describe, expect, test } from 'vitest';
import { type Condition, fingerprint, type Subject } from '../../src/alerts/condition/condition.ts';
import type { PairSnapshot, Snapshot } from '../../src/alerts/condition/snapshot.ts';
import { judge, judging } from '../../src/alerts/judge.ts';
import { isQuiet } from '../../src/alerts/judge-table.ts';
import { Mishaps } from '../../src/mishaps.ts';
import type { AlertRule, LagSample, ReplicationStatus, Verdict } from '../../src/model/index.ts';
import { UnseenTime } from '../../src/time/unseen-time.ts';
import { HOUR, SECOND, START } from './fixtures.ts';
import { channel, pair, result, run, server, snapshot } from './state.ts';

function of(state: Snapshot, rule: AlertRule, subject: Subject = { pair: 'orders' }): Condition {
  const wanted = fingerprint(rule, subject);
  const found = judge(state).filter((condition) => condition.fingerprint === wanted);
  expect(found).toHaveLength(1);
  return found[0] as Condition;
}

const ofPair = (changes: Partial<PairSnapshot>, rule: AlertRule, subject?: Subject) =>
  of(snapshot({ pairs: [pair(changes)] }), rule, subject);

test('a healthy state is a list of conditions none of which is true, each with its own fingerprint and evidence', () => {
  const conditions = judge(snapshot());
  expect(conditions.filter(({ status }) => status !== 'false')).toEqual([]);
  expect(new Set(conditions.map(({ fingerprint }) => fingerprint)).size).toBe(conditions.length);
  expect(conditions.filter(({ evidence, summary }) => !evidence || !summary)).toEqual([]);
  expect(new Set(conditions.map(({ rule }) => rule)).size).toBe(20);
});

test('tables whose names look the same once they are put together have alerts of their own', () => {
  const results = [
    result({ schema: 'a', table: 'b.c', verdict: 'DIFFERENT' }),
    result({ schema: 'a.b', table: 'c' }),
  ];
  const of = judge(snapshot({ pairs: [pair({ results })] })).filter(({ rule }) => rule === 'table-different');
  expect(of.map(({ fingerprint, status }) => [fingerprint, status])).toEqual([
    ['table-different pair=orders table=a.`b.c`', 'true'],
    ['table-different pair=orders table=`a.b`.c', 'false'],
  ]);
});

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

describe('replication', () => {
  test.each([
    ['in-sync', 'false', 'false', 'false'],
    ['lagging', 'false', 'false', 'false'],
    ['delayed', 'false', 'false', 'false'],
    ['stopped', 'true', 'false', 'false'],
    ['connecting', 'true', 'false', 'false'],
    ['broken', 'false', 'true', 'false'],
    ['vanished', 'false', 'false', 'true'],
    ['not-configured', 'false', 'false', 'false'],
    ['unknown', 'unknown', 'unknown', 'unknown'],
  ] as const)('that is %s: stopped %s, broken %s, missing %s', (state, stopped, broken, missing) => {
    const at = (rule: AlertRule) => ofPair({ state: { ...pair().state, state, evidence: 'because' } }, rule);
    expect(at('replication-stopped')).toMatchObject({
      status: stopped,
      severity: 'CRITICAL',
      evidence: 'because',
    });
    expect(at('replication-broken')).toMatchObject({
      status: broken,
      severity: 'CRITICAL',
      evidence: 'because',
    });
    expect(at('replication-missing')).toMatchObject({
      status: missing,
      severity: 'CRITICAL',
      evidence: 'because',
    });
    // Nobody remembers after a restart that it was configured once.
    expect(at('replication-missing').keeps).toBe(state === 'not-configured' ? 'CRITICAL' : undefined);
  });
});

test.each([
  ['connected', 'false'],
  ['connecting', 'unknown'],
  ['disconnected', 'true'],
] as const)('a server that is %s: its connection is lost is %s', (connection, status) => {
  const servers = [server('db1', { connection, evidence: 'refused' })];
  expect(of(snapshot({ servers }), 'connection-lost', { server: 'db1' })).toMatchObject({
    status,
    severity: 'CRITICAL',
    evidence: 'db1 (10.0.0.1:3306): refused',
  });
});

describe('tables', () => {
  test.each<[Verdict, string, string, string, string]>([
    ['MATCH', 'false', 'false', 'false', 'false'],
    ['DIFFERENT', 'true', 'false', 'false', 'false'],
    ['SCHEMA_DIFFERS', 'unknown', 'true', 'false', 'false'],
    ['MISSING', 'unknown', 'unknown', 'true', 'false'],
    ['UNVERIFIED', 'unknown', 'unknown', 'unknown', 'true'],
    ['ERROR', 'unknown', 'unknown', 'unknown', 'true'],
  ])('verdict %s: different %s, schema %s, missing %s, unverified %s', (verdict, ...wanted) => {
    const results = [result({ verdict, reason: 'because' })];
    const rules = ['table-different', 'schema-differs', 'table-missing', 'table-unverified'] as const;
    const found = rules.map((rule) =>
      ofPair({ results }, rule, { pair: 'orders', table: { schema: 'shop', table: 'items' } }),
    );
    expect(found.map(({ status }) => status)).toEqual(wanted);
    expect(found.map(({ severity }) => severity)).toEqual(['CRITICAL', 'WARNING', 'CRITICAL', 'WARNING']);
    for (const { evidence } of found) expect(evidence).toBe('shop.items: because');
  });

  test('a mask that fits no column is alerted, though all is well else, until it fits', () => {
    const of = (changes: Parameters<typeof result>[0]) =>
      ofPair({ results: [result(changes)] }, 'mask-unfit', {
        pair: 'orders',
        table: { schema: 'shop', table: 'items' },
      });
    expect(of({ unfitMasks: ['emial'] })).toMatchObject({
      status: 'true',
      severity: 'WARNING',
      evidence: expect.stringContaining('maskColumns names emial, and no column is called so') as string,
    });
    expect(isQuiet(result({ unfitMasks: ['emial'] }), pair(), snapshot())).toBe(false);
    expect(of({ verdict: 'UNVERIFIED' }).status).toBe('unknown');
    expect(of({}).status).toBe('false');
  });

  test('different rows do not hide different columns', () => {
    const schemaDifferences = [
      { object: 'column a', source: 'int', target: null, message: 'column a is missing on the target' },
    ];
    const results = [result({ verdict: 'DIFFERENT', reason: 'both', schemaDifferences })];
    expect(
      ofPair({ results }, 'schema-differs', { pair: 'orders', table: { schema: 'shop', table: 'items' } }),
    ).toMatchObject({
      status: 'true',
      evidence: 'shop.items: column a is missing on the target',
    });
  });

  const unverified = (changes: Partial<PairSnapshot>) =>
    ofPair(changes, 'table-unverified', { pair: 'orders', table: { schema: 'shop', table: 'items' } });

  test('one that no run could decide is alerted when that has lasted for long', () => {
    expect(unverified({ results: [result({ verdict: 'UNVERIFIED' })] })).toMatchObject({
      status: 'true',
      forMs: 24 * HOUR,
    });
  });

  /** A table that is looked at by a wall clock which somebody sets, and what is said of its age. */
  const steppedClock = () => {
    let [wall, now] = [START, 0];
    const unseen = new UnseenTime({ now: () => now, wall: () => new Date(wall) });
    return {
      wall: () => wall,
      passes: (ms: number, setForwardMs = 0) => {
        wall += ms + setForwardMs;
        now += ms;
        unseen.notice();
      },
      said: (finishedAt: number) =>
        of(
          snapshot({
            at: new Date(wall),
            pairs: [pair({ results: [result({ finishedAt: new Date(finishedAt) })] })],
            unseenSince: (date) => unseen.since(date),
          }),
          'table-unverified',
          { pair: 'orders', table: { schema: 'shop', table: 'items' } },
        ),
    };
  };

  test('none is overdue for a clock that is set forward by a day, until so much time was seen to pass', () => {
    const { wall, passes, said } = steppedClock();
    passes(HOUR);
    passes(1000, 2 * 24 * HOUR);
    const verifiedAfter = wall();
    expect(said(START).status).toBe('false');
    passes(23 * HOUR);
    expect(said(START).status).toBe('false');
    passes(2 * HOUR);
    expect(said(START).status).toBe('true');
    expect(said(verifiedAfter).status).toBe('false');
    passes(HOUR);
    expect(said(verifiedAfter).status).toBe('true');
  });

  test('one is overdue though the clock was set back by a day, and not when it was only just verified', () => {
    const { wall, passes, said } = steppedClock();
    passes(10 * 24 * HOUR);
    // By a clock that was slewed since.
    expect(said(wall() + 20).status).toBe('false');
    const verified = wall();
    passes(1000, -20 * 24 * HOUR);
    passes(24 * HOUR);
    expect(said(verified).status).toBe('false');
    passes(HOUR + 1000);
    expect(said(verified)).toMatchObject({
      status: 'true',
      evidence: expect.stringContaining('last verified 1 d 1 h ago') as string,
    });
  });

  test('one whose next verification is overdue is alerted at once', () => {
    const old = (ms: number) => [result({ finishedAt: new Date(START - ms) })];
    // Every hour, and a day of grace.
    expect(unverified({ results: old(25 * HOUR) }).status).toBe('false');
    expect(unverified({ results: old(26 * HOUR) })).toMatchObject({
      status: 'true',
      forMs: 0,
      evidence: 'shop.items: last verified 1 d 2 h ago: all rows match',
    });
  });

  test('what is verified once a week, by the schedule, is not overdue before', () => {
    const { config } = pair();
    const weekly = { ...config.checks.checksum, schedule: { cron: '0 0 * * 0' } };
    const off = { ...config.checks.checksum, enabled: false };
    const at = (day: number, checksum: typeof weekly | typeof off) =>
      of(
        snapshot({
          at: new Date(2026, 2, day, 12),
          // A Sunday's.
          pairs: [
            pair({
              config: { ...config, checks: { ...config.checks, checksum } },
              results: [result({ finishedAt: new Date(2026, 2, 1, 1) })],
            }),
          ],
        }),
        'table-unverified',
        { pair: 'orders', table: { schema: 'shop', table: 'items' } },
      ).status;
    expect(at(7, weekly)).toBe('false');
    expect(at(8, weekly)).toBe('false');
    expect(at(9, weekly)).toBe('true');
    // No schedule promises it.
    expect(at(30, off)).toBe('false');
  });

  test('of a pair that a person paused, that is no news', () => {
    const state = { ...pair().state, paused: true };
    expect(unverified({ state, results: [result({ verdict: 'UNVERIFIED' })] }).status).toBe('unknown');
    expect(unverified({ state, results: [result({ finishedAt: new Date(0) })] }).status).toBe('unknown');
    expect(unverified({ state, results: [result()] }).status).toBe('false');
  });
});

describe('a pair that was never verified', () => {
  const never = (changes: Partial<PairSnapshot>) =>
    ofPair({ results: [], lastRuns: {}, ...changes }, 'table-unverified');

  test('is alerted when that has lasted for long', () => {
    expect(never({})).toMatchObject({ status: 'true', forMs: 24 * HOUR, summary: 'Pair was never verified' });
  });

  test('is alerted when its runs find no table, with their own words', () => {
    const found = run('finished', 'no table to compare');
    const none = { ...found, progress: { ...found.progress, tablesTotal: 0 } };
    expect(never({ lastRuns: { checksum: none } })).toMatchObject({
      status: 'true',
      evidence: 'no table of orders was ever verified: no table to compare',
    });
  });

  test('is none when its tables are gone since, or nobody wants it verified', () => {
    expect(never({ lastRuns: { checksum: run('finished') } }).status).toBe('false');
    const { config } = pair();
    const off = {
      checksum: { ...config.checks.checksum, enabled: false },
      consistency: { ...config.checks.consistency, enabled: false },
    };
    expect(never({ config: { ...config, checks: off } }).status).toBe('false');
  });

  test('is not said of one whose runs fail: that has its own alert', () => {
    expect(never({ lastRuns: { checksum: run('failed') } }).status).toBe('true');
  });
});

describe('errant transactions', () => {
  const errant = (errant: string | null, errantCount: number | null) => {
    const { state } = pair();
    return ofPair(
      {
        state: {
          ...state,
          replication: { ...(state.replication as ReplicationStatus), errant, errantCount },
        },
      },
      'errant-transactions',
    );
  };

  test('are named with their number', () => {
    expect(errant('uuid:1-3', 3)).toMatchObject({
      status: 'true',
      severity: 'WARNING',
      evidence: 'db2 has 3 transactions that the source does not have: uuid:1-3',
    });
    expect(errant('0-2-11', null).evidence).toBe(
      'db2 has transactions that the source does not have: 0-2-11 (the newest of each writer; MariaDB does not tell how many)',
    );
    expect(errant('x'.repeat(5_000), 1).evidence.length).toBeLessThan(400);
  });

  test('are none only when that is known', () => {
    expect(errant('', 0).status).toBe('false');
    expect(errant(null, null).status).toBe('unknown');
    expect(ofPair({ state: { ...pair().state, replication: null } }, 'errant-transactions').status).toBe(
      'unknown',
    );
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

describe('a replica that reads from another server', () => {
  const reads = (direct: boolean | null, repointed: Date | null) => {
    const { state } = pair();
    const replication = {
      ...(state.replication as ReplicationStatus),
      direct,
      repointed,
      evidence: 'reads from x',
    };
    return ofPair({ state: { ...state, replication } }, 'replication-repointed');
  };

  test('is an alert when it read from the source before', () => {
    expect(reads(false, new Date(START))).toMatchObject({ status: 'true', evidence: 'db2 reads from x' });
    expect(reads(true, null)).toMatchObject({ status: 'false' });
    expect(reads(null, null).status).toBe('unknown');
  });

  test('raises nothing where that was never seen, but is not over either', () => {
    expect(reads(false, null)).toMatchObject({ status: 'false', keeps: 'WARNING' });
    expect(reads(true, null)).not.toHaveProperty('keeps');
  });
});

describe('read_only', () => {
  const at = new Date(START);
  const of2 = (name: string, changes: Parameters<typeof server>[1]) => {
    const other = name === 'db1' ? server('db2') : server('db1', { readOnly: false });
    return of(snapshot({ servers: [server(name, changes), other] }), 'read-only-changed', {
      pair: 'orders',
      server: name,
    });
  };

  test('that went off on the target, or on on the source, is an alert until it is back', () => {
    expect(of2('db2', { readOnly: false, readOnlyChanged: at })).toMatchObject({
      status: 'true',
      summary: 'Target can be written to',
      evidence: 'db2, the target, is writable since 2026-03-01 12:00:00 UTC and was not before',
    });
    expect(of2('db1', { readOnly: true, readOnlyChanged: at })).toMatchObject({
      status: 'true',
      summary: 'Source is read-only',
    });
    expect(of2('db2', { readOnly: true })).toMatchObject({ status: 'false' });
    expect(of2('db1', { readOnly: false, readOnlyChanged: at })).not.toHaveProperty('keeps');
  });

  test('that always was so is meant, but ends no alert', () => {
    expect(of2('db2', { readOnly: false })).toMatchObject({ status: 'false', keeps: 'WARNING' });
  });

  test('of a server that does not answer is not known', () => {
    expect(of2('db2', { connection: 'connecting', readOnly: false, readOnlyChanged: at }).status).toBe(
      'unknown',
    );
  });
});

describe('another server in the place of one', () => {
  const replaced = { before: 'old-uuid', at: new Date(START - SECOND) };
  const servers = [server('db1', { identity: 'new-uuid', replaced }), server('db2')];
  const verified = (checksum: number, consistency: number) => ({
    checksum: { ...run('finished'), startedAt: new Date(START + checksum) },
    consistency: { ...run('finished'), startedAt: new Date(START + consistency) },
  });
  const judged = (changes: Partial<PairSnapshot>, at = START) =>
    of(snapshot({ at: new Date(at), servers, pairs: [pair(changes)] }), 'server-replaced');

  test('is an alert until every check has run on it', () => {
    expect(judged({ lastRuns: verified(-2 * SECOND, SECOND) })).toMatchObject({
      status: 'true',
      evidence:
        'the server_uuid of db1 (10.0.0.1:3306) is new-uuid since 2026-03-01 11:59:59 UTC, it was old-uuid before; what was verified before is to be verified again',
    });
    expect(judged({ lastRuns: verified(SECOND, SECOND) }).status).toBe('false');
  });

  test('is told for a while where nothing is verified', () => {
    const { config } = pair();
    const off = { ...config.checks.checksum, enabled: false };
    const unchecked = { config: { ...config, checks: { checksum: off, consistency: off } } };
    expect(judged(unchecked).status).toBe('true');
    expect(judged(unchecked, START + HOUR).status).toBe('false');
  });
});

describe('a server', () => {
  const ofServer = (rule: AlertRule, changes: Parameters<typeof server>[1]) =>
    of(snapshot({ servers: [server('db1', changes), server('db2')] }), rule, { server: 'db1' });
  const broken = (count: number) => ({
    broken: {
      count,
      withinMs: 300_000,
      at: new Date(START),
      message: 'db1 (10.0.0.1:3306): the connection was killed',
    },
  });

  test('whose connections break again and again is an alert, one that broke is not', () => {
    expect(ofServer('connection-unstable', broken(2)).status).toBe('false');
    expect(ofServer('connection-unstable', broken(3))).toMatchObject({
      status: 'true',
      evidence:
        '3 connections broke within 5 min, the last at 2026-03-01 12:00:00 UTC: db1 (10.0.0.1:3306): the connection was killed',
    });
  });

  test('that lacks a privilege is an alert with the GRANT', () => {
    const missing = { feature: 'replication status', grant: 'GRANT x', message: 'denied' };
    expect(ofServer('privilege-missing', { missingPrivileges: [missing] })).toMatchObject({
      status: 'true',
      evidence: 'no replication status: denied; mended by: GRANT x',
    });
  });

  test('whose clock is ten seconds off is an alert', () => {
    expect(ofServer('clock-wrong', { clockAheadMs: 9_999 }).status).toBe('false');
    expect(ofServer('clock-wrong', { clockAheadMs: -3_600_000 })).toMatchObject({
      status: 'true',
      evidence:
        "the clock of db1 is 1 h behind that of Lockstep's machine, ≥ 10 s; measured lag does not depend on it",
    });
    expect(ofServer('clock-wrong', { clockAheadMs: null }).status).toBe('unknown');
  });
});

describe('a check fails', () => {
  test('when its last run did, until a run comes to its end', () => {
    const lastRuns = { checksum: run('failed', 'error 1045'), consistency: run('finished') };
    expect(ofPair({ lastRuns }, 'check-failing')).toMatchObject({
      status: 'true',
      severity: 'WARNING',
      evidence: 'checksum run failed: error 1045',
    });
  });

  test('when tables could not be checked', () => {
    const error = (table: string) => result({ table, verdict: 'ERROR', reason: 'error 1142: denied' });
    expect(ofPair({ results: [result(), error('a')] }, 'check-failing').evidence).toBe(
      'shop.a: error 1142: denied',
    );
    expect(ofPair({ results: [error('a'), error('b')] }, 'check-failing')).toMatchObject({
      status: 'true',
      evidence: '2 tables, the first is shop.a: error 1142: denied',
    });
  });

  test('is not known before every check has run', () => {
    expect(ofPair({ lastRuns: { checksum: run('finished') } }, 'check-failing').status).toBe('unknown');
  });

  test('is not said of a check that is switched off', () => {
    const { config } = pair();
    const checks = { ...config.checks, consistency: { ...config.checks.consistency, enabled: false } };
    const lastRuns = { checksum: run('finished'), consistency: run('failed') };
    expect(ofPair({ config: { ...config, checks }, lastRuns }, 'check-failing').status).toBe('false');
  });
});

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
