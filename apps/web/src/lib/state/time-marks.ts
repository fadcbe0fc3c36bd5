import type { Alert } from '#lib/api/documents/alert.ts';
import type { PairEvent } from '#lib/api/documents/pair.ts';

/** Something that happened, at its place under a chart. */
export interface TimeMark {
  /** Ms since 1970. */
  at: number;
  glyph: string;
  /** What kind of thing it is. */
  word: string;
  message: string;
}

export const eventKinds: Record<PairEvent['kind'], { glyph: string; word: string }> = {
  STATE: { glyph: '', word: 'State' },
  RUN: { glyph: '◌', word: 'Run' },
  CONNECTION: { glyph: '⇄', word: 'Connection' },
  RESTART: { glyph: '↻', word: 'Restart' },
  FAILOVER: { glyph: '⇒', word: 'Failover' },
  DEFINITION: { glyph: '✎', word: 'DDL' },
  ALERT: { glyph: '▲', word: 'Alert' },
  OPERATOR: { glyph: '●', word: 'Person' },
};

/** Changes of state are not among them: the strip itself shows those. */
export function eventMarks(events: readonly PairEvent[]): TimeMark[] {
  return events
    .filter(({ kind }) => kind !== 'STATE')
    .map(({ at, kind, message }) => ({ at: Date.parse(at), ...eventKinds[kind], message }));
}

/** In the order of time, each once: of an alert that is known itself the time line says no more. */
export function timeMarks(events: readonly PairEvent[], alerts: readonly MarkedAlert[]): TimeMark[] {
  const ofAlerts = alertMarks(alerts);
  const known = new Set(ofAlerts.map(({ at }) => at));
  const others = events.filter(({ kind, at }) => kind !== 'ALERT' || !known.has(Date.parse(at)));
  return [...eventMarks(others), ...ofAlerts].sort((a, b) => a.at - b.at);
}

export type MarkedAlert = Pick<Alert, 'summary' | 'table' | 'firedAt' | 'resolvedAt'>;

/** Where an alert began to fire, and where it was over; nobody was told of one that never fired. */
export function alertMarks(alerts: readonly MarkedAlert[]): TimeMark[] {
  return alerts.flatMap(({ summary, table, firedAt, resolvedAt }) => {
    if (firedAt === null) return [];
    const name = table === null ? summary : `${summary}: ${table}`;
    return [
      { at: Date.parse(firedAt), glyph: '▲', word: 'Alert', message: `alert fires: ${name}` },
      ...(resolvedAt === null
        ? []
        : [{ at: Date.parse(resolvedAt), glyph: '△', word: 'Alert', message: `alert is over: ${name}` }]),
    ];
  });
}
