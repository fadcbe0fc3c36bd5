import type { Finding } from '../explain.ts';
import { TABLE } from '../heartbeat.ts';
import { mergePairs } from '../merge.ts';
import { getIn, isMap } from '../path.ts';

/** A heartbeat is some table's: a pair may say the one thing of it and `defaults` the other. */
export function heartbeatTable(raw: unknown): Finding[] {
  const named = mergePairs(raw).flatMap((pair) => {
    const heartbeat = getIn(pair.raw, ['heartbeat']);
    if (!isMap(heartbeat) || heartbeat['table'] !== undefined) return [];
    const [setting] = Object.keys(heartbeat);
    const path = setting === undefined ? undefined : pair.origin(['heartbeat', setting])?.slice(0, -1);
    return {
      path: [...(path ?? ['defaults', 'heartbeat']), 'table'],
      message: `expected ${TABLE}, found nothing`,
    };
  });
  // Every pair that takes it from `defaults` finds the same.
  return [...new Map(named.map((finding) => [JSON.stringify(finding.path), finding])).values()];
}
