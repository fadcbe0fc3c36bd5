import type { Alert } from '@lockstep/checks';

/** The page that shows what all these alerts are about: a table, a pair, or the list of alerts. */
export function linkTo(publicUrl: string, alerts: readonly Alert[]): string {
  const [first, ...others] = alerts;
  const base = publicUrl.replace(/\/+$/, '');
  const pair = first?.pair;
  if (!pair || others.some((alert) => alert.pair !== pair)) return `${base}/alerts`;
  const of = `${base}/pairs/${encodeURIComponent(pair)}`;
  if (others.length > 0 || !first.tableName) return of;
  const { schema, table } = first.tableName;
  return `${of}/tables/${encodeURIComponent(schema)}/${encodeURIComponent(table)}`;
}
