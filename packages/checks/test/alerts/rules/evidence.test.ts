// The sentences of what is well, and of the edges between well and not.
import { describe, expect, test } from 'vitest';
import type { PairSnapshot } from '../../../src/alerts/condition/snapshot.ts';
import type { AlertRule, ReplicationStatus } from '../../../src/model/index.ts';
import { SECOND, START } from '../fixtures.ts';
import { of, ofPair } from '../judged.ts';
import { pair, result, run, server, snapshot } from '../state.ts';

const ofServer = (rule: AlertRule, changes: Parameters<typeof server>[1]) =>
  of(snapshot({ servers: [server('db1', changes), server('db2')] }), rule, { server: 'db1' });

describe('a clock', () => {
  test('is wrong from ten seconds on, ahead or behind, and the sentence says by how much', () => {
    expect(ofServer('clock-wrong', { clockAheadMs: 10_000 })).toMatchObject({
      status: 'true',
      evidence:
        "the clock of db1 is 10 s ahead of that of Lockstep's machine, ≥ 10 s; measured lag does not depend on it",
    });
    expect(ofServer('clock-wrong', { clockAheadMs: -10_000 })).toMatchObject({ status: 'true' });
    expect(ofServer('clock-wrong', { clockAheadMs: -2_000 })).toMatchObject({
      status: 'false',
      evidence:
        "the clock of db1 is 2 s behind that of Lockstep's machine, < 10 s; measured lag does not depend on it",
    });
  });

  test('of a server that does not answer is not known', () => {
    expect(ofServer('clock-wrong', { connection: 'disconnected', clockAheadMs: 0 })).toMatchObject({
      status: 'unknown',
      evidence: 'the clock of db1 is not known',
    });
  });
});

describe('connections that break', () => {
  const broken = (count: number) => ({
    count,
    withinMs: 60_000,
    at: new Date(START),
    message: 'it was killed',
  });

  test('are counted in words', () => {
    expect(ofServer('connection-unstable', { broken: broken(1) }).evidence).toBe(
      '1 connection broke within 1 min, the last at 2026-03-01 12:00:00 UTC: it was killed',
    );
    expect(ofServer('connection-unstable', { broken: null }).evidence).toBe(
      'db1: no connection broke lately',
    );
  });

  test('are nothing that can be judged while the server is away', () => {
    const away = { connection: 'connecting', broken: broken(9) } as const;
    expect(ofServer('connection-unstable', away).status).toBe('unknown');
  });
});

describe('a privilege', () => {
  test('is known to be missing though the server is away, and not known to be there', () => {
    const missing = { feature: 'replication status', grant: 'GRANT x', message: 'denied' };
    const away = { connection: 'connecting' } as const;
    expect(ofServer('privilege-missing', { ...away, missingPrivileges: [missing] }).status).toBe('true');
    expect(ofServer('privilege-missing', away).status).toBe('unknown');
    expect(ofServer('privilege-missing', {})).toMatchObject({
      status: 'false',
      evidence: 'db1: no privilege is known to be missing',
    });
    expect(
      ofServer('privilege-missing', { missingPrivileges: [missing, { ...missing, grant: 'GRANT y' }] })
        .evidence,
    ).toBe(
      'no replication status: denied; mended by: GRANT x. no replication status: denied; mended by: GRANT y',
    );
  });
});

describe('checks', () => {
  test('that all came to their end are said to have, and those that have not run yet not to', () => {
    expect(ofPair({}, 'check-failing').evidence).toBe('the last run of every check came to its end');
    expect(ofPair({ lastRuns: {} }, 'check-failing')).toMatchObject({
      status: 'unknown',
      evidence: 'not every check has run yet',
    });
  });

  test('that fail are told before tables that could not be checked, and the first of them', () => {
    const lastRuns = { checksum: run('failed', 'one'), consistency: { ...run('failed', 'two') } };
    const results = [result({ verdict: 'ERROR', reason: 'denied' })];
    expect(ofPair({ lastRuns, results }, 'check-failing')).toMatchObject({
      summary: 'A check fails',
      evidence: 'checksum run failed: one',
      forMs: 0,
      keepFiringForMs: 0,
    });
    expect(ofPair({ results }, 'check-failing').summary).toBe('Tables cannot be checked');
  });
});

describe('errant transactions', () => {
  const errant = (changes: Partial<ReplicationStatus>) => {
    const { state } = pair();
    const replication = { ...(state.replication as ReplicationStatus), ...changes };
    return ofPair({ state: { ...state, replication } }, 'errant-transactions');
  };

  test('are as bad as they are many, where that is told', () => {
    expect(errant({ errant: 'u:1', errantCount: 1 })).toMatchObject({
      size: 1,
      evidence: 'db2 has 1 transaction that the source does not have: u:1',
    });
    expect(errant({ errant: '0-2-11', errantCount: null })).not.toHaveProperty('size');
  });

  test('are none, or not known, in words', () => {
    expect(errant({ errant: '', errantCount: 0 }).evidence).toBe('db2 has no transactions of its own');
    expect(errant({ errant: null, errantCount: null }).evidence).toBe(
      'whether db2 has transactions of its own is not known',
    );
  });

  test('that somebody named are told besides, and long sets are cut', () => {
    expect(errant({ errant: '', errantCount: 0, errantKnown: 'u:1-3' }).evidence).toBe(
      'db2 has no transactions of its own; not counted, since errant.ignore names who wrote them: u:1-3',
    );
    const cut = (length: number) =>
      errant({ errant: 'x'.repeat(length), errantCount: 2 }).evidence.split(': ')[1];
    expect(cut(300)).toBe('x'.repeat(300));
    expect(cut(301)).toBe(`${'x'.repeat(300)}…`);
  });
});

