import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  alert,
  DAY,
  delivery,
  difference,
  event,
  lagSample,
  open,
  result,
  run,
  START,
  tempFile,
} from './fixtures.ts';

/** What grows with the history. */
const growing = [
  'lag',
  'lag_minute',
  'event',
  'run',
  'result',
  'result_line',
  'difference',
  'alert',
  'delivery',
];

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** Of what was prepared: what reads the whole of what grows, each with what it reads. */
function scans(
  connections: readonly DatabaseSync[],
  statements: readonly string[],
): Record<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [n, sql] of statements.entries()) {
    const plan = connections[n]!.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    const whole = plan.map(({ detail }) => /^SCAN (?:main\.)?(\w+)/.exec(detail)?.[1] ?? '');
    const grown = whole.filter((table) => growing.includes(table));
    if (grown.length > 0) found.set(sql, grown);
  }
  return Object.fromEntries(found);
}

test('writing and forgetting reads no more of the history than it is about', () => {
  const clock = { now: START };
  const file = tempFile();
  const storage = open(file, { now: () => clock.now });
  const prepared = vi.spyOn(DatabaseSync.prototype, 'prepare');
  onTestFinished(() => void prepared.mockRestore());
  const record = (id: string, at: number) => {
    storage.recordLag(lagSample(at, 1));
    storage.recordRun(run(id, at));
    storage.recordEvent(event(id, at));
    storage.recordResult(result(id, at, { table: id, rows: [difference(1)] }));
    storage.recordAlert(alert(id, at, { state: 'resolved', resolvedAt: new Date(at) }));
    storage.recordDelivery(delivery(id, id, at, { state: 'delivered', endedAt: new Date(at) }));
    storage.forgetResults('orders', { schema: 'shop', table: 'gone' });
  };
  record('old', START);
  vi.advanceTimersByTime(1_000);
  clock.now = START + 31 * DAY;
  record('new', clock.now);
  vi.advanceTimersByTime(20_000);
  expect(storage.results('orders').map(({ table }) => table)).toEqual(['new']);
  const { calls, contexts } = prepared.mock;
  const statements = calls.map(([sql]) => sql);
  expect(statements.filter((sql) => sql.startsWith('DELETE FROM main.'))).not.toEqual([]);
  expect(scans([...(contexts as DatabaseSync[])], statements)).toEqual({});
});
