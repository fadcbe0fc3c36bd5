import { expect, test } from 'vitest';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { ReplicaLagMonitor } from '../../src/lag/replica-lag-monitor.ts';
import { SourceWatermarks } from '../../src/lag/source-watermarks.ts';
import type { Position, PositionKind } from '../../src/position/position.ts';
import { channel } from '../support/replication.ts';

/** A server that has come to a number, by GTID and in its own and its source's binlog. */
function sample(at: number, sequence: number, places: { binlog?: boolean } = {}): PositionSample {
  const gtid: Position = { kind: 'mariadb-gtid', text: `0-1-${sequence}` };
  const place: Position = { kind: 'file', text: `b.000001:${sequence}`, file: 'b.000001', offset: sequence };
  return {
    sentAt: at,
    receivedAt: at + 1,
    gtid: { source: gtid, applied: gtid, history: gtid.text },
    binlog: places.binlog === false ? null : { position: place, sentAt: at, receivedAt: at + 1 },
    places: new Map([['', place]]),
  };
}

function watch(kind: PositionKind | null = 'mariadb-gtid', but = channel()) {
  let now = 0;
  let slept = 0;
  let trouble: string | null = null;
  const clock = { now: () => now, wall: () => new Date(now + slept) };
  const watermarks = new SourceWatermarks(clock);
  const monitor = new ReplicaLagMonitor({
    pair: 'p',
    source: 'db1',
    target: 'db2',
    watermarks,
    staleMs: 1000,
    clock,
    doubt: () => null,
    sourceTrouble: () => trouble,
  });
  monitor.route = { method: { kind, evidence: 'no positions' }, channel: but };
  return {
    monitor,
    source: (at: number, sequence: number, places?: { binlog?: boolean }) =>
      watermarks.record(sample(at, sequence, places)),
    target: (
      at: number,
      sequence: number,
      { domains = null, heldUpMs = 0 }: { domains?: Map<string, string> | null; heldUpMs?: number } = {},
    ) => {
      now = at + 1 + heldUpMs;
      return monitor.sample({ ...sample(at, sequence), domains });
    },
    fail: (at: number, message: string) => {
      now = at;
      return monitor.fault(new Error(message));
    },
    trouble: (message: string) => (trouble = message),
    /** The machine is suspended: time passes, and the monotonic clock stands still. */
    sleep: (ms: number) => (slept += ms),
  };
}

test('0 is said only while the source answers; then it is unknown, with the last value and its age', () => {
  const { source, target, trouble } = watch();
  source(1000, 5);
  expect(target(1500, 5)).toMatchObject({ lagMs: 0, uncertaintyMs: 501, method: 'gtid' });
  expect(target(3000, 5)).toMatchObject({
    lagMs: null,
    uncertaintyMs: null,
    method: 'none',
    transactionsBehind: null,
    evidence: 'lag unknown: db1 has not answered for 2 s; last known 0 ms, 1.5 s ago',
  });
  trouble('db1: connection refused');
  expect(target(3250, 5).evidence).toMatch(/^lag unknown: db1: connection refused; last known/);
});

test('what is said is true of when the answer came, though this process was held up before it said it', () => {
  const { source, target } = watch();
  source(1000, 5);
  const { at, uncertaintyMs, lagMs } = target(1500, 5, { heldUpMs: 20_000 });
  expect({ at: at.getTime(), uncertaintyMs, lagMs }).toEqual({ at: 1501, uncertaintyMs: 501, lagMs: 0 });
  expect(target(30_000, 5, { heldUpMs: 20_000 }).at.getTime()).toBe(30_001);
});

test('a known lag, too, is not known any more without the source', () => {
  const { source, target } = watch();
  source(1000, 5);
  source(1250, 6);
  expect(target(1500, 5)).toMatchObject({ lagMs: 249, transactionsBehind: 1 });
  expect(target(5000, 5)).toMatchObject({ lagMs: null });
});

