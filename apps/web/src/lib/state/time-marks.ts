import type { Alert } from '#lib/api/documents/alert.ts';
import type { PairEvent } from '#lib/api/documents/pair.ts';

/** Something that happened, at its place under a chart. */
export interface TimeMark {
  /** Ms since 1970. */
  at: number;
  glyph: string;
  message: string;
}

const glyphs: Record<PairEvent['kind'], string> = { STATE: '', RUN: '◌', CONNECTION: '⇄', OPERATOR: '●' };

/** Changes of state are not among them: the strip itself shows those. */
export function eventMarks(events: readonly PairEvent[]): TimeMark[] {
  return events
    .filter(({ kind }) => kind !== 'STATE')
    .map(({ at, kind, message }) => ({ at: Date.parse(at), glyph: glyphs[kind], message }));
}

export type MarkedAlert = Pick<Alert, 'summary' | 'table' | 'firedAt' | 'resolvedAt'>;

/** Where an alert began to fire, and where it was over; nobody was told of one that never fired. */
export function alertMarks(alerts: readonly MarkedAlert[]): TimeMark[] {
  return alerts.flatMap(({ summary, table, firedAt, resolvedAt }) => {
    if (firedAt === null) return [];
    const name = table === null ? summary : `${summary}: ${table}`;
    return [
      { at: Date.parse(firedAt), glyph: '▲', message: `alert fires: ${name}` },
      ...(resolvedAt === null
        ? []
        : [{ at: Date.parse(resolvedAt), glyph: '△', message: `alert is over: ${name}` }]),
    ];
  });
}
