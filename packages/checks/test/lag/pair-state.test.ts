import { describe, expect, test } from 'vitest';
import { type PairStateInput, whatHolds } from '../../src/lag/pair-state.ts';
import type { LagSample } from '../../src/model/lag.ts';
import { lag, state, up } from '../support/pair-state.ts';
import { channel } from '../support/replication.ts';

test('a healthy pair is in sync, with the evidence of its sample', () => {
  expect(state({})).toEqual({ state: 'in-sync', evidence: 'the evidence of the sample' });
});

test('lag below the warning threshold is in sync, from it on lagging, with the place where it arises', () => {
  expect(state({ lag: lag(9999) }).state).toBe('in-sync');
  expect(state({ lag: lag(12_400), attribution: 'link' })).toEqual({
    state: 'lagging',
    evidence: 'lag 12.4 s: changes do not arrive, though the receiver runs',
  });
  const applying = channel({ applierActivity: 'applying u:7 for 12 s' });
  expect(state({ lag: lag(12_400), attribution: 'applier', channel: applying }).evidence).toBe(
    'lag 12.4 s: changes have arrived and wait for the applier (applying u:7 for 12 s)',
  );
});

test('where a lag arises is not known before the status was read again, and the sentence says so', () => {
  const behind = (transactionsBehind: number | null) => lag(322, { transactionsBehind });
  const evidence = (but: Partial<PairStateInput>) => state({ warningMs: 300, ...but }).evidence;
  expect(evidence({ lag: behind(1) })).toBe(
    'lag 322 ms: 1 transaction of db1 is missing; where it waits is not known yet',
  );
  expect(evidence({ lag: behind(1234) })).toBe(
    'lag 322 ms: 1,234 transactions of db1 are missing; where they wait is not known yet',
  );
  expect(evidence({ lag: behind(null), attribution: 'unknown' })).toBe(
    'lag 322 ms: changes of db1 are missing; where they wait is not known',
  );
});

describe('no sentence ends without a reason', () => {
  const channels = {
    healthy: channel(),
    none: null,
    delayed: channel({ intendedDelayMs: 5000 }),
    applying: channel({ applierActivity: 'applying u:7' }),
    'applier stopped': channel({ applier: 'stopped' }),
    'receiver stopped': channel({ receiver: 'stopped' }),
    'both stopped': channel({ receiver: 'stopped', applier: 'stopped' }),
    connecting: channel({ receiver: 'connecting' }),
    'applier broken': channel({
      applier: 'stopped',
      applierError: { code: 1062, message: 'Duplicate entry', at: null },
    }),
    'receiver broken': channel({
      receiver: 'stopped',
      receiverError: { code: 1236, message: 'Purged', at: null },
    }),
  };
  const lags = [null, lag(null), lag(0), lag(3000), lag(60_000), lag(60_000, { transactionsBehind: 3 })];
  const estimate = lag(60_000, { method: 'estimate', uncertaintyMs: null });
  const attributions = ['none', 'unknown', 'link', 'receiver', 'applier', 'intended'] as const;
  const reasons = ['absent', 'ambiguous', 'unread'] as const;
  const down = { name: 'db', connected: false, evidence: 'connection refused' };
  const servers: Partial<PairStateInput>[] = [{}, { source: down }, { target: down }];

  test.each(Object.entries(channels))('with a channel: %s', (_, channel) => {
    for (const attribution of attributions) {
      for (const sample of [...lags, estimate]) {
        for (const reason of reasons) {
          for (const server of servers) {
            const noChannel = channel ? null : { reason, evidence: 'no privilege' };
            const { evidence } = state({ channel, noChannel, attribution, lag: sample, ...server });
            expect(evidence).not.toBe('');
            // A figure alone, or a half-sentence.
            expect(evidence).not.toMatch(
              /^(lag( estimated at)? [\d.]+ [a-z]+|lag unknown)( beyond [^:]+)?$|[:;,]\s*$/,
            );
          }
        }
      }
    }
  });
});

test('a stopped thread says so, with the lag and since when', () => {
  const stoppedSince = new Date('2026-01-02T14:02:11.9Z');
  expect(state({ lag: lag(12_400), channel: channel({ applier: 'stopped' }), stoppedSince })).toEqual({
    state: 'stopped',
    evidence: 'lag 12.4 s: the applier is stopped since 2026-01-02 14:02:11 UTC',
  });
  expect(state({ channel: channel({ receiver: 'stopped' }) }).evidence).toBe(
    'lag 0 ms: the receiver is stopped',
  );
});