test('a target that does not answer is unknown', () => {
  const { source, target, fail } = watch();
  source(1000, 5);
  target(1100, 5);
  expect(fail(1400, 'db2: no answer within 2000 ms')).toMatchObject({
    lagMs: null,
    evidence: 'lag unknown: db2: no answer within 2000 ms; last known 0 ms, 299 ms ago',
  });
});

test('by file, a source that answers but does not tell its place is as good as silent', () => {
  const { source, target } = watch('file');
  source(1000, 5);
  expect(target(1100, 5)).toMatchObject({ lagMs: 0, method: 'file', transactionsBehind: null });
  for (let at = 1250; at <= 5000; at += 250) source(at, 5, { binlog: false });
  expect(target(5000, 5)).toMatchObject({ lagMs: null });
});

test('without a route, or without a way to compare, it is unknown', () => {
  const { monitor, source, target } = watch(null);
  source(1000, 5);
  expect(target(1100, 5)).toMatchObject({ lagMs: null, evidence: 'lag unknown: no positions' });
  monitor.route = null;
  expect(target(1200, 5).evidence).toBe('lag unknown: the replication status was not read yet');
});

test('the target’s own figure is used only as an estimate, for what is older than the watch', () => {
  const { source, target } = watch('mariadb-gtid', channel({ serverLagMs: 90_000 }));
  source(1000, 5);
  expect(target(1500, 4)).toMatchObject({
    lagMs: 90_000,
    atLeastMs: 499,
    uncertaintyMs: null,
    method: 'estimate',
    transactionsBehind: 1,
    serverLagMs: 90_000,
  });
  // What is missing now came within the watch: the server's figure is for comparison only.
  source(1750, 6);
  expect(target(2000, 5)).toMatchObject({ lagMs: 249, method: 'gtid', serverLagMs: 90_000 });
});

test('of what is older than a watch that has only just begun 0 is not said, which is for what was proved', () => {
  const { source, target } = watch('mariadb-gtid', channel({ serverLagMs: 0 }));
  source(1000, 5);
  const sample = target(1001, 4);
  expect(sample).toMatchObject({ lagMs: null, method: 'none' });
  expect(sample.evidence).toBe(
    'lag unknown: what is missing is older than this watch, which has only just begun',
  );
  expect(target(1100, 4)).toMatchObject({ lagMs: 99, method: 'estimate' });
});

test('a source whose history was reset is watched anew', () => {
  const { source, target } = watch();
  source(1000, 500);
  source(1250, 3);
  expect(target(1300, 2)).toMatchObject({ method: 'estimate' });
  expect(target(1400, 3)).toMatchObject({ lagMs: 0, method: 'gtid' });
});

test('what the channel leaves out does not count, neither as lag nor as transactions', () => {
  const { source, target } = watch(
    'mariadb-gtid',
    channel({ filters: [{ name: 'Replicate_Ignore_Domain_Ids', value: '0' }] }),
  );
  source(1000, 5);
  source(1250, 9);
  const leavesOut = new Map([['', 'Replicate_Ignore_Domain_Ids=0']]);
  expect(target(1300, 5, { domains: leavesOut })).toMatchObject({ lagMs: 0, transactionsBehind: 0 });
});

test('what passed while the machine was suspended is not counted as nothing', () => {
  const { source, target, sleep } = watch('mariadb-gtid', channel({ serverLagMs: 3_600_000 }));
  source(1000, 5);
  expect(target(1100, 5)).toMatchObject({ lagMs: 0, method: 'gtid' });
  source(1200, 6);
  sleep(3_600_000);
  source(1300, 7);
  const after = target(1400, 5);
  // The change that is missing is an hour old, and the monotonic clock saw a tenth of a second.
  expect(after).toMatchObject({ lagMs: 3_600_000, uncertaintyMs: null, method: 'estimate' });
});

test('a target asked first after the machine was suspended is not called in sync by what was known before', () => {
  const { source, target, sleep } = watch();
  source(1000, 5);
  sleep(60_000);
  expect(target(1100, 5)).toMatchObject({ lagMs: null, method: 'none' });
  source(1200, 5);
  expect(target(1300, 5)).toMatchObject({ lagMs: 0, method: 'gtid' });
});

