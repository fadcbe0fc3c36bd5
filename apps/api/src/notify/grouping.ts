import { createHash } from 'node:crypto';
import type { Alert } from '@lockstep/checks';

/** How alerts are told together, in Alertmanager's words. */
export interface Grouping {
  /** What the alerts of a group have in common: words of an alert, or labels of its pair; `...`: each is a group. */
  by: readonly string[];
  /** How long a new group waits for more. */
  waitMs: number;
  /** How long after a group's last message the next one goes out at the earliest. */
  intervalMs: number;
  /** After how long without a message what still fires is told again; null for never. */
  repeatMs: number | null;
  /** A message that would tell of more changes than this is several. */
  most: number;
}

/** What an alert has under the words of `by`. What it does not have is empty. */
export function groupLabels(
  by: readonly string[],
  alert: Alert,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  const words: Record<string, string | null> = {
    ...labels,
    pair: alert.pair,
    server: alert.server,
    rule: alert.rule,
    severity: alert.severity,
    schema: alert.tableName?.schema ?? null,
    table: alert.table,
    '...': alert.fingerprint,
  };
  return Object.fromEntries(by.map((word) => [word, Object.hasOwn(words, word) ? (words[word] ?? '') : '']));
}

/** A name for a group that is the same after a restart. */
export function groupKey(destination: string, labels: Readonly<Record<string, string>>): string {
  return createHash('sha256')
    .update(JSON.stringify([destination, labels]))
    .digest('hex')
    .slice(0, 32);
}
