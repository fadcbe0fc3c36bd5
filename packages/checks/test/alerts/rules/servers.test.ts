import { describe, expect, test } from 'vitest';
import type { PairSnapshot } from '../../../src/alerts/condition/snapshot.ts';
import type { AlertRule } from '../../../src/model/index.ts';
import { HOUR, SECOND, START } from '../fixtures.ts';
import { of } from '../judged.ts';
import { pair, run, server, snapshot } from '../state.ts';

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
