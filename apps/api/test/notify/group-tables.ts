import type { Alert } from '@lockstep/checks';
import type { Destination } from '../../src/notify/destination.ts';
import type { Grouping } from '../../src/notify/grouping.ts';
import { webhook } from '../../src/notify/webhook.ts';
import { alert, START } from './alert.ts';

export const grouping = (changes: Partial<Grouping> = {}): Grouping => ({
  by: ['pair'],
  waitMs: 10_000,
  intervalMs: 60_000,
  repeatMs: null,
  most: Infinity,
  ...changes,
});

export const grouped = (url: string, changes: Partial<Grouping> = {}): Destination => ({
  ...webhook('ops', url, 'INFO'),
  grouping: grouping(changes),
});

/** Different tables of one pair. */
export function tables(count: number, changes: Partial<Alert> = {}): Alert[] {
  return Array.from({ length: count }, (_, index) => {
    const table = `t${String(index + 1).padStart(2, '0')}`;
    return alert({
      id: `shop-${table}`,
      fingerprint: `table-different pair=shop table=shop.${table}`,
      rule: 'table-different',
      severity: 'CRITICAL',
      pair: 'shop → replica-b',
      table: `shop.${table}`,
      tableName: { schema: 'shop', table },
      summary: 'Table is different',
      evidence: `${index + 1} rows differ`,
      ...changes,
    });
  });
}

export const over = (changed: Alert): Alert => ({
  ...changed,
  state: 'resolved',
  resolvedAt: new Date(START),
  evidence: 'all rows match',
});

export const keysOf = (body: Record<string, unknown> | undefined) =>
  ((body?.['alerts'] ?? []) as Alert[]).map(({ id }) => id);
