import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Condition, condition, type Subject } from '../../src/alerts/condition/condition.ts';
import type { MaintenanceConfig, PairConfig } from '../../src/config.ts';
import { previewSilence } from '../../src/engine/preview-silence.ts';
import type { AlertRule } from '../../src/model/alert.ts';
import type { AlertMatcher, NewSilence } from '../../src/model/silence.ts';
import { caughtUp, HOUR, lagging, MINUTE, SECOND, START, TestClock, Watch } from './fixtures.ts';

const DAY = 24 * HOUR;
const at = (ms: number) => new Date(START + ms);

function wrong(rule: AlertRule, subject: Subject): Condition {
  return condition(rule, subject, {
    status: 'true',
    severity: 'WARNING',
    summary: rule,
    evidence: `${rule} it is`,
    forMs: 0,
  });
}

function silence(more: Partial<NewSilence> = {}): NewSilence {
  return { matcher: { pair: 'orders' }, from: null, until: at(HOUR), recurrence: null, note: '', ...more };
}

const pairs = [
  { name: 'orders', source: 'db1', target: 'db2', labels: { env: 'prod' } },
  { name: 'stock', source: 'db1', target: 'db3', labels: { env: 'prod', team: 'shop' } },
  { name: 'mail', source: 'db4', target: 'db3', labels: { env: 'test' } },
] as unknown as PairConfig[];

test('a silence covers the alerts that fit all that it says, and no other', () => {
  const all = {
    lag: wrong('lag', { pair: 'orders' }),
    table: wrong('table-different', { pair: 'orders', table: { schema: 'shop', table: 'tmp_1' } }),
    stock: wrong('lag', { pair: 'stock' }),
    db3: wrong('connection-lost', { server: 'db3' }),
    db1: wrong('connection-lost', { server: 'db1' }),
  };
  function covered(matcher: AlertMatcher): string[] {
    const watch = new Watch({ pairs });
    watch.book.add(silence({ matcher }), 'ana');
    watch.now(...Object.values(all));
    const silenced = watch.manager.open().filter(({ silencedUntil }) => silencedUntil !== null);
    return Object.entries(all)
      .filter(([, { fingerprint }]) => silenced.some((alert) => alert.fingerprint === fingerprint))
      .map(([name]) => name);
  }
  expect(covered({ pair: 'or*' })).toEqual(['lag', 'table']);
  expect(covered({ rule: 'lag' })).toEqual(['lag', 'stock']);
  expect(covered({ pair: 'orders', rule: 'table-*' })).toEqual(['table']);
  expect(covered({ table: 'shop.tmp_?' })).toEqual(['table']);
  expect(covered({ table: 'shop.tmp' })).toEqual([]);
  // Of a server: its own, and those of the pairs that it is a side of.
  expect(covered({ server: 'db3' })).toEqual(['stock', 'db3']);
  // A server has the labels that all its pairs have.
  expect(covered({ labels: { env: 'prod' } })).toEqual(['lag', 'table', 'stock', 'db1']);
  expect(covered({ labels: { env: 'prod', team: 'shop' } })).toEqual(['stock']);
  expect(covered({ rule: '*' })).toEqual(Object.keys(all));
});

test('a silence made in advance begins and ends by the clock, and both are told', () => {
  const watch = new Watch();
  const made = watch.book.add(silence({ from: at(MINUTE), until: at(2 * MINUTE), note: 'upgrade' }), 'ana');
  expect(made).toMatchObject({ state: 'scheduled', nextFrom: at(MINUTE), by: 'ana', note: 'upgrade' });
  watch.during(MINUTE, lagging({ forMs: 0 }));
  expect(watch.alert.silencedUntil).toBeNull();
  watch.now(lagging());
  expect(watch.alert).toMatchObject({ silencedUntil: at(2 * MINUTE), silencedBy: [made.id] });
  expect(watch.silencesTold.at(-1)).toMatchObject({ id: made.id, state: 'active' });
  watch.during(MINUTE, lagging());
  expect(watch.published.at(-1)).toMatchObject({ state: 'firing', silencedUntil: null, silencedBy: [] });
  expect(watch.silencesTold.at(-1)).toMatchObject({ id: made.id, state: 'ended' });
  expect(watch.silencesTold).toHaveLength(3);
});