test('a thread that stopped on an error is broken, with number, time and words', () => {
  const at = new Date('2026-01-02T14:02:11Z');
  const broken = channel({
    applier: 'stopped',
    applierError: { code: 1062, message: 'Duplicate entry', at },
  });
  expect(state({ lag: lag(3000), channel: broken })).toEqual({
    state: 'broken',
    evidence: 'lag 3 s: the applier stopped on error 1062 at 2026-01-02 14:02:11 UTC: Duplicate entry',
  });
});

test('a receiver that cannot reach its source is connecting', () => {
  const connecting = channel({
    receiver: 'connecting',
    receiverError: { code: 2003, message: 'Can’t connect', at: null },
  });
  expect(state({ lag: lag(0), channel: connecting })).toEqual({
    state: 'connecting',
    evidence: 'lag 0 ms: the receiver cannot reach 10.0.0.1:3306 (error 2003: Can’t connect)',
  });
});

test('an unreachable source makes the pair unknown, never in sync', () => {
  const source = { name: 'db1', connected: false, evidence: 'connection refused' };
  expect(state({ source, lag: lag(null) })).toEqual({
    state: 'unknown',
    evidence: 'lag unknown: db1: connection refused',
  });
  expect(state({ source, lag: lag(0) }).state).toBe('unknown');
});

test('an unreachable target makes the pair unknown, whatever was known before', () => {
  const target = { name: 'db2', connected: false, evidence: 'connection refused' };
  expect(state({ target, channel: channel({ applier: 'stopped' }) })).toEqual({
    state: 'unknown',
    evidence: 'db2: connection refused',
  });
});

test('an unknown lag is unknown even if all threads run', () => {
  expect(state({ lag: lag(null) })).toEqual({ state: 'unknown', evidence: 'lag unknown: because' });
  expect(state({ lag: null }).state).toBe('unknown');
});

test('an estimate can prove a pair lagging, but not in sync', () => {
  expect(state({ lag: lag(12_400, { method: 'estimate', uncertaintyMs: null }) })).toEqual({
    state: 'lagging',
    evidence: 'lag estimated at 12.4 s: changes of db1 are missing; where they wait is not known yet',
  });
  expect(state({ lag: lag(900, { method: 'estimate', uncertaintyMs: null }) }).state).toBe('unknown');
});

test('an intended delay is not lag until it is exceeded by the threshold', () => {
  const delayed = { channel: channel({ intendedDelayMs: 3_600_000 }), attribution: 'intended' as const };
  expect(state({ ...delayed, lag: lag(3_601_000) })).toEqual({
    state: 'delayed',
    evidence: 'delayed on purpose by 1 h: the evidence of the sample',
  });
  expect(state({ ...delayed, lag: lag(3_720_000) })).toEqual({
    state: 'lagging',
    evidence: 'lag 1 h 2 min beyond the intended delay of 1 h: changes have arrived and wait as configured',
  });
});

test('no replication is "not configured", or "vanished" if there was some', () => {
  const none = { channel: null, noChannel: { reason: 'absent' as const, evidence: 'db2 is not a replica' } };
  expect(state(none)).toEqual({ state: 'not-configured', evidence: 'db2 is not a replica' });
  expect(state({ ...none, replicatedBefore: true })).toEqual({
    state: 'vanished',
    evidence: 'replication was configured and is not any more: db2 is not a replica',
  });
});

test('a status that may not be read does not hide a lag that is known', () => {
  const unread = { channel: null, noChannel: { reason: 'unread' as const, evidence: 'no privilege' } };
  expect(state({ ...unread, lag: lag(0) })).toEqual({
    state: 'in-sync',
    evidence: 'the evidence of the sample; no privilege',
  });
  expect(state({ ...unread, lag: lag(12_000), attribution: 'unknown' })).toEqual({
    state: 'lagging',
    evidence: 'lag 12 s: changes of db1 are missing; where they wait is not known; no privilege',
  });
  expect(state({ ...unread, lag: lag(null) })).toEqual({ state: 'unknown', evidence: 'no privilege' });
});

