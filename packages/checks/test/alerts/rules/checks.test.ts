import { describe, expect, test } from 'vitest';
import { ofPair } from '../judged.ts';
import { pair, result, run } from '../state.ts';

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
