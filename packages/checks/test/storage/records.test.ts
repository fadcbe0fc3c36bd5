import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Verdict } from '../../src/model/verdict.ts';
import type { AuditFilter, RunChange } from '../../src/storage/storage.ts';
import {
  alert,
  auditEntry,
  delivery,
  difference,
  event,
  open,
  result,
  rowsInFile,
  run,
  START,
  tempFile,
} from './fixtures.ts';

test('every noun comes back as it was recorded, before and after a restart', () => {
  const file = tempFile();
  const first = open(file);
  const theRun = run('r1', START, { finishedAt: null, state: 'running', only: ['shop.orders'] });
  const theAlert = alert('a1', START, {
    acknowledged: { by: 'ana', at: new Date(START + 5), note: 'on it' },
    silencedUntil: new Date(START + 60_000),
  });
  const theResult = result('r1', START, {
    verdict: 'DIFFERENT',
    differences: { missing: 0, surplus: 0, changed: 2 },
    rows: [difference(1), difference(2)],
  });
  const { rows, ...withoutRows } = theResult;
  first.recordRun(theRun);
  first.recordAlert(theAlert);
  first.recordResult(theResult);
  first.recordEvent(event('e1', START));
  first.setPaused('orders', true);
  first.setPaused('billing', true);
  first.setPaused('billing', false);

  const check = (storage: typeof first) => {
    expect(storage.run('r1')).toEqual(theRun);
    expect(storage.alert('a1')).toEqual(theAlert);
    expect(storage.openAlerts()).toEqual([theAlert]);
    expect(storage.results('orders')).toEqual([withoutRows]);
    expect(storage.result('orders', 'checksum', 'shop', 'orders')).toEqual(withoutRows);
    expect(storage.differences('orders', 'checksum', 'shop', 'orders', { limit: 10 }).items).toEqual(rows);
    expect(storage.events('orders', { from: new Date(START), to: new Date(START) })).toEqual([
      event('e1', START),
    ]);
    expect(storage.pausedPairs()).toEqual(['orders']);
  };
  check(first);
  first.close();
  check(open(file));
});

test('what is not there is null or empty', () => {
  const storage = open();
  expect(storage.run('nobody')).toBeNull();
  expect(storage.alert('nobody')).toBeNull();
  expect(storage.result('orders', 'checksum', 'shop', 'orders')).toBeNull();
  expect(storage.results('orders')).toEqual([]);
  expect(storage.runs({}, { limit: 10 })).toMatchObject({ items: [], nextCursor: null, total: 0 });
});

test('a run recorded again replaces itself, whether it was flushed in between or not', () => {
  const file = tempFile();
  const first = open(file);
  first.recordRun(run('r1', START, { state: 'queued' }));
  first.recordRun(run('r1', START, { state: 'running' }));
  expect(first.run('r1')?.state).toBe('running');
  first.close();

  const second = open(file);
  second.recordRun(run('r1', START, { state: 'failed' }));
  expect(second.run('r1')?.state).toBe('failed');
  expect(second.runs({}, { limit: 10 }).total).toBe(1);
});

test('a new result replaces the rows of the earlier one and leaves its line of history', () => {
  const file = tempFile();
  const first = open(file);
  first.recordResult(
    result('r1', START, { verdict: 'DIFFERENT', reason: 'two rows', rows: [difference(1), difference(2)] }),
  );
  first.recordResult(result('r1', START, { table: 'customers', rows: [difference(7)] }));
  first.recordResult(result('r1', START, { check: 'consistency', rows: [difference(8)] }));
  first.close();

  const second = open(file);
  const rows = (table: string) =>
    second.differences('orders', 'checksum', 'shop', table, { limit: 10 }).items.map(({ key }) => key['id']);
  second.recordResult(
    result('r2', START + 10, { verdict: 'DIFFERENT', reason: 'one row', rows: [difference(3)] }),
  );
  expect(rows('orders')).toEqual(['3']);
  second.recordResult(result('r3', START + 20, { reason: 'none' }));
  expect(rows('orders')).toEqual([]);
  expect(rows('customers')).toEqual(['7']);
  expect(second.differences('orders', 'consistency', 'shop', 'orders', { limit: 10 }).total).toBe(1);
  expect(
    second
      .resultHistory('orders', 'checksum', 'shop', 'orders', { limit: 10 })
      .items.map(({ reason }) => reason),
  ).toEqual(['none', 'one row', 'two rows']);
  second.close();

  const third = open(file);
  expect(third.differences('orders', 'checksum', 'shop', 'orders', { limit: 10 }).total).toBe(0);
  expect(third.resultHistory('orders', 'checksum', 'shop', 'orders', { limit: 10 }).items[1]).toEqual({
    runId: 'r2',
    finishedAt: new Date(START + 10),
    verdict: 'DIFFERENT',
    reason: 'one row',
  });
});

