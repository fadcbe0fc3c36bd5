import type { AlertsConfig } from '../config.ts';
import type { Alert } from '../model/alert.ts';
import type { Condition } from './condition/condition.ts';

/** The names of what is configured. */
export interface Existing {
  pairs: ReadonlySet<string>;
  servers: ReadonlySet<string>;
}

export function mentioned(conditions: readonly Condition[]): Existing {
  return {
    pairs: new Set(conditions.flatMap(({ subject }) => subject.pair ?? [])),
    servers: new Set(conditions.flatMap(({ subject }) => subject.server ?? [])),
  };
}

/** Why nobody judges this alert's condition any more, for its last evidence. */
export function whyGone(
  { rule, pair, server, table }: Alert,
  { pairs, servers }: Existing,
  { severities }: AlertsConfig,
): string {
  if (severities[rule] === null) return `the rule ${rule} is switched off in the configuration`;
  if (pair !== null && !pairs.has(pair)) {
    return `pair ${pair} is not in the configuration any more`;
  }
  if (server !== null && !servers.has(server)) {
    return `server ${server} is not in the configuration any more`;
  }
  if (rule === 'internal-error') return 'it has not happened since Lockstep was started again';
  if (table !== null) return `table ${table} is not compared any more`;
  return 'this is not watched any more';
}
