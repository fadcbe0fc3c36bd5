import type { Alert, Severity } from '#lib/api/documents/alert.ts';
import { byInstant } from '#lib/format/order.ts';
import type { StateWord } from './tone.ts';

const words: Record<Severity, StateWord> = {
  CRITICAL: { tone: 'stopped', word: 'Critical' },
  WARNING: { tone: 'lagging', word: 'Warning' },
  INFO: { tone: 'info', word: 'Info' },
};

export function severityWord(severity: Severity): StateWord {
  return words[severity];
}

const order: Severity[] = ['CRITICAL', 'WARNING', 'INFO'];

/** Worst first, then oldest first. */
export function bySeverity(a: Alert, b: Alert): number {
  return order.indexOf(a.severity) - order.indexOf(b.severity) || byInstant(a.startedAt, b.startedAt);
}

/** What it is about, where its summary does not name it: its pair, or its server. */
export function unnamed({ summary, pair, server }: Alert): string | null {
  const about = pair ?? server;
  return about !== null && summary.split(' ').includes(about) ? null : about;
}

/** What a search among alerts looks into. */
export function alertWords({ summary, pair, server, table, rule }: Alert): (string | null)[] {
  return [summary, pair, server, table, rule];
}

const aroundMs = 10 * 60_000;

/** The stretch of time that shows how an alert came and went, as the address of a chart has it. */
export function alertSpan({ startedAt, resolvedAt }: Alert, now = Date.now()): { from: string; to: string } {
  const end = resolvedAt === null ? now : Math.min(now, Date.parse(resolvedAt) + aroundMs);
  return {
    from: new Date(Date.parse(startedAt) - aroundMs).toISOString(),
    to: new Date(end).toISOString(),
  };
}
