import { expect, test, vi } from 'vitest';
import { AlertManager } from '../../src/alerts/alert-manager.ts';
import { type Condition, condition, type Subject } from '../../src/alerts/condition/condition.ts';
import type { AlertRule } from '../../src/model/alert.ts';
import { alertsConfig, caughtUp, HOUR, lagging, MINUTE, SECOND, Watch } from './fixtures.ts';

function wrong(rule: AlertRule, subject: Subject, changes: Partial<Condition> = {}): Condition {
  const said = {
    status: 'true',
    severity: 'WARNING',
    summary: rule,
    evidence: 'it is so',
    forMs: 0,
  } as const;
  return { ...condition(rule, subject, said), ...changes };
}

const ofPair = wrong('replication-stopped', { pair: 'orders' });
const ofServer = wrong('connection-lost', { server: 'db1' });
const ofItself = wrong('storage-degraded', {});
const ofTable = wrong('table-different', { pair: 'orders', table: { schema: 'shop', table: 'items' } });
const exists = { pairs: new Set(['orders']), servers: new Set(['db1']) };

test('what could not be judged of one goes on, and of the others ends', () => {
  const left = (unjudged: { pair?: string; server?: string }) => {
    const watch = new Watch();
    watch.now(ofPair, ofServer, ofItself);
    for (const _ of watch.manager.observing([{ unjudged }], exists));
    return watch.manager.open().map(({ rule }) => rule);
  };
  expect(left({ pair: 'orders' })).toEqual(['replication-stopped']);
  expect(left({ server: 'db1' })).toEqual(['connection-lost']);
  expect(left({})).toEqual(['storage-degraded']);
  expect(left({ pair: 'db1' })).toEqual([]);
});

test('where the judge only may be held nothing is said', () => {
  const watch = new Watch();
  for (const _ of watch.manager.observing([null, ofPair, null], exists));
  expect(watch.alert.rule).toBe('replication-stopped');
  expect(watch.logged).toHaveLength(1);
});

test('an observation may be held between any two alerts, and given up', () => {
  const watch = new Watch();
  const given = watch.manager.observing([ofPair, ofServer], exists);
  given.next();
  given.next();
  given.return();
  expect(watch.manager.open().map(({ rule }) => rule)).toEqual(['replication-stopped']);
  expect(watch.published).toEqual([]);
  watch.now(ofPair, ofServer);
  expect(watch.published.map(({ rule }) => rule)).toEqual(['replication-stopped', 'connection-lost']);
});

test('an error about one condition costs that one, and is told', () => {
  const watch = new Watch();
  const broken = { ...ofServer };
  Object.defineProperty(broken, 'evidence', {
    get: () => {
      throw new Error('nobody expected this');
    },
  });
  watch.now(broken, ofPair);
  expect(watch.manager.open().map(({ rule }) => rule)).toEqual(['replication-stopped']);
  expect(watch.logged).toContain('error unexpected error in alerting: nobody expected this');
});

test('an alert that cannot be recorded costs no other, and is told in the next observation', () => {
  const watch = new Watch();
  const record = vi.spyOn(watch.storage, 'recordAlert').mockImplementationOnce(() => {
    throw new Error('disk full');
  });
  watch.now(ofPair, ofServer);
  record.mockRestore();
  expect(watch.published.map(({ rule }) => rule)).toEqual(['connection-lost']);
  expect(watch.logged).toContain('error unexpected error in telling an alert: disk full');
});

test('silences that cannot be told of cost no alert', () => {
  const watch = new Watch();
  vi.spyOn(watch.book, 'tick').mockImplementation(() => {
    throw new Error('no time');
  });
  watch.now(ofPair);
  expect(watch.published).toHaveLength(1);
  expect(watch.logged).toContain('error unexpected error in telling of silences: no time');
});

test('between two observations a condition is seen to hold for ten seconds at most', () => {
  const watch = new Watch({ config: { forMs: 20 * SECOND } });
  watch.manager.observe([lagging()]);
  for (const state of ['pending', 'firing']) {
    watch.clock.advance(HOUR);
    watch.manager.observe([lagging()]);
    expect(watch.alert.state).toBe(state);
  }
});

test('it is judged by another configuration from the next observation on', () => {
  const watch = new Watch();
  watch.now(ofPair);
  watch.manager.reconfigure({ ...alertsConfig, severities: { 'replication-stopped': 'INFO' } });
  expect(watch.alert.severity).toBe('WARNING');
  watch.now(ofPair);
  expect(watch.alert.severity).toBe('INFO');
});

test('a condition that flaps is waited for as long as it would be otherwise, if that is longer', () => {
  const watch = new Watch({ config: { keepFiringForMs: 20 * MINUTE } });
  for (let n = 0; n < 5; n++) {
    watch.now(lagging({ forMs: 0 }));
    watch.now(caughtUp());
  }
  expect(watch.alert.evidence).toContain('flapping');
  watch.during(19 * MINUTE, caughtUp());
  expect(watch.alert.state).toBe('firing');
  watch.during(2 * MINUTE, caughtUp());
  expect(watch.manager.open()).toEqual([]);
});

test('a condition that is to be over for as long as it says itself resolves by that', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  watch.now(caughtUp({ keepFiringForMs: 0 }));
  expect(watch.manager.open()).toEqual([]);
});

test('what there is can be asked for: by its fingerprint, by the tables of a pair, and counted', () => {
  const watch = new Watch();
  watch.now(ofTable, ofServer);
  expect(watch.manager.has(ofTable.fingerprint)).toBe(true);
  expect(watch.manager.has(ofPair.fingerprint)).toBe(false);
  expect([...watch.manager.tablesOf('orders')]).toEqual(['shop.items']);
  expect([...watch.manager.tablesOf('stock')]).toEqual([]);
  expect(watch.manager.tally()).toMatchObject([
    { pair: 'orders', rule: 'table-different', count: 1 },
    { server: 'db1', rule: 'connection-lost', count: 1 },
  ]);
});

test('an alert that ends keeps what it followed from: its end is told no more than its beginning was', () => {
  const follows = [ofServer.fingerprint];
  const last = (watch: Watch) => watch.published.findLast(({ rule }) => rule === 'lag');
  const both = new Watch({ config: { keepFiringForMs: 0 } });
  both.now(lagging({ forMs: 0, follows }), ofServer);
  both.now(caughtUp({ follows }), { ...ofServer, status: 'false' });
  expect(last(both)).toMatchObject({ state: 'resolved', inhibitedBy: ofServer.fingerprint });
  const told = new Watch({ config: { keepFiringForMs: 0 } });
  told.now(lagging({ forMs: 0, follows }));
  told.now(caughtUp({ follows }), ofServer);
  expect(last(told)).toMatchObject({ state: 'resolved', inhibitedBy: null });
});

test('without a book of silences there are none, and nothing is amiss', () => {
  const { storage, clock } = new Watch();
  const logged: string[] = [];
  const log = (_: object, message: string) => void logged.push(message);
  const manager = new AlertManager({
    config: alertsConfig,
    storage,
    clock,
    publish: () => undefined,
    log: { debug() {}, info: log, warn: log, error: log },
  });
  manager.observe([ofPair]);
  expect(manager.open()).toMatchObject([{ state: 'firing', silencedUntil: null }]);
  expect(logged).toEqual(['alert firing: WARNING replication-stopped: it is so']);
});
