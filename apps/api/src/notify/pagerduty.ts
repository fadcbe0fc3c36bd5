import { beginOf, type Severity } from '@lockstep/checks';
import { printable } from '../printable.ts';
import type { Destination, Message } from './destination.ts';
import { postJson } from './post-json.ts';
import { headline, lines, title } from './wording.ts';

/** PagerDuty's Events API v2. A group is one incident, until all its alerts are over. */
export function pagerduty(
  name: string,
  url: string,
  minSeverity: Severity,
  routingKey: string,
  headers: Record<string, string> = {},
): Destination {
  return {
    name,
    minSeverity,
    send: (message, signal) =>
      postJson(url, pagerdutyEvent(message, routingKey), headers, signal, [routingKey]),
  };
}

const SEVERITIES: Record<Severity, string> = { CRITICAL: 'critical', WARNING: 'warning', INFO: 'info' };

export function pagerdutyEvent(message: Message, routingKey: string): object {
  const { event, alert, alerts, group, link } = message;
  const isOver = event === 'resolved' && (group?.firing ?? 0) === 0;
  const source = alert.pair ?? alert.server ?? 'lockstep';
  return {
    routing_key: routingKey,
    event_action: isOver ? 'resolve' : 'trigger',
    // Of a test, too: it closes nothing, and is one incident however often it is asked for.
    dedup_key: group?.key ?? alert.id,
    client: 'Lockstep',
    ...(link && { client_url: link, links: [{ href: link, text: 'Open in Lockstep' }] }),
    payload: {
      // PagerDuty takes 1,024 characters.
      summary: beginOf(event === 'firing' ? title(message) : headline(message), 1_024),
      source: printable(source),
      severity: SEVERITIES[alert.severity],
      timestamp: alert.updatedAt.toISOString(),
      class: alert.rule,
      ...(alert.table !== null && { component: printable(alert.table) }),
      custom_details: { alerts: alerts.length, lines: lines(message) },
    },
  };
}