test('an alert that goes away before it fired leaves no trace', () => {
  const file = tempFile();
  const first = open(file);
  first.recordAlert(alert('a1', START, { state: 'pending', firedAt: null }));
  first.close();

  const second = open(file);
  expect(second.openAlerts()).toHaveLength(1);
  second.recordAlert(
    alert('a1', START, { state: 'resolved', firedAt: null, resolvedAt: new Date(START + 9) }),
  );
  expect(second.openAlerts()).toEqual([]);
  expect(second.alerts({}, { limit: 10 }).total).toBe(0);
  second.close();
  expect(open(file).alerts({}, { limit: 10 }).total).toBe(0);
});

test('silences that outlive their alert are found until they end', () => {
  const storage = open();
  const until = new Date(START + 60_000);
  const resolved = { state: 'resolved', resolvedAt: new Date(START + 5_000) } as const;
  storage.recordAlert(alert('silenced', START, { ...resolved, silencedUntil: until }));
  storage.recordAlert(alert('plain', START, resolved));
  storage.recordAlert(alert('open', START, { silencedUntil: until }));
  const silenced = (now: number) => storage.silencedAlerts(new Date(now)).map(({ id }) => id);
  expect(silenced(START)).toEqual(['silenced']);
  expect(silenced(until.getTime())).toEqual([]);
});

test('messages wait until they end, and are found by their alert', () => {
  const file = tempFile();
  const first = open(file);
  const [one, two, other] = [
    delivery('a1/firing/WARNING', 'a1', START),
    delivery('a1/firing/CRITICAL', 'a1', START + 1),
    delivery('a2/firing/WARNING', 'a2', START + 2),
  ];
  for (const message of [two, one, other]) first.recordDelivery(message);
  first.recordDelivery({ ...one, destination: 'chat' });
  first.flush();
  expect(rowsInFile(file, 'delivery')).toBe(4);
  first.recordDelivery({ ...one, state: 'delivered', attempts: 1, endedAt: new Date(START + 9) });
  first.close();

  const second = open(file);
  expect(second.waitingDeliveries()).toEqual([{ ...one, destination: 'chat' }, two, other]);
  expect(second.deliveries('a1').map(({ key, state }) => `${key} ${state}`)).toEqual([
    'a1/firing/WARNING waiting',
    'a1/firing/WARNING delivered',
    'a1/firing/CRITICAL waiting',
  ]);
});