describe('a lag that nobody can tell', () => {
  const { state } = pair();
  const unknown = (sinceMs: number) =>
    ofPair({ state: { ...state, state: 'unknown', since: new Date(START - sinceMs) } }, 'lag-unknown').status;

  test('is given two seconds to be told', () => {
    expect(unknown(1_999)).toBe('unknown');
    expect(unknown(2_000)).toBe('true');
    // What is known is known at once.
    const known = { ...state, since: new Date(START) };
    expect(ofPair({ state: known }, 'lag-unknown').status).toBe('false');
  });
});

describe('lag', () => {
  const { state } = pair();
  const measured = (agoMs: number) =>
    ofPair({ state: { ...state, lag: { ...state.lag!, at: new Date(START - agoMs) } } }, 'lag');

  test('is known for fifteen seconds after it was measured, by a clock that may be set back', () => {
    expect(measured(15 * SECOND).status).toBe('false');
    expect(measured(15 * SECOND + 1).status).toBe('unknown');
    expect(measured(-15 * SECOND).status).toBe('false');
    expect(measured(-16 * SECOND)).toMatchObject({
      status: 'unknown',
      evidence: expect.stringMatching(/^the last measurement is 16 s old: /) as string,
    });
  });

  test('that was never measured is said not to be measured yet, and is as bad as it is at least', () => {
    expect(ofPair({ state: { ...state, lag: null } }, 'lag').evidence).toBe('not measured yet');
    const sample = { ...state.lag!, at: new Date(START), lagMs: 12_000, uncertaintyMs: 0 };
    expect(ofPair({ state: { ...state, lag: sample } }, 'lag')).toMatchObject({ size: 12_000 });
  });
});

describe('read_only', () => {
  test('of a member of a pair alone is judged, and says what it is', () => {
    const servers = [server('db1', { readOnly: false }), server('db2'), server('db3')];
    const said = (name: string) =>
      of(snapshot({ servers }), 'read-only-changed', { pair: 'orders', server: name });
    expect(said('db1')).toMatchObject({ status: 'false', evidence: 'db1, the source, is writable' });
    expect(said('db2')).toMatchObject({ status: 'false', evidence: 'db2, the target, is read-only' });
    expect(() => said('db3')).toThrow();
  });

  test('that is not told is not known', () => {
    const servers = [server('db1', { readOnly: null }), server('db2')];
    const said = of(snapshot({ servers }), 'read-only-changed', { pair: 'orders', server: 'db1' });
    expect(said).toMatchObject({
      status: 'unknown',
      evidence: 'db1, the source, is not known to be read-only or writable',
    });
    expect(said).not.toHaveProperty('keeps');
  });
});

describe('replication', () => {
  test('that cannot reach its source is called so, and what stands otherwise is stopped', () => {
    const { state } = pair();
    const summary = (name: 'connecting' | 'stopped') =>
      ofPair({ state: { ...state, state: name } }, 'replication-stopped').summary;
    expect(summary('connecting')).toBe('Replica cannot reach its source');
    expect(summary('stopped')).toBe('Replication is stopped');
  });

  test('of which no status is known is explained by the state of the pair', () => {
    const { state } = pair();
    expect(
      ofPair({ state: { ...state, replication: null, evidence: 'no status yet' } }, 'replication-repointed'),
    ).toMatchObject({ status: 'unknown', evidence: 'db2 no status yet' });
  });
});

describe('another server in the place of one', () => {
  const replaced = { before: 'old', at: new Date(START) };
  const judged = (
    changes: Partial<PairSnapshot>,
    servers = [server('db1', { replaced }), server('db2')],
    at = START,
  ) => of(snapshot({ at: new Date(at), servers, pairs: [pair(changes)] }), 'server-replaced');
  const at = (ms: number) => ({ ...run('finished'), startedAt: new Date(START + ms) });

  test('is verified by runs that began after it came, and found a table', () => {
    expect(judged({ lastRuns: { checksum: at(1), consistency: at(1) } })).toMatchObject({
      status: 'false',
      evidence: 'all checks have run since servers were last replaced',
    });
    expect(judged({ lastRuns: { checksum: at(1), consistency: at(0) } }).status).toBe('true');
    expect(judged({ lastRuns: { checksum: at(1) } }).status).toBe('true');
    const none = { ...at(1), progress: { ...at(1).progress, tablesTotal: 0 } };
    expect(judged({ lastRuns: { checksum: at(1), consistency: none } }).status).toBe('true');
  });

  test('is told for ten minutes where nothing is verified', () => {
    const { config } = pair();
    const off = { ...config.checks.checksum, enabled: false };
    const unchecked = { config: { ...config, checks: { checksum: off, consistency: off } } };
    expect(judged(unchecked, undefined, START + 599_999).status).toBe('true');
    expect(judged(unchecked, undefined, START + 600_000).status).toBe('false');
  });

  test('of both is told of both, by what each flavour names its servers with', () => {
    const servers = [
      server('db1', { replaced, identity: 'u1' }),
      server('db2', { replaced, flavour: 'mariadb', identity: '7' }),
    ];
    expect(judged({ lastRuns: {} }, servers).evidence).toBe(
      'the server_uuid of db1 (10.0.0.1:3306) is u1 since 2026-03-01 12:00:00 UTC, it was old before; the server_id of db2 (10.0.0.1:3306) is 7 since 2026-03-01 12:00:00 UTC, it was old before; what was verified before is to be verified again',
    );
  });
});

