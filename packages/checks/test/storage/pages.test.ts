import { expect, test } from 'vitest';
import { pageOfItems } from '../../src/storage/page.ts';
import type { Page, PageRequest } from '../../src/storage/storage.ts';
import { alert, difference, open, result, run, START, tempFile } from './fixtures.ts';

/** Reads page after page; `between` may write meanwhile. */
function readAll<T>(read: (cursor: string | null) => Page<T>, between: () => void = () => {}): T[] {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page = read(cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
    between();
  } while (cursor !== null);
  return items;
}

test('pages go through all runs once, newest first, half of them in the file and half waiting', () => {
  const file = tempFile();
  const first = open(file);
  // Several share a moment: the id decides between them.
  const startedAt = (n: number) => START + Math.floor(n / 4);
  for (let n = 0; n < 40; n += 2) first.recordRun(run(`r${100 + n}`, startedAt(n)));
  first.close();
  const second = open(file);
  for (let n = 1; n < 40; n += 2) second.recordRun(run(`r${100 + n}`, startedAt(n)));
  // One that is in the file already is not listed twice.
  second.recordRun(run('r100', START, { state: 'failed' }));

  const found = readAll((cursor) => second.runs({}, { limit: 7, cursor }));
  const wanted = Array.from({ length: 40 }, (_, n) => `r${139 - n}`);
  expect(found.map(({ id }) => id)).toEqual(wanted);
  expect(found.at(-1)?.state).toBe('failed');
});

test('runs that come while somebody turns pages shift nothing', () => {
  const storage = open();
  for (let n = 0; n < 10; n++) storage.recordRun(run(`r${n}`, START + n));
  let next = 10;
  const found = readAll(
    (cursor) => storage.runs({}, { limit: 3, cursor }),
    () => storage.recordRun(run(`r${next}`, START + next++)),
  );
  expect(found.map(({ id }) => id)).toEqual(['r9', 'r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
});

test('pages lead back from the end to the start, each in the order of the list, and say what is on either side', () => {
  const storage = open();
  for (let n = 0; n < 5; n++) storage.recordRun(run(`r${n}`, START + n));
  const back = (before: string | null) => storage.runs({}, { limit: 2, before, fromEnd: true });
  const shown = ({ items, hasPrevious, nextCursor }: Page<{ id: string }>) =>
    [hasPrevious ? '…' : '', ...items.map(({ id }) => id), nextCursor === null ? '' : '…'].join(' ').trim();
  const last = back(null);
  const middle = back(last.cursors[0]!);
  const first = back(middle.cursors[0]!);
  expect([first, middle, last].map(shown)).toEqual(['r4 …', '… r3 r2 …', '… r1 r0']);
  // The same forwards, from any item of the list.
  const forth = storage.runs({}, { limit: 2, cursor: first.cursors[0]! });
  expect(shown(forth)).toBe('… r3 r2 …');
  expect(forth.cursors).toEqual(middle.cursors);
});

test('of what lies between two cursors, either end is read', () => {
  const storage = open();
  for (let n = 0; n < 6; n++) storage.recordRun(run(`r${n}`, START + n));
  const { cursors } = storage.runs({}, { limit: 6 });
  const between = { cursor: cursors[0]!, before: cursors[5]! };
  const ids = (fromEnd: boolean) =>
    storage.runs({}, { limit: 3, ...between, fromEnd }).items.map(({ id }) => id);
  expect(ids(false)).toEqual(['r4', 'r3', 'r2']);
  expect(ids(true)).toEqual(['r3', 'r2', 'r1']);
});

test('items that are all here are listed as the storage lists them, by the same cursors', () => {
  const storage = open();
  const runs = [3, 1, 0, 2, 4].map((n) => run(`r${n}`, START + Math.floor(n / 2)));
  for (const each of runs) storage.recordRun(each);
  const here = (request: PageRequest) =>
    pageOfItems(runs, ({ startedAt, id }) => [startedAt.getTime(), id], request);
  const { cursors } = storage.runs({}, { limit: 5 });
  for (const limit of [1, 2, 5]) {
    for (const fromEnd of [false, true]) {
      for (const cursor of [null, ...cursors]) {
        for (const before of [null, ...cursors]) {
          const request = { limit, fromEnd, cursor, before };
          expect(here(request)).toEqual(storage.runs({}, request));
        }
      }
    }
  }
});

test('runs are filtered by pair and check, and the total counts what the filter finds', () => {
  const storage = open();
  storage.recordRun(run('a', START));
  storage.recordRun(run('b', START + 1, { check: 'consistency' }));
  storage.recordRun(run('c', START + 2, { pair: 'billing' }));
  const ids = (filter: Parameters<typeof storage.runs>[0]) =>
    storage.runs(filter, { limit: 10 }).items.map(({ id }) => id);
  expect(ids({ pair: 'orders' })).toEqual(['b', 'a']);
  expect(ids({ check: 'checksum' })).toEqual(['c', 'a']);
  expect(ids({ pair: 'orders', check: 'checksum' })).toEqual(['a']);
  expect(storage.runs({ pair: 'orders' }, { limit: 1 })).toMatchObject({ total: 2, items: [{ id: 'b' }] });
});

test('alerts are filtered by state, severity and pair', () => {
  const storage = open();
  storage.recordAlert(alert('a', START));
  storage.recordAlert(alert('b', START + 1, { severity: 'CRITICAL', state: 'pending', firedAt: null }));
  storage.recordAlert(
    alert('c', START + 2, { state: 'resolved', resolvedAt: new Date(START + 9), pair: null, server: 'db1' }),
  );
  const ids = (filter: Parameters<typeof storage.alerts>[0]) =>
    storage.alerts(filter, { limit: 10 }).items.map(({ id }) => id);
  expect(ids({})).toEqual(['c', 'b', 'a']);
  expect(ids({ states: ['firing', 'pending'] })).toEqual(['b', 'a']);
  expect(ids({ severities: ['WARNING'] })).toEqual(['c', 'a']);
  expect(ids({ pair: 'orders', states: ['firing'] })).toEqual(['a']);
  expect(ids({ states: [] })).toEqual([]);
});

test('a filter that fits no alert has no page, on either side of whatever was listed', () => {
  const storage = open();
  for (let n = 0; n < 5; n++) storage.recordAlert(alert(`a${n}`, START + n));
  const { cursors } = storage.alerts({}, { limit: 5 });
  for (const request of [{}, { fromEnd: true }, { cursor: cursors[2]! }, { before: cursors[2]! }]) {
    expect(storage.alerts({ severities: ['INFO'] }, { limit: 2, ...request })).toEqual({
      items: [],
      cursors: [],
      hasPrevious: false,
      previousCursor: null,
      nextCursor: null,
      total: 0,
    });
  }
});

test('the rows of a difference come in their own order, in pages', () => {
  const storage = open();
  const rows = Array.from({ length: 23 }, (_, n) => difference(n));
  storage.recordResult(result('r1', START, { verdict: 'DIFFERENT', rows }));
  const page = (cursor: string | null) =>
    storage.differences('orders', 'checksum', 'shop', 'orders', { limit: 10, cursor });
  expect(readAll(page)).toEqual(rows);
  expect(page(null).total).toBe(23);
});

test.each([
  '',
  'nonsense',
  Buffer.from('[1]').toString('base64url'),
  Buffer.from('[{},{}]').toString('base64url'),
])('the cursor "%s" is refused as a bad request', (cursor) => {
  const storage = open();
  expect(() => storage.runs({}, { limit: 10, cursor })).toThrow(
    expect.objectContaining({ name: 'EngineRequestError', code: 'INVALID' }),
  );
});
