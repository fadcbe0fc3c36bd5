import type { Alert } from '@lockstep/checks';

/** No alert, in the form of one; of the mildest severity, lest whoever does not look at `event` wakes somebody. */
export function madeUp(id: string, said: Pick<Alert, 'summary' | 'evidence'>, now = new Date()): Alert {
  return {
    id,
    fingerprint: id,
    rule: 'lag',
    severity: 'INFO',
    state: 'firing',
    pair: null,
    server: null,
    table: null,
    tableName: null,
    ...said,
    startedAt: now,
    firedAt: now,
    updatedAt: now,
    resolvedAt: null,
    noData: false,
    acknowledged: null,
    silencedUntil: null,
    inhibitedBy: null,
  };
}