test('after a gap the target’s own figure is shown beside what is known, and is no bound of it', () => {
  const { source, target } = watch('mariadb-gtid', channel({ serverLagMs: 60_000 }));
  source(1000, 5);
  expect(target(1100, 5)).toMatchObject({ lagMs: 0 });
  source(63_000, 6);
  const { lagMs, uncertaintyMs, serverLagMs, evidence } = target(63_200, 5);
  expect({ lagMs, uncertaintyMs, serverLagMs }).toEqual({
    lagMs: 199,
    uncertaintyMs: 62_002,
    serverLagMs: 60_000,
  });
  expect(evidence).toMatch(
    /199 ms to 1 min 2 s old; 1 transaction behind; the target's own figure is 1 min$/,
  );
});

test('a target through others that has nothing of a domain may never get it, so its lag is unknown', () => {
  const wide = (text: string): PositionSample => ({
    ...sample(0, 0),
    gtid: {
      source: { kind: 'mariadb-gtid', text },
      applied: { kind: 'mariadb-gtid', text },
      history: text,
    },
  });
  const seen = (direct: boolean, there: string) => {
    const watermarks = new SourceWatermarks({ now: () => 0, wall: () => new Date(0) });
    const clock = { now: () => 0, wall: () => new Date(0) };
    const names = { pair: 'p', source: 'db1', target: 'db2', staleMs: 1000 };
    const monitor = new ReplicaLagMonitor({
      ...names,
      watermarks,
      clock,
      doubt: () => null,
      sourceTrouble: () => null,
    });
    monitor.route = { method: { kind: 'mariadb-gtid', evidence: '' }, channel: channel(), direct };
    watermarks.record({ ...wide('0-1-8,5-1-3'), sentAt: 0, receivedAt: 1 });
    watermarks.record({ ...wide('0-1-9,5-1-3'), sentAt: 250, receivedAt: 251 });
    return monitor.sample({ ...wide(there), sentAt: 500, receivedAt: 501 });
  };
  expect(seen(false, '0-1-9').evidence).toMatch(
    /^lag unknown: db1 is at 0-1-9,5-1-3, and of db2: of domain 5/,
  );
  expect(seen(true, '0-1-9')).toMatchObject({ method: 'estimate' });
  expect(seen(false, '0-1-8,5-1-3')).toMatchObject({ lagMs: 249, method: 'gtid' });
  expect(seen(false, '0-1-9,5-1-3')).toMatchObject({ lagMs: 0 });
});

const seven: Position = { kind: 'galera', text: 'g:7', group: 'g', seqno: 7n };

/** A member at 1000 ms, whose source and group say what they are told to. */
function ofGroup(but: {
  outside?: string | null;
  silentMs?: number | null;
  behind?: object | null;
  trouble?: string;
}) {
  const clock = { now: () => 1010, wall: () => new Date(1010) };
  const range = { lagMs: 0, atMostMs: 260, missing: null };
  const behind =
    but.behind === null ? null : { range, applied: seven, holder: null, behind: 0, ...but.behind };
  const monitor = new ReplicaLagMonitor({
    pair: 'p',
    source: 'n1',
    target: 'n2',
    watermarks: new SourceWatermarks(clock),
    staleMs: 1000,
    clock,
    doubt: () => 'is not asked of members',
    sourceTrouble: () => but.trouble ?? null,
    group: {
      behind: () => behind,
      silence: () => (but.silentMs == null ? null : { silentMs: but.silentMs }),
    },
  });
  monitor.route = { method: { kind: 'galera', evidence: '' }, channel: null, group: true };
  const membership = { outside: but.outside ?? null, position: seven };
  const told = monitor.sample({ ...sample(1000, 1), membership: membership as never });
  return { ...told, measured: monitor.measured };
}

test('a member that has all is in sync with its group as of when that was asked', () => {
  expect(ofGroup({})).toMatchObject({
    lagMs: 0,
    uncertaintyMs: 260,
    method: 'gtid',
    transactionsBehind: 0,
    evidence: 'has all changes that its cluster had up to 260 ms ago',
    measured: { applied: seven },
  });
});

