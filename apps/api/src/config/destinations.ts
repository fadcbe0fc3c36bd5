import { resolve } from 'node:path';
import type { Severity } from '@lockstep/checks';
import type { Grouping } from '../notify/grouping.ts';
import type { Route } from '../notify/route.ts';
import type { DestinationConfig } from './loaded.ts';
import type { ParsedConfig } from './schema.ts';
import { readSecretFileNow } from './secret-file.ts';

type Parsed = ParsedConfig['notifications'][number];

const SEVERITIES = { critical: 'CRITICAL', warning: 'WARNING', info: 'INFO' } as const satisfies Record<
  string,
  Severity
>;

/** Where PagerDuty takes events, but for its European region. */
const pagerduty = 'https://events.pagerduty.com/v2/enqueue';

/** From settings that were found sound. */
export function destinationConfig(parsed: Parsed, folder: string): DestinationConfig {
  const { name, type, url, urlFile, headers, from, to, routingKey, routingKeyFile, minSeverity } = parsed;
  const { routes, watchdog } = parsed;
  const key = routingKeyFile === undefined ? routingKey : readSecretFileNow(resolve(folder, routingKeyFile));
  const grouping = groupingOf(parsed);
  return {
    name,
    type,
    url: urlFile === undefined ? (url ?? pagerduty) : readSecretFileNow(resolve(folder, urlFile)),
    minSeverity: SEVERITIES[minSeverity],
    ...(headers && { headers }),
    ...(from !== undefined && to && { letter: { from, to } }),
    ...(key !== undefined && { routingKey: key }),
    ...(routes && { routes: routes.map(routeOf) }),
    ...(Object.keys(grouping).length > 0 && { grouping }),
    ...(typeof watchdog === 'number' && { watchdogMs: watchdog }),
  };
}

function groupingOf({ groupBy, groupWait, groupInterval, repeatInterval }: Parsed): Partial<Grouping> {
  return {
    ...(groupBy && { by: groupBy }),
    ...(groupWait !== undefined && { waitMs: groupWait }),
    ...(groupInterval !== undefined && { intervalMs: groupInterval }),
    ...(repeatInterval !== undefined && { repeatMs: repeatInterval }),
  };
}

function routeOf(parsed: NonNullable<Parsed['routes']>[number]): Route {
  const { severity, pair = null, server = null, rule = null, table = null, labels = {} } = parsed;
  return { severity: severity?.map((one) => SEVERITIES[one]) ?? null, pair, server, rule, table, labels };
}
