import { expect, test } from 'vitest';
import type { ChannelStatus } from '../../src/model/replication.ts';
import { inSync, own, watched } from './watched-pair.ts';

test('a status that cannot be read is told with its fault, and the route stays', () => {
  const { unread, target, monitor } = inSync();
  const { route } = monitor;
  expect(unread(target.fault('timeout', 'no answer'))).toMatchObject({
    channels: null,
    channel: null,
    direct: null,
    evidence: 'the replication status could not be read: no answer',
  });
  expect(monitor.route).toEqual(route);
});

test('who cannot be told a status is a mishap of the pair’s, and the engine goes on', () => {
  const { monitor, mishaps, statuses } = inSync();
  statuses.push = () => {
    throw new Error('not I');
  };
  monitor.read({ at: new Date(0), channels: [own], fault: null });
  expect(mishaps.recent().map(({ what, struck }) => ({ what, struck }))).toEqual([
    { what: 'reading the replication status', struck: { pair: 'pair' } },
    { what: 'telling the replication status', struck: { pair: 'pair' } },
  ]);
});

test('nonsense in a status costs the pair its channels until the next reading, and is no mishap', () => {
  const { reads, monitor, mishaps } = inSync();
  const status = reads({ ...own, receivedGtid: 'nonsense' });
  expect(status.channels).toBeNull();
  expect(status.evidence).toMatch(/^what db2 printed is /);
  expect(monitor.state.evidence).toContain('what db2 printed is ');
  expect(mishaps.recent()).toEqual([]);
  expect(reads(own).evidence).toMatch(/^reads from/);
});

test('an error that nobody expected in a status is a mishap, and told as what cannot be made out', () => {
  const { reads, mishaps } = inSync();
  const trap = new Proxy(own, {
    get: (of, name) => {
      if (name === 'receivedGtid') throw new TypeError('what is this');
      return of[name as keyof ChannelStatus];
    },
  });
  expect(reads(trap)).toMatchObject({
    channels: null,
    evidence: 'the replication status could not be made out: TypeError: what is this',
  });
  expect(mishaps.recent()).toMatchObject([
    { what: 'reading the replication status', words: 'what is this', struck: { pair: 'pair' } },
  ]);
});

test('an error that nobody expected in a look is a mishap, and the lag is not known', () => {
  const { has, mishaps, monitor } = inSync();
  monitor.monitor.noticeForeign = () => {
    throw new TypeError('what is this');
  };
  expect(has(5)).toMatchObject({ lagMs: null });
  expect(has(5).evidence).toMatch(/^lag unknown: what is this/);
  monitor.monitor.noticeForeign = () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever it is
    throw 'a text';
  };
  expect(has(5).evidence).toMatch(/^lag unknown: a text/);
  expect(mishaps.recent()).toMatchObject([{ what: 'measuring lag', struck: { pair: 'pair' }, times: 3 }]);
});

test('a target that does not answer has an unknown lag, and the pair is unknown with its reason', () => {
  const { fails, target, monitor } = inSync();
  target.connected = false;
  target.evidence = 'refused';
  expect(fails('db2: refused')).toMatchObject({ lagMs: null });
  expect(monitor.state).toMatchObject({ state: 'unknown', evidence: 'db2: refused' });
});

test('a source that is not there is the reason, with its own words', () => {
  const { has, source, sourceSampler, monitor, time } = inSync();
  time.now += 5000;
  expect(has(5).evidence).toMatch(/^lag unknown: db1 has not answered for 5/);
  sourceSampler.fault = new Error('db1: refused');
  expect(has(5).evidence).toMatch(/^lag unknown: db1: refused/);
  source.connected = false;
  source.evidence = 'refused';
  has(5);
  expect(monitor.state).toMatchObject({ state: 'unknown', evidence: 'lag unknown: db1: refused' });
});

test('by file, a source whose place may not be read is told so, and may be silent about it for its pause', () => {
  const { wrote, has, reads, sourceSampler, time } = watched();
  const byFile = { ...own, usesGtid: false };
  const place = { kind: 'file', text: 'b.1:5', file: 'b.1', offset: 5 } as const;
  const places = { places: new Map([['', place]]) };
  wrote(5);
  has(5, places);
  reads(byFile);
  expect(sourceSampler.binlogFor.size).toBe(1);
  expect(has(5, places).evidence).toBe('lag unknown: the place in the binlog of db1 could not be read');
  sourceSampler.latest = null;
  expect(has(5, places).evidence).toBe('lag unknown: db1 was not asked yet');
  wrote(5, { binlog: { position: place, sentAt: time.now, receivedAt: time.now + 1 } });
  expect(has(5, places)).toMatchObject({ lagMs: 0, method: 'file' });
  time.now += 2000;
  expect(has(5, places).lagMs).toBeNull();
  sourceSampler.binlogPauseMs = 2000;
  expect(has(5, places).lagMs).toBe(0);
});