test('a member that lacks changes is told whose, and how old they are', () => {
  const range = { lagMs: 740, atMostMs: 1010, missing: {} };
  expect(ofGroup({ behind: { range, holder: 'n3', behind: 1 } })).toMatchObject({
    lagMs: 740,
    uncertaintyMs: 270,
    evidence: 'n2 lacks changes that n3 had, the oldest 740 ms to 1 s old; 1 transaction behind',
  });
  expect(ofGroup({ behind: { range, holder: 'n2', behind: 1200 } }).evidence).toBe(
    'n2 lacks changes received itself, the oldest 740 ms to 1 s old; 1,200 transactions behind',
  );
});

test('what a member lacks since before the watch is an estimate, and nothing while that has only just begun', () => {
  const since = (lagMs: number) =>
    ofGroup({
      behind: { range: { lagMs, atMostMs: null, missing: {} }, holder: 'n3', behind: null },
    });
  expect(since(740)).toMatchObject({ lagMs: 740, atLeastMs: 740, uncertaintyMs: null, method: 'estimate' });
  expect(since(740).evidence).toMatch(/^estimate: n2 lacks changes that n3 had, at least 740 ms old/);
  expect(since(1)).toMatchObject({ lagMs: 1 });
  expect(since(0)).toMatchObject({ lagMs: null, measured: null });
  const just = { range: { lagMs: 0, atMostMs: 30, missing: {} }, holder: 'n3' };
  expect(ofGroup({ behind: just })).toMatchObject({ lagMs: 0, uncertaintyMs: 30 });
});

test('a member that takes no part, or whose source is silent, has no known lag, and it is said why', () => {
  const why = (but: Parameters<typeof ofGroup>[0]) => ofGroup(but).evidence;
  expect(why({ outside: 'it has left its group', silentMs: 5000 })).toBe(
    'lag unknown: n2: it has left its group',
  );
  expect(why({ silentMs: Infinity })).toBe('lag unknown: n1 was not asked yet');
  expect(why({ silentMs: 5000 })).toBe('lag unknown: n1 has not answered for 5 s');
  expect(why({ silentMs: 5000, trouble: 'n1: refused' })).toBe('lag unknown: n1: refused');
  expect(why({ behind: null })).toBe('lag unknown: the position of n2 in its cluster is not known yet');
});

/** As a look tells it: what a server wrote, and applied, in one domain. */
const lists = (at: number, written: string, applied = '', state = written): PositionSample => ({
  ...sample(at, 0),
  gtid: {
    source: { kind: 'mariadb-gtid', text: written, state },
    applied: { kind: 'mariadb-gtid', text: applied },
    history: state,
  },
});

function noticing(readIn?: (applied: Position) => boolean) {
  const clock = { now: () => 0, wall: () => new Date(0) };
  const watermarks = new SourceWatermarks(clock);
  const monitor = new ReplicaLagMonitor({
    pair: 'p',
    source: 'db1',
    target: 'db2',
    watermarks,
    staleMs: 1000,
    clock,
    doubt: () => null,
    sourceTrouble: () => null,
    ...(readIn && { readIn }),
  });
  const notice = (at: number, applied: string) => {
    monitor.noticeForeign(lists(at, '', applied));
    return monitor.foreign;
  };
  return { monitor, watermarks, notice };
}

test('what others write in a domain of the source’s is noticed once the source was asked after it, and still lacks it', () => {
  const { monitor, watermarks, notice } = noticing();
  expect(notice(0, '0-7-50')).toBe(false);
  watermarks.record(lists(100, '0-1-9'));
  expect(notice(200, '0-7-50')).toBe(false);
  // The source was not asked since.
  expect(notice(300, '0-7-50')).toBe(false);
  watermarks.record(lists(400, '0-1-9'));
  expect(notice(500, '0-7-51')).toBe(true);
  watermarks.record(lists(600, '0-7-51', '', '0-1-9,0-7-51'));
  expect(notice(700, '0-7-51')).toBe(false);
  monitor.foreign = true;
  monitor.forget();
  expect(monitor.foreign).toBe(false);
  watermarks.record(lists(800, '0-1-60', '', '0-1-60'));
  expect(notice(900, '0-7-61')).toBe(false);
});

