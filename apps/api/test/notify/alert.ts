import type { Alert } from '@lockstep/checks';

export const START = Date.UTC(2026, 2, 1, 12);

export function alert(changes: Partial<Alert> = {}): Alert {
  return {
    id: 'a1',
    fingerprint: 'lag pair=orders',
    rule: 'lag',
    severity: 'WARNING',
    state: 'firing',
    pair: 'orders',
    server: null,
    table: null,
    tableName: null,
    summary: 'Replica is lagging',
    evidence: 'lag 12 s ≥ 10 s',
    startedAt: new Date(START - 20_000),
    firedAt: new Date(START - 10_000),
    updatedAt: new Date(START),
    resolvedAt: null,
    noData: false,
    acknowledged: null,
    silencedUntil: null,
    inhibitedBy: null,
    ...changes,
  };
}

export const resolved = (changes: Partial<Alert> = {}): Alert =>
  alert({ state: 'resolved', resolvedAt: new Date(START), evidence: 'lag 0 s', ...changes });
