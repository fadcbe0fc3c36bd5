import type { Alert, Delivery } from '@lockstep/checks';
import { describe, expect, test } from 'vitest';
import { keyToTell } from '../../src/notify/key-to-tell.ts';
import { alert, resolved, START } from './fixtures.ts';

const now = new Date(START);

function told(about: Alert, key: string, state: Delivery['state'] = 'delivered'): Delivery {
  return {
    key,
    destination: 'ops',
    alert: about,
    state,
    createdAt: now,
    endedAt: now,
    attempts: 1,
    error: null,
  };
}
const warned = told(alert(), 'a1/firing/WARNING');
const critical = alert({ severity: 'CRITICAL' });

describe('an alert is told', () => {
  test('when it fires, once', () => {
    expect(keyToTell(alert(), [], 'INFO', now)).toBe('a1/firing/WARNING');
    expect(keyToTell(alert(), [warned], 'INFO', now)).toBeNull();
  });

  test('when it gets worse, not when it gets better', () => {
    const alarmed = told(critical, 'a1/firing/CRITICAL');
    expect(keyToTell(critical, [warned], 'INFO', now)).toBe('a1/firing/CRITICAL');
    expect(keyToTell(alert(), [alarmed], 'INFO', now)).toBeNull();
    expect(keyToTell(critical, [warned, alarmed], 'INFO', now)).toBeNull();
  });

  test('when it is over, to those who were told that it fired', () => {
    expect(keyToTell(resolved(), [warned], 'INFO', now)).toBe('a1/resolved');
    expect(keyToTell(resolved(), [], 'INFO', now)).toBeNull();
    expect(keyToTell(resolved(), [{ ...warned, state: 'given-up' }], 'INFO', now)).toBeNull();
    expect(keyToTell(resolved(), [warned, told(resolved(), 'a1/resolved')], 'INFO', now)).toBeNull();
  });
});

describe('an alert is not told', () => {
  test.each([
    ['while it is pending', { state: 'pending', firedAt: null }],
    ['while it is silenced', { silencedUntil: new Date(START + 1) }],
    ['while it follows from another', { inhibitedBy: 'connection-lost server=db1' }],
  ] as const)('%s', (_, changes) => {
    expect(keyToTell(alert(changes), [], 'INFO', now)).toBeNull();
  });

  test('to those who want worse ones only, until it is one', () => {
    expect(keyToTell(alert(), [], 'CRITICAL', now)).toBeNull();
    expect(keyToTell(critical, [], 'CRITICAL', now)).toBe('a1/firing/CRITICAL');
  });
});

test('a silence that has ended hides nothing', () => {
  expect(keyToTell(alert({ silencedUntil: now }), [], 'INFO', now)).toBe('a1/firing/WARNING');
});