test('why the target makes no progress is told without the lag that follows from it', () => {
  const input = { source: up('db1'), target: up('db2'), stoppedSince: null };
  const error = { code: 1, message: 'lag 3 s: or so', at: null };
  const broken = channel({ applier: 'stopped', applierError: error });
  expect(whatHolds({ ...input, channel: broken })).toEqual({
    state: 'broken',
    why: 'the applier stopped on error 1: lag 3 s: or so',
  });
  expect(whatHolds({ ...input, channel: channel({ receiver: 'stopped' }) })).toEqual({
    state: 'stopped',
    why: 'the receiver is stopped',
  });
  expect(whatHolds({ ...input, channel: channel() })).toBeNull();
  expect(whatHolds({ ...input, channel: null })).toBeNull();
  const gone = { name: 'db2', connected: false, evidence: 'gone' };
  expect(whatHolds({ ...input, target: gone, channel: broken })).toBeNull();
});

test('a pair is unknown before its status was read, and where both names lead to one server', () => {
  expect(state({ channel: null, noChannel: null })).toEqual({
    state: 'unknown',
    evidence: 'the replication status was not read yet',
  });
  expect(state({ oneServer: 'both names lead to one server' })).toEqual({
    state: 'unknown',
    evidence: 'both names lead to one server',
  });
  const gone = { name: 'db1', connected: false, evidence: 'refused' };
  expect(state({ oneServer: 'both names lead to one server', source: gone }).evidence).toBe(
    'lag unknown: db1: refused',
  );
});

test('several channels that may be the pair’s tell no lag, whatever is known of it', () => {
  const noChannel = { reason: 'ambiguous', evidence: 'two channels' } as const;
  expect(state({ channel: null, noChannel })).toEqual({ state: 'unknown', evidence: 'two channels' });
});

test('a source that neither Lockstep nor the receiver reaches is told of by both', () => {
  const source = { name: 'db1', connected: false, evidence: 'refused' };
  expect(state({ source, channel: channel({ receiver: 'connecting' }) }).evidence).toBe(
    'lag unknown: db1: refused; the receiver cannot reach 10.0.0.1:3306',
  );
  expect(state({ source }).evidence).toBe('lag unknown: db1: refused');
});

test('an error that a thread that runs once had stops nothing, and one of the receiver breaks replication', () => {
  const error = { code: 1236, message: 'purged', at: null };
  expect(state({ channel: channel({ applierError: error, receiverError: error }) }).state).toBe('in-sync');
  expect(state({ channel: channel({ receiver: 'stopped', receiverError: error }) })).toEqual({
    state: 'broken',
    evidence: 'lag 0 ms: the receiver stopped on error 1236: purged',
  });
  expect(state({ channel: channel({ receiver: 'stopped', applier: 'stopped' }) }).evidence).toBe(
    'lag 0 ms: receiver and applier are stopped',
  );
});

test('a lag that is known within a second is a number; one that is not is at least that', () => {
  const stopped = channel({ applier: 'stopped' });
  const said = (uncertaintyMs: number | null, method: LagSample['method'] = 'gtid') =>
    state({ channel: stopped, lag: lag(5000, { uncertaintyMs, method }) }).evidence.replace(/:.*/, '');
  expect(said(1000)).toBe('lag 5 s');
  expect(said(1001)).toBe('lag at least 5 s');
  expect(said(null)).toBe('lag 5 s');
  expect(said(1500, 'file')).toBe('lag 5 s');
  expect(said(1501, 'file')).toBe('lag at least 5 s');
  const estimate = lag(5000, { method: 'estimate', atLeastMs: 2000 });
  expect(state({ channel: stopped, lag: estimate }).evidence).toMatch(/^lag estimated at 5 s: /);
  expect(state({ channel: stopped, lag: null }).evidence).toBe('lag unknown: the applier is stopped');
});

test('changes that a receiver does not fetch are said to wait for it', () => {
  expect(state({ lag: lag(12_000), attribution: 'receiver' }).evidence).toBe(
    'lag 12 s: changes do not arrive, the receiver does not run',
  );
  expect(state({ lag: lag(12_000), attribution: 'unknown' }).evidence).toBe(
    'lag 12 s: changes of db1 are missing; where they wait is not known',
  );
});
