import { vi } from 'vitest';
import type { Position } from '../../src/position/position.ts';
import type { ReplicationRoute } from '../../src/position/replication-route.ts';
import type { QueryOptions, ServerFacts, SqlRow, SqlServer } from '../../src/server/sql-server.ts';

/** What a server says to each statement, the first of the keys that it contains; it may change between two. */
export type Answers = Record<string, SqlRow[] | ((count: number) => SqlRow[] | Error)>;

/** A server that knows a few answers, and none to anything else. */
export function answering(name: string, facts: ServerFacts | null, answers: Answers) {
  const asked: string[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const counts = new Map<string, number>();
  const query = vi.fn((sql: string, _?: unknown[], options?: QueryOptions) => {
    asked.push(sql);
    signals.push(options?.signal);
    const part = Object.keys(answers).find((key) => sql.includes(key));
    if (part === undefined) return Promise.reject(new Error(`${name} was asked ${sql}`));
    const count = counts.get(part) ?? 0;
    counts.set(part, count + 1);
    const answer = answers[part]!;
    const rows = typeof answer === 'function' ? answer(count) : answer;
    return rows instanceof Error ? Promise.reject(rows) : Promise.resolve(rows);
  });
  return { asked, signals, server: { name, facts, query } as unknown as SqlServer };
}

export const executed = (text: string): SqlRow[] => [{ executed: text }];
export const gtids = (written: string, applied = '', state = written): SqlRow[] => [
  { written, applied, state },
];
export const binlogEnd = (offset: number, file = 'b.000001'): SqlRow[] => [{ File: file, Position: offset }];
export const shownUpTo = (offset: number, file = 'b.000001'): SqlRow[] => [
  { Variable_name: 'Binlog_snapshot_file', Value: file },
  { Variable_name: 'Binlog_snapshot_position', Value: String(offset) },
];

export const place = (offset: number, file = 'b.000001'): Position => ({
  kind: 'file',
  text: `${file}:${offset}`,
  file,
  offset,
});

export function route(but: Partial<ReplicationRoute> = {}): ReplicationRoute {
  return {
    kind: 'mysql-gtid',
    channel: '',
    evidence: 'by GTID',
    unproved: null,
    intendedDelayMs: 0,
    serverLagMs: null,
    stopped: null,
    replicated: (position) => position,
    ...but,
  };
}