test('a recurring silence holds at its hour in its own time zone, over the change of the clocks', () => {
  // 02:30 in Berlin is 01:30 UTC in winter, and 00:30 UTC in summer, which begins on 2026-03-29.
  const recurrence = { cron: '30 2 * * *', timeZone: 'Europe/Berlin', durationMs: HOUR };
  const watch = new Watch();
  const { id } = watch.book.add(silence({ recurrence, until: null }), 'ana');
  const now = () => watch.book.list().find((each) => each.id === id);
  const jump = (to: string) => watch.clock.advance(Date.parse(to) - watch.clock.wall().getTime());
  expect(now()).toMatchObject({ state: 'scheduled', nextFrom: new Date('2026-03-02T01:30:00Z') });
  jump('2026-03-02T01:30:00Z');
  expect(now()).toMatchObject({ state: 'active', activeUntil: new Date('2026-03-02T02:30:00Z') });
  jump('2026-03-02T02:30:00Z');
  expect(now()).toMatchObject({ state: 'scheduled', nextFrom: new Date('2026-03-03T01:30:00Z') });
  jump('2026-04-02T00:29:59Z');
  expect(now()).toMatchObject({ state: 'scheduled', nextFrom: new Date('2026-04-02T00:30:00Z') });
  jump('2026-04-02T01:00:00Z');
  expect(now()?.state).toBe('active');
  // Though the machine's clock is set back.
  watch.clock.setBy = -HOUR;
  expect(now()?.state).toBe('scheduled');
});

test('a silence can be ended and given back, at once for the alerts that it covers', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  const { id } = watch.book.add(silence(), 'ana');
  watch.manager.resilence();
  expect(watch.published.at(-1)?.silencedUntil).toEqual(at(HOUR));
  expect(watch.book.end(id, 'ben')).toMatchObject({ state: 'ended', endedBy: 'ben' });
  watch.manager.resilence();
  expect(watch.published.at(-1)?.silencedUntil).toBeNull();
  expect(() => watch.book.end(id, 'ben')).toThrow(/is over/);
  expect(watch.book.restore(id, 'ana')).toMatchObject({ state: 'active', endedBy: null });
  watch.manager.resilence();
  expect(watch.alert.silencedUntil).toEqual(at(HOUR));
  expect(() => watch.book.restore(id, 'ana')).toThrow(/was not ended/);
  watch.clock.advance(DAY);
  expect(() => watch.book.end('nobody', 'ana')).toThrow(/there is no silence/);
});

test("an alert's own silence is not that of the silences which fit it", () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  const own = at(2 * HOUR);
  watch.manager.silence(watch.alert.id, 'ana', own);
  const { id } = watch.book.add(silence({ until: at(3 * HOUR) }), 'ana');
  watch.now(lagging());
  expect(watch.alert.silencedUntil).toEqual(at(3 * HOUR));
  watch.book.end(id, 'ana');
  watch.now(lagging());
  expect(watch.alert.silencedUntil).toEqual(own);
  watch.book.restore(id, 'ana');
  expect(watch.manager.silence(watch.alert.id, 'ana', null).silencedUntil).toEqual(at(3 * HOUR));
});

test('silences, and that one was ended, are known after a restart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-silences-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new TestClock();
  const file = join(folder, 'lockstep.db');
  const nightly: MaintenanceConfig = {
    name: 'nightly',
    matcher: { pair: 'orders' },
    from: null,
    until: null,
    recurrence: { cron: '0 12 * * *', timeZone: 'UTC', durationMs: HOUR },
  };
  const move: MaintenanceConfig = { ...nightly, name: 'move', until: at(2 * DAY), recurrence: null };
  const first = new Watch({ clock, file, maintenance: [nightly, move] });
  first.now(lagging({ forMs: 0 }));
  const holding = first.book.add(silence({ until: at(2 * DAY) }), 'ana');
  const ended = first.book.add(silence({ until: at(2 * DAY) }), 'ana');
  first.book.end(ended.id, 'ana');
  const [maintenance, once] = first.book.list().filter(({ by }) => by === null);
  expect(maintenance).toMatchObject({ state: 'active', note: 'nightly', activeUntil: at(HOUR) });
  first.book.end(maintenance?.id ?? '', 'ben');
  first.book.end(once?.id ?? '', 'cleo');
  first.now(lagging());
  expect(first.alert.silencedBy).toEqual([holding.id]);
  first.storage.close();

  const second = new Watch({ clock, file, maintenance: [nightly, move] });
  const stateOf = (id: string | undefined) => second.book.list().find((each) => each.id === id);
  expect(stateOf(holding.id)).toEqual(holding);
  expect(stateOf(ended.id)).toMatchObject({ state: 'ended', endedBy: 'ana' });
  // The time that was ended does not come back; the next one does.
  expect(stateOf(maintenance?.id)).toMatchObject({
    state: 'scheduled',
    nextFrom: at(DAY),
    endedBy: 'ben',
  });
  expect(stateOf(once?.id)).toMatchObject({ note: 'move', state: 'ended', endedBy: 'cleo' });
  second.now(lagging());
  expect(second.alert).toMatchObject({ silencedUntil: at(2 * DAY), silencedBy: [holding.id] });
  // It was never silenced by itself.
  second.book.end(holding.id, 'ana');
  second.now(lagging());
  expect(second.alert.silencedUntil).toBeNull();
});

