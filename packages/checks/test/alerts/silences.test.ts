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

test('an alert names the silences that hold, whichever of them comes or goes', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert).not.toHaveProperty('silencedBy');
  const longest = watch.book.add(silence({ until: at(HOUR) }), 'ana').id;
  const second = watch.book.add(silence({ until: at(MINUTE * 30) }), 'ana').id;
  const named = () => {
    watch.manager.resilence();
    expect(watch.alert.silencedUntil).toEqual(at(HOUR));
    return watch.alert.silencedBy;
  };
  expect(named()).toEqual([longest, second]);
  watch.book.end(second, 'ana');
  const third = watch.book.add(silence({ until: at(MINUTE * 30) }), 'ana').id;
  expect(named()).toEqual([longest, third]);
  watch.book.end(third, 'ana');
  expect(named()).toEqual([longest]);
  watch.book.end(longest, 'ana');
  const other = watch.book.add(silence({ until: at(HOUR) }), 'ana').id;
  expect(named()).toEqual([other]);
});

test('an alert whose silences stay as they are stays as it is', () => {
  const watch = new Watch();
  watch.book.add(silence({ until: at(HOUR) }), 'ana');
  watch.now(lagging({ forMs: 0 }));
  watch.manager.silence(watch.alert.id, 'ana', at(2 * HOUR));
  const { alert } = watch;
  watch.during(10 * SECOND, lagging({ forMs: 0 }));
  expect(watch.alert).toBe(alert);
});

test('of its own silence and of those that fit it the longest is what an alert is silenced by', () => {
  const watch = new Watch();
  watch.now(lagging({ forMs: 0 }));
  const { id } = watch.alert;
  const own = (ms: number) => {
    watch.manager.silence(id, 'ana', at(ms));
    return watch.alert;
  };
  expect(own(2 * HOUR)).not.toHaveProperty('silencedBy');
  watch.book.add(silence({ until: at(HOUR) }), 'ana');
  watch.now(lagging());
  expect(watch.alert).toMatchObject({ silencedUntil: at(2 * HOUR), ownSilenceUntil: at(2 * HOUR) });
  expect(own(HOUR / 2)).toMatchObject({ silencedUntil: at(HOUR), ownSilenceUntil: at(HOUR / 2) });
  expect(own(HOUR / 4)).toMatchObject({ silencedUntil: at(HOUR), ownSilenceUntil: at(HOUR / 4) });
});

test('a silence that begins again before it is over silences on', () => {
  const watch = new Watch();
  const recurrence = { cron: '0 * * * *', timeZone: 'UTC', durationMs: 2 * HOUR };
  watch.book.add(silence({ recurrence, until: null }), 'ana');
  watch.now(lagging({ forMs: 0 }));
  const first = watch.alert.silencedUntil?.getTime() ?? 0;
  watch.clock.advance(first - watch.clock.wall().getTime());
  watch.now(lagging());
  expect(watch.alert.silencedUntil).toEqual(new Date(first + HOUR));
});

test('an alert is silenced from its first moment, though it is told before its observation ends', () => {
  const watch = new Watch();
  watch.book.add(silence(), 'ana');
  const observing = watch.manager.observing([lagging({ forMs: 0 }), null], {
    pairs: new Set(['orders']),
    servers: new Set(),
  });
  observing.next();
  observing.next();
  watch.manager.acknowledge(watch.alert.id, 'ana', '');
  expect(watch.published).toMatchObject([{ silencedUntil: at(HOUR) }]);
});

