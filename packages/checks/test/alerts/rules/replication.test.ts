import { describe, expect, test } from 'vitest';
import type { AlertRule, ReplicationStatus } from '../../../src/model/index.ts';
import { START } from '../fixtures.ts';
import { ofPair } from '../judged.ts';
import { pair } from '../state.ts';

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