test('events of a pair come oldest first, both ends of the range included', () => {
  const storage = open();
  for (const [id, at] of [
    ['c', 30],
    ['a', 10],
    ['b', 20],
    ['d', 40],
  ] as const) {
    storage.recordEvent(event(id, START + at));
  }
  storage.recordEvent(event('x', START + 20, 'billing'));
  const found = storage.events('orders', { from: new Date(START + 10), to: new Date(START + 30) });
  expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('events since one that was seen are all told, those of its own moment too, of a pair or of all', () => {
  const file = tempFile();
  let storage = open(file);
  for (const [id, at] of [
    ['old', 5],
    ['m', 10],
    // Of the same millisecond: nobody knows which came first.
    ['a', 10],
    ['c', 30],
  ] as const) {
    storage.recordEvent(event(id, START + at));
  }
  storage.close();
  storage = open(file);
  storage.recordEvent(event('x', START + 20, 'billing'));
  const since = (id: string, pair: string | null) => storage.eventsSince(id, pair).map((each) => each.id);
  expect(since('m', null)).toEqual(['a', 'x', 'c']);
  expect(since('m', 'orders')).toEqual(['a', 'c']);
  expect(since('x', 'orders')).toEqual(['c']);
  expect(() => since('nope', null)).toThrow('the event nope is not kept (any more)');
});

test('a record that makes no sense is counted as given up and nothing is thrown', () => {
  const storage = open();
  storage.recordEvent(event('broken', NaN));
  expect(storage.health()).toMatchObject({ ok: true, dropped: 1 });
  expect(storage.health().evidence).toContain('1 rows were given up');
});

test('a result that is forgotten stays so, written or not, until there is another; its history stays', () => {
  const file = tempFile();
  let storage = open(file);
  const found = (runId: string) =>
    result(runId, START, {
      verdict: 'DIFFERENT',
      differences: { missing: 0, surplus: 0, changed: 1 },
      rows: [difference(1)],
    });
  const table = ['orders', 'checksum', 'shop', 'orders'] as const;
  const there = () => [
    storage.results('orders').length,
    storage.result(...table)?.runId ?? null,
    storage.differences(...table, { limit: 10 }).total,
    storage.resultHistory(...table, { limit: 10 }).total,
  ];
  storage.recordResult(found('r1'));
  storage.forgetResults('orders', { schema: 'shop', table: 'orders' });
  expect(there()).toEqual([0, null, 0, 1]);
  storage.flush();
  expect(there()).toEqual([0, null, 0, 1]);

  storage.recordResult(found('r2'));
  storage.flush();
  storage.forgetResults('orders', { schema: 'shop', table: 'orders' });
  expect(there()).toEqual([0, null, 0, 2]);
  storage.close();
  storage = open(file);
  expect(there()).toEqual([0, null, 0, 2]);

  storage.recordResult(found('r3'));
  storage.flush();
  storage.forgetResults('orders', { schema: 'shop', table: 'orders' });
  storage.recordResult(found('r4'));
  expect(there()).toEqual([1, 'r4', 1, 4]);
  storage.flush();
  expect(there()).toEqual([1, 'r4', 1, 4]);
});

test('who did what comes back newest first, of all or of some, before and after it is written', () => {
  const file = tempFile();
  const storage = open(file);
  storage.recordAudit(auditEntry('1', START, { who: 'anna' }));
  storage.flush();
  storage.recordAudit(auditEntry('1', START, { who: 'anna', times: 2 }));
  const refused = { who: null, action: 'signIn', outcome: 'refused', message: 'not known' } as const;
  storage.recordAudit(auditEntry('2', START + 1, refused));
  storage.recordAudit(auditEntry('3', START + 2, { who: 'ben', action: 'startRun' }));
  storage.recordAudit(auditEntry('4', START + 3, { who: 'anna' }));
  const ids = (who?: string) =>
    storage.audit(who === undefined ? {} : { who }, { limit: 10 }).items.map(({ id }) => id);
  const only = (filter: AuditFilter) => {
    const { total, items } = storage.audit(filter, { limit: 10 });
    return [total, ...items.map(({ id }) => id)];
  };
  const check = () => {
    expect(ids()).toEqual(['4', '3', '2', '1']);
    expect(ids('anna')).toEqual(['4', '1']);
    expect(storage.auditedPeople()).toEqual(['anna', 'ben']);
    expect(only({ action: 'pausePair' })).toEqual([2, '4', '1']);
    expect(only({ who: 'anna', action: 'pausePair', from: new Date(START + 1) })).toEqual([1, '4']);
    expect(only({ from: new Date(START + 1), to: new Date(START + 3) })).toEqual([2, '3', '2']);
  };
  check();
  storage.flush();
  check();
  const first = storage.audit({}, { limit: 3 });
  expect(first).toMatchObject({ total: 4, items: [{ id: '4' }, { id: '3' }, { who: null, times: 1 }] });
  expect(storage.audit({}, { limit: 3, cursor: first.nextCursor }).items.map(({ id }) => id)).toEqual(['1']);
});

test('of a time line only what is asked for is read, and what is damaged is of no kind', () => {
  const file = tempFile();
  const first = open(file);
  first.recordEvent({ ...event('e1', START), kind: 'run', state: null });
  first.recordEvent({ ...event('e2', START + 1), kind: 'restart', state: null });
  first.recordEvent({ ...event('e3', START + 2), kind: 'restart', state: null });
  first.close();
  const db = new DatabaseSync(file);
  db.exec("UPDATE event SET body = '{' WHERE id = 'e3'");
  db.close();

  const range = { from: new Date(START), to: new Date(START + 10) };
  const kinds = ['restart', 'failover'] as const;
  expect(
    open(file)
      .events('orders', { ...range, kinds })
      .map(({ id }) => id),
  ).toEqual(['e2']);
});

test('of two runs those tables are listed of which they say something else, page by page', () => {
  const storage = open();
  const said = (id: string, at: number, verdicts: Record<string, Verdict>) => {
    const theRun = run(id, at, { finishedAt: new Date(at + 100) });
    storage.recordRun(theRun);
    for (const [i, [table, verdict]] of Object.entries(verdicts).entries()) {
      storage.recordResult(result(id, at + 10 + i, { table, verdict, reason: `${id} says so` }));
    }
    return theRun;
  };
  const before = said('r1', START, { a: 'MATCH', b: 'MATCH', c: 'DIFFERENT', gone: 'MATCH' });
  // Another goes on at the same time.
  storage.recordResult(result('r9', START + 20, { pair: 'billing', table: 'a', verdict: 'ERROR' }));
  const now = said('r2', START + 1000, { a: 'MATCH', b: 'DIFFERENT', c: 'MATCH', fresh: 'MATCH' });

  const first = storage.runChanges(now, before, { limit: 3 });
  const shown = ({ table, now, before }: RunChange) => [table, before?.verdict ?? null, now?.verdict ?? null];
  expect(first).toMatchObject({ total: 4, hasPrevious: false });
  expect(first.items.map(shown)).toEqual([
    ['b', 'MATCH', 'DIFFERENT'],
    ['c', 'DIFFERENT', 'MATCH'],
    ['fresh', null, 'MATCH'],
  ]);
  expect(first.items[0]?.now?.reason).toBe('r2 says so');
  const second = storage.runChanges(now, before, { limit: 3, cursor: first.nextCursor });
  expect(second).toMatchObject({ nextCursor: null, hasPrevious: true });
  expect(second.items.map(shown)).toEqual([['gone', 'MATCH', null]]);
});
