import type { Alert, Severity } from '@lockstep/checks';
import { printable } from '../printable.ts';
import type { Destination, Message } from './destination.ts';
import { postJson } from './post-json.ts';

/**
 * How long Alertmanager goes on with an alert of which it hears nothing. It is told again every minute; that Lockstep
 * is down for a while is no reason to say that all is well.
 */
const goesOnMs = 3_600_000;

/** Prometheus' Alertmanager (API v2), which groups, routes and silences by itself. `url`: where it is served. */
export function alertmanager(
  name: string,
  url: string,
  minSeverity: Severity,
  labelsOf: (pair: string | null) => Readonly<Record<string, string>>,
  headers: Record<string, string> = {},
): Destination {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/api/v2/alerts`;
  return {
    name,
    minSeverity,
    forgets: true,
    send: (message, signal) =>
      postJson(address.href, alertmanagerAlerts(message, labelsOf, Date.now()), headers, signal),
  };
}

interface PostedAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL?: string;
}

/** `nowMs`: since 1970. */
export function alertmanagerAlerts(
  { event, alerts, earlier, link }: Message,
  labelsOf: (pair: string | null) => Readonly<Record<string, string>>,
  nowMs: number,
): PostedAlert[] {
  const posted = (alert: Alert, severity: Severity, over: boolean): PostedAlert => ({
    labels: {
      ...labelsOf(alert.pair),
      alertname: alertName(event, alert),
      severity: severity.toLowerCase(),
      service: 'lockstep',
      ...(alert.pair !== null && { pair: alert.pair }),
      ...(alert.server !== null && { server: alert.server }),
      ...(alert.tableName && { schema: alert.tableName.schema, table: alert.tableName.table }),
    },
    annotations: {
      summary: printable(alert.summary),
      description: printable(alert.wasWrong ?? alert.evidence),
    },
    startsAt: alert.startedAt.toISOString(),
    endsAt: new Date(over ? endOf(alert, nowMs) : nowMs + goesOnMs).toISOString(),
    ...(link && { generatorURL: link }),
  });
  return alerts.flatMap((alert) => {
    const over = alert.state === 'resolved';
    const told = (earlier.get(alert.id) ?? []).filter((severity) => severity !== alert.severity);
    // With its severity an alert is another one to Alertmanager: the one that it was is over.
    const ended = told.map((severity) => posted(alert, severity, true));
    return [...ended, posted(alert, alert.severity, over)];
  });
}

/** A clock that was put back is no reason to be refused: nothing ends before it began, nor in the future. */
function endOf({ startedAt, resolvedAt }: Alert, nowMs: number): number {
  return Math.max(startedAt.getTime(), Math.min(resolvedAt?.getTime() ?? nowMs, nowMs));
}

/** `LockstepTableDifferent`. */
function alertName(event: Message['event'], { rule }: Alert): string {
  const what = event === 'test' || event === 'watchdog' ? event : rule;
  return ['lockstep', ...what.split('-')]
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