test('a look in the very moment at which the source was asked is as good as one before', () => {
  const { watermarks, notice } = noticing();
  watermarks.record(lists(100, '0-1-9'));
  notice(200, '0-7-50');
  watermarks.record(lists(201, '0-1-9'));
  expect(notice(300, '0-7-50')).toBe(true);
});

test('where numbers of the source may mean something else, that is foreign as well', () => {
  const { watermarks, notice } = noticing(({ text }) => text === '0-1-20');
  watermarks.record(lists(0, '0-1-9'));
  expect(notice(100, '0-1-9')).toBe(false);
  watermarks.record(lists(200, '0-1-9'));
  expect(notice(300, '0-1-20')).toBe(true);
});

test('a doubt of the positions is the reason why the lag is not known, and another server knows nothing of it', () => {
  const clock = { now: () => 1000, wall: () => new Date(1000) };
  const watermarks = new SourceWatermarks(clock);
  let doubt: string | null = null;
  const names = { pair: 'p', source: 'db1', target: 'db2', staleMs: 1000 };
  const monitor = new ReplicaLagMonitor({
    ...names,
    watermarks,
    clock,
    doubt: () => doubt,
    sourceTrouble: () => null,
  });
  const route = { method: { kind: 'mariadb-gtid' as const, evidence: '' }, channel: channel() };
  monitor.route = route;
  watermarks.record(sample(900, 5));
  expect(monitor.sample(sample(950, 5))).toMatchObject({ lagMs: 0 });
  expect(monitor.measured).toMatchObject({ range: { lagMs: 0 }, applied: { text: '0-1-5' } });
  doubt = 'its history was reset';
  expect(monitor.sample(sample(950, 5)).evidence).toMatch(
    /^lag unknown: its history was reset; last known 0 ms/,
  );
  expect(monitor.measured).toBeNull();
  monitor.forget();
  expect(monitor.latest).toBeNull();
  monitor.route = route;
  expect(monitor.sample(sample(950, 5)).evidence).toBe('lag unknown: its history was reset');
});

test('an estimate says whether it is the target’s own figure, or what was watched', () => {
  const told = (serverLagMs: number | null) => {
    const { source, target } = watch('mariadb-gtid', channel({ serverLagMs }));
    source(1000, 5);
    return target(1501, 4).evidence;
  };
  expect(told(90_000)).toMatch(
    /^estimate: the target's own figure is 1 min 30 s; at least 500 ms, .+; 1 transaction behind$/,
  );
  const watched = 'estimate: at least 500 ms; what is missing is older than this watch; 1 transaction behind';
  for (const figure of [null, 0, 500]) expect(told(figure)).toBe(watched);
});

test('what is known to a second needs no figure of the target’s beside it, nor one that is smaller', () => {
  const told = (serverLagMs: number | null, gapMs: number) => {
    const { source, target } = watch('mariadb-gtid', channel({ serverLagMs }));
    source(1000, 5);
    source(1000 + gapMs, 6);
    return target(1000 + gapMs + 201, 5).evidence;
  };
  const figure = "; the target's own figure is";
  expect(told(60_000, 5000)).toContain(figure);
  expect(told(60_000, 500)).not.toContain(figure);
  expect(told(null, 5000)).not.toContain(figure);
  expect(told(200, 5000)).not.toContain(figure);
  expect(told(201, 5000)).toContain(figure);
});

test('of a source that says why it was not asked yet, that is told', () => {
  const { target, trouble } = watch();
  expect(target(100, 5).evidence).toBe('lag unknown: db1 was not asked yet');
  trouble('db1: refused');
  expect(target(200, 5).evidence).toBe('lag unknown: db1: refused');
});
