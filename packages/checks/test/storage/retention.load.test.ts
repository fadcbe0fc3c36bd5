import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { openStorage } from '../../src/storage/open.ts';
import { mostAudit } from '../../src/storage/retention.ts';
import {
  alert,
  auditEntry,
  DAY,
  delivery,
  difference,
  event,
  HOUR,
  lagSample,
  open,
  result,
  rowsInFile,
  run,
  START,
  storageConfig,
  tempFile,
} from './fixtures.ts';

/** Long enough for one step of retention. */
const STEP = 10_000;

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** A storage whose clock the test moves. */
function aging(file = tempFile()) {
  const clock = { now: START };
  return { file, clock, storage: open(file, { now: () => clock.now }) };
}

test('raw samples go after a day, their minutes after thirty', () => {
  const { file, clock, storage } = aging();
  for (let n = 0; n < 120; n++) storage.recordLag(lagSample(START + n * 1_000, n));
  clock.now = START + DAY + 60_000;
  vi.advanceTimersByTime(STEP);
  expect(rowsInFile(file, 'lag')).toBe(60);
  expect(rowsInFile(file, 'lag_minute')).toBe(2);
  clock.now = START + 30 * DAY + 60_000;
  vi.advanceTimersByTime(STEP);
  expect(rowsInFile(file, 'lag')).toBe(0);
  expect(rowsInFile(file, 'lag_minute')).toBe(1);
});

test('runs, results with their rows, events and resolved alerts go when they are too old, open alerts never', () => {
  const { file, clock, storage } = aging();
  for (const [id, at] of [
    ['old', START],
    ['new', START + HOUR],
  ] as const) {
    const table = id;
    storage.recordRun(run(id, at));
    storage.recordEvent(event(id, at));
    storage.recordResult(result(id, at, { table, rows: [difference(1)] }));
    storage.recordAlert(alert(id, at, { state: 'resolved', resolvedAt: new Date(at) }));
    storage.recordAlert(alert(`open ${id}`, at));
  }
  storage.recordDelivery(delivery('old', 'a', START, { state: 'delivered', endedAt: new Date(START) }));
  storage.recordDelivery(delivery('waiting', 'a', START));
  storage.recordRun(run('killed', START, { state: 'running', finishedAt: null }));
  storage.recordRun(run('long', START, { finishedAt: new Date(START + HOUR) }));
  clock.now = START + 30 * DAY + HOUR / 2;
  vi.advanceTimersByTime(STEP);

  expect(storage.runs({}, { limit: 10 }).items.map(({ id }) => id)).toEqual(['new', 'long']);
  expect(
    storage.events('orders', { from: new Date(0), to: new Date(clock.now) }).map(({ id }) => id),
  ).toEqual(['new']);
  expect(storage.results('orders').map(({ table }) => table)).toEqual(['new']);
  expect(rowsInFile(file, 'difference')).toBe(1);
  expect(rowsInFile(file, 'result_line')).toBe(1);
  expect(storage.alerts({ states: ['resolved'] }, { limit: 10 }).items.map(({ id }) => id)).toEqual(['new']);
  expect(storage.deliveries('a').map(({ key }) => key)).toEqual(['waiting']);
  expect(storage.openAlerts().map(({ id }) => id)).toEqual(['open old', 'open new']);
});

test('a large backlog goes in bounded steps', () => {
  const { file, clock, storage } = aging();
  for (let n = 0; n < 12_000; n++) storage.recordLag(lagSample(START + n, n));
  vi.advanceTimersByTime(3 * STEP);
  expect(rowsInFile(file, 'lag')).toBe(12_000);
  clock.now = START + 2 * DAY;
  vi.advanceTimersByTime(STEP);
  expect(rowsInFile(file, 'lag')).toBe(7_000);
  vi.advanceTimersByTime(2 * STEP);
  expect(rowsInFile(file, 'lag')).toBe(0);
});

test('who did what is kept for a time of its own, and never more than so many entries of it', () => {
  const file = tempFile();
  const clock = { now: START };
  const config = { ...storageConfig(file), auditMs: 60 * DAY };
  const storage = openStorage(config, { log: silent, now: () => clock.now });
  onTestFinished(() => storage.close());
  for (let n = 0; n < mostAudit + 10; n++) storage.recordAudit(auditEntry(String(n), START + n));
  vi.advanceTimersByTime(STEP);
  expect(rowsInFile(file, 'audit')).toBe(mostAudit);
  expect(storage.audit({}, { limit: 1 }).items[0]?.id).toBe(String(mostAudit + 9));

  storage.recordAudit(auditEntry('new', START + 31 * DAY));
  clock.now = START + 40 * DAY;
  vi.advanceTimersByTime(STEP);
  expect(storage.audit({}, { limit: 1 }).total).toBe(mostAudit);
  clock.now = START + 90 * DAY;
  for (let n = 0; n < 21; n++) vi.advanceTimersByTime(STEP);
  expect(storage.audit({}, { limit: 1 }).items.map(({ id }) => id)).toEqual(['new']);
});