describe('a pair that was never verified', () => {
  const never = (changes: Partial<PairSnapshot>) =>
    ofPair({ results: [], lastRuns: {}, ...changes }, 'table-unverified');
  const { config, state } = pair();

  test('is told by the words of the run that found nothing, and else by none', () => {
    expect(never({}).evidence).toBe('no table of orders was ever verified');
    expect(never({ results: [result()] })).toMatchObject({
      status: 'false',
      evidence: 'tables of orders were verified',
    });
    expect(never({ lastRuns: { checksum: run('failed') } }).evidence).toBe(
      'no table of orders was ever verified',
    );
  });

  test('is none where one check is not wanted, and no news while the pair is paused', () => {
    const off = { ...config.checks.checksum, enabled: false };
    const checks = { ...config.checks, checksum: off };
    expect(never({ config: { ...config, checks } }).status).toBe('true');
    const none = { checksum: off, consistency: off };
    expect(never({ config: { ...config, checks: none } }).evidence).toBe('no check of orders is enabled');
    expect(never({ state: { ...state, paused: true } }).status).toBe('unknown');
  });

  test('is verified on request only where both sides are one storage', () => {
    const replication = { ...state.replication!, sameStorage: 'both read one storage' };
    expect(never({ state: { ...state, replication } })).toMatchObject({
      status: 'false',
      evidence: 'verified on request only: both read one storage',
    });
  });
});

describe('a table', () => {
  const table = { schema: 'shop', table: 'items' };
  const said = (rule: AlertRule, changes: Parameters<typeof result>[0], state = pair().state) =>
    ofPair({ results: [result(changes)], state }, rule, { pair: 'orders', table });

  test('of which a filter keeps everything is told to be missing, and not that it is unverified', () => {
    const leftOut = { verdict: 'UNVERIFIED', excludedBy: 'Replicate_Ignore_Table=shop.items' } as const;
    expect(said('table-missing', leftOut).status).toBe('true');
    expect(said('table-unverified', leftOut).status).toBe('false');
    expect(said('table-missing', { verdict: 'MATCH', excludedBy: 'x' }).status).toBe('false');
    expect(said('table-unverified', { verdict: 'ERROR', excludedBy: 'x' }).status).toBe('true');
  });

  test('that differs is as bad as its rows are many', () => {
    const differences = { missing: 1, surplus: 2, changed: 4 };
    expect(said('table-different', { verdict: 'DIFFERENT', differences }).size).toBe(7);
  });

  test('whose columns differ names all that does', () => {
    const schemaDifferences = ['a is missing', 'b is missing'].map((message) => ({
      object: 'column',
      source: 'int',
      target: null,
      message,
    })) as unknown as ReturnType<typeof result>['schemaDifferences'];
    expect(said('schema-differs', { verdict: 'SCHEMA_DIFFERS', schemaDifferences }).evidence).toBe(
      'shop.items: a is missing; b is missing',
    );
    expect(said('schema-differs', { verdict: 'MATCH', schemaDifferences }).status).toBe('true');
    expect(said('schema-differs', { verdict: 'UNVERIFIED', schemaDifferences }).status).toBe('unknown');
  });

  test('that a mask does not fit, or that was not decided, says so, and that all fit', () => {
    expect(said('mask-unfit', { unfitMasks: ['a', 'b'] }).evidence).toContain('maskColumns names a, b,');
    expect(said('mask-unfit', {})).toMatchObject({
      status: 'false',
      evidence: 'shop.items: every mask fits a column',
    });
    for (const verdict of ['UNVERIFIED', 'ERROR', 'MISSING'] as const) {
      expect(said('mask-unfit', { verdict, reason: 'because' })).toMatchObject({
        status: 'unknown',
        evidence: 'shop.items: because',
      });
    }
  });

  test('is said when it is raised, and when it is over, at once', () => {
    const rules = ['table-missing', 'schema-differs', 'mask-unfit', 'table-different'] as const;
    for (const rule of rules) expect(said(rule, {}), rule).toMatchObject({ forMs: 0, keepFiringForMs: 0 });
    expect(said('table-unverified', {})).toMatchObject({ forMs: 0, keepFiringForMs: 0 });
  });
});