test('silences of before are taken up once they can be read', () => {
  const earlier = new Watch();
  const { id } = earlier.book.add(silence(), 'ana');
  const watch = new Watch({ clock: earlier.clock });
  watch.now(lagging({ forMs: 0 }));
  for (const each of earlier.storage.silences()) watch.storage.recordSilence(each);
  watch.manager.recall();
  expect(watch.published.at(-1)).toMatchObject({ silencedUntil: at(HOUR), silencedBy: [id] });
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

const window = (name: string, changes: Partial<MaintenanceConfig> = {}): MaintenanceConfig => ({
  name,
  matcher: { pair: 'orders' },
  from: at(0),
  until: at(HOUR),
  recurrence: null,
  ...changes,
});

test('another configuration takes maintenance away, changes it and adds some, and what persons did stays', () => {
  const [kept, changed, gone] = [window('kept'), window('changed'), window('gone')];
  const watch = new Watch({ pairs, maintenance: [kept, changed, gone] });
  const id = (name: string) => `maintenance: ${name}`;
  const own = watch.book.add(silence({ until: at(2 * HOUR) }), 'ana');
  watch.book.end(id('kept'), 'ben');
  watch.now(lagging({ forMs: 0 }));
  const told = watch.silencesTold.length;

  watch.book.reconfigure(pairs, [kept, window('changed', { until: at(3 * HOUR) }), window('new')]);
  const states = new Map(watch.book.list().map((each) => [each.id, each]));
  expect([...states.keys()].sort()).toEqual([own.id, id('changed'), id('kept'), id('new')].sort());
  expect(states.get(id('kept'))).toMatchObject({ state: 'ended', endedBy: 'ben' });
  expect(states.get(id('changed'))).toMatchObject({ state: 'active', activeUntil: at(3 * HOUR) });
  expect(states.get(own.id)).toEqual(own);
  expect(watch.silencesTold.slice(told)).toMatchObject([
    { id: id('gone'), note: 'gone', state: 'ended', activeUntil: null, nextFrom: null },
    { id: id('changed'), state: 'active' },
    { id: id('new'), state: 'active' },
  ]);
  watch.now(lagging());
  expect(watch.alert.silencedBy).toEqual([own.id, id('changed'), id('new')]);
});

test('what a person did to maintenance that is changed holds while the history cannot be read, too', () => {
  const watch = new Watch({ pairs, maintenance: [window('changed')] });
  watch.book.end('maintenance: changed', 'ben');
  watch.storage.silences = () => [];
  watch.book.reconfigure(pairs, [window('changed', { until: at(3 * HOUR) })]);
  expect(watch.book.list()).toMatchObject([{ state: 'ended', endedBy: 'ben' }]);
});

test('with other pairs an alert is silenced by what they are now', () => {
  const watch = new Watch({ pairs });
  watch.book.add(silence({ matcher: { labels: { env: 'test' } } }), 'ana');
  watch.now(lagging({ forMs: 0 }));
  expect(watch.alert.silencedUntil).toBeNull();
  const moved = pairs.map((each) => ({ ...each, labels: { env: 'test' } }));
  watch.book.reconfigure(moved, []);
  watch.now(lagging());
  expect(watch.alert.silencedUntil).toEqual(at(HOUR));
});

test('maintenance that does not run now cannot be ended, and what has no time left is not given back', () => {
  const watch = new Watch({ maintenance: [window('later', { from: at(HOUR), until: at(2 * HOUR) })] });
  expect(() => watch.book.end('maintenance: later', 'ana')).toThrow(/does not run now/);
  const { id } = watch.book.add(silence({ until: at(MINUTE) }), 'ana');
  watch.book.end(id, 'ana');
  watch.clock.advance(MINUTE);
  expect(() => watch.book.restore(id, 'ana')).toThrow(/time of this silence is over/);
  // One that is yet to come is given back, though it does not hold.
  const later = watch.book.add(silence({ from: at(HOUR), until: at(2 * HOUR) }), 'ana');
  watch.book.end(later.id, 'ana');
  expect(watch.book.restore(later.id, 'ana')).toMatchObject({ state: 'scheduled', nextFrom: at(HOUR) });
});

test('a silence of before that this version cannot read is left out and logged, and the others hold', () => {
  const earlier = new Watch();
  const good = earlier.book.add(silence(), 'ana');
  const watch = new Watch();
  watch.storage.recordSilence({ ...good, id: 'strange', matcher: {} });
  watch.storage.recordSilence(good);
  watch.book.recall();
  expect(watch.book.list().map(({ id }) => id)).toEqual([good.id]);
  expect(watch.logged).toEqual(['error a silence is not gone on with']);
  expect(watch.loggedOf).toMatchObject([{ silence: 'strange', err: expect.any(Error) as Error }]);
});

test('of silences that are over the fifty that ended last can be seen, and no maintenance is lost for them', () => {
  const watch = new Watch({ maintenance: [window('past', { from: at(-HOUR), until: at(-MINUTE) })] });
  const ids = Array.from({ length: 52 }, () => {
    const { id } = watch.book.add(silence(), 'ana');
    watch.clock.advance(SECOND);
    watch.book.end(id, 'ana');
    return id;
  });
  const listed = watch.book.list().map(({ id }) => id);
  expect(listed).toContain('maintenance: past');
  expect(ids.filter((id) => !listed.includes(id))).toEqual(ids.slice(0, 2));
});

test('no more than five hundred silences may hold at a time, and a note has an end', () => {
  const { book } = new Watch();
  const far = { from: at(HOUR), until: at(2 * HOUR) };
  for (let n = 0; n < 500; n++) book.add(silence(far), 'ana');
  expect(() => book.add(silence(), 'ana')).toThrow(/500 silences already/);
  book.end(book.list()[0]?.id ?? '', 'ana');
  expect(() => book.add(silence({ note: 'x'.repeat(1_001) }), 'ana')).toThrow(/at most 1000 characters/);
  expect(book.add(silence({ note: 'x'.repeat(1_000) }), 'ana').note).toHaveLength(1_000);
});

test('silences are listed as they hold, will hold and held, each by their beginning', () => {
  const watch = new Watch();
  const of = (note: string, changes: Partial<NewSilence>) =>
    watch.book.add(silence({ note, ...changes }), 'ana');
  of('later', { from: at(3 * HOUR), until: at(4 * HOUR) });
  of('soon', { from: at(2 * HOUR), until: at(4 * HOUR) });
  watch.book.end(of('over', {}).id, 'ana');
  of('now', {});
  of('longer', { from: at(-HOUR) });
  expect(watch.book.list().map(({ note }) => note)).toEqual(['longer', 'now', 'soon', 'later', 'over']);
});

test('what a person does to a silence is logged, with its matcher and its note', () => {
  const watch = new Watch();
  const { id } = watch.book.add(silence({ note: 'upgrade' }), 'ana');
  watch.book.add(silence(), 'ana');
  watch.book.end(id, 'ben');
  watch.book.restore(id, 'cai');
  expect(watch.logged).toEqual([
    'info silence made by ana: upgrade',
    'info silence made by ana',
    'info silence ended by ben',
    'info silence given back by cai',
  ]);
  expect(watch.loggedOf[0]).toEqual({ silence: id, matcher: { pair: 'orders' } });
  expect(watch.loggedOf.slice(2)).toEqual([{ silence: id }, { silence: id }]);
});

test('an alert that several silences fit is silenced until the last of them ends, however they are told', () => {
  for (const hours of [
    [1, 2],
    [2, 1],
  ]) {
    const watch = new Watch();
    for (const hour of hours) watch.book.add(silence({ until: at(hour * HOUR) }), 'ana');
    watch.now(lagging({ forMs: 0 }));
    expect(watch.alert.silencedUntil).toEqual(at(2 * HOUR));
  }
});

test('a silence has some time, and some of it lies in the future', () => {
  const watch = new Watch();
  const add = (from: number, until: number) => () =>
    watch.book.add(silence({ from: at(from), until: at(until) }), 'a');
  expect(add(HOUR, HOUR)).toThrow(/ends after it begins/);
  expect(add(-HOUR, 0)).toThrow(/ends in the future/);
});
