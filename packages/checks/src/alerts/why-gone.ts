import type { AlertsConfig } from '../config.ts';
import type { Alert } from '../model/alert.ts';
import type { Condition } from './condition/condition.ts';

/** Why nobody judges this alert's condition any more, for its last evidence. */
export function whyGone(
  { rule, pair, server, table }: Alert,
  conditions: readonly Condition[],
  { severities }: AlertsConfig,
): string {
  if (severities[rule] === null) return `the rule ${rule} is switched off in the configuration`;
  if (pair !== null && !conditions.some(({ subject }) => subject.pair === pair)) {
    return `pair ${pair} is not in the configuration any more`;
  }
  if (server !== null && !conditions.some(({ subject }) => subject.server === server)) {
    return `server ${server} is not in the configuration any more`;
  }
  if (table !== null) return `table ${table} is not compared any more`;
  return 'this is not watched any more';
}