test('maintenance that is ended in the instant it begins is over, be it once or again and again', () => {
  const nightly: MaintenanceConfig = {
    name: 'nightly',
    matcher: { pair: 'orders' },
    from: null,
    until: null,
    recurrence: { cron: '0 12 * * *', timeZone: 'UTC', durationMs: HOUR },
  };
  const move: MaintenanceConfig = {
    ...nightly,
    name: 'move',
    from: at(0),
    until: at(HOUR),
    recurrence: null,
  };
  const watch = new Watch({ maintenance: [nightly, move] });
  const ended = watch.book.list().map(({ id }) => watch.book.end(id, 'ben'));
  expect(ended).toMatchObject([
    { note: 'nightly', state: 'scheduled', nextFrom: at(DAY), endedBy: 'ben' },
    { note: 'move', state: 'ended', activeUntil: null, endedBy: 'ben' },
  ]);
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert.silencedUntil).toBeNull();
  watch.clock.advance(HOUR / 4);
  const given = ended.map(({ id }) => watch.book.restore(id, 'ben'));
  expect(given).toMatchObject([{ activeUntil: at(HOUR) }, { activeUntil: at(HOUR) }]);
});

test('a preview says how many alerts fit now, and how many of the last week would have', () => {
  const watch = new Watch();
  const preview = (matcher: AlertMatcher) =>
    previewSilence(
      { book: watch.book, alerts: watch.manager, storage: watch.storage },
      matcher,
      watch.clock.wall(),
    );
  for (let day = 0; day < 10; day += 1) {
    watch.now(lagging({ forMs: 0 }));
    watch.during(2 * MINUTE, caughtUp());
    watch.clock.advance(DAY - 2 * MINUTE - SECOND);
  }
  watch.now(lagging({ forMs: 0 }), wrong('lag', { pair: 'stock' }));
  expect(preview({ pair: 'orders' })).toMatchObject({ now: 1, lastWeek: 7, complete: true });
  expect(preview({ rule: 'lag' })).toMatchObject({ now: 2, lastWeek: 8 });
  expect(preview({ table: 'shop.*' })).toMatchObject({ now: 0, lastWeek: 0, examples: [] });
});

test('what makes no sense is refused in words', () => {
  const { book } = new Watch();
  const add = (more: Partial<NewSilence>) => () => book.add(silence(more), 'ana');
  expect(add({ matcher: {} })).toThrow(/says which alerts it means/);
  expect(add({ matcher: { pair: '' } })).toThrow(/a pattern has/);
  expect(add({ until: null })).toThrow(/says when it ends/);
  expect(add({ until: at(-MINUTE) })).toThrow(/ends after it begins/);
  expect(add({ from: at(-2 * HOUR), until: at(-HOUR) })).toThrow(/ends in the future/);
  const recurring = { cron: '0 2 * * *', timeZone: null, durationMs: HOUR };
  expect(add({ recurrence: { ...recurring, timeZone: 'Mars/Olympus' } })).toThrow(/never comes/);
  expect(add({ recurrence: { ...recurring, cron: '* * * * * *' } })).toThrow(/five fields/);
  expect(add({ recurrence: { ...recurring, cron: '0 2 31 2 *' } })).toThrow(/never comes/);
  expect(add({ recurrence: { ...recurring, durationMs: 8 * DAY } })).toThrow(/1 minute to 7 days/);
  expect(book.list()).toEqual([]);
});
