import { describe, expect, test } from 'vitest';
import type { LagSample } from '#lib/api/documents/lag.ts';
import { backoffMs } from '#lib/live/backoff.ts';
import { LagHour } from '#lib/live/lag-hour.ts';
import { lagNow, nextReading } from '#lib/live/lag-reading.ts';
import { type LinkFacts, linkState } from '#lib/live/link-state.ts';
import { RoundTrip } from '#lib/live/round-trip.ts';
import { ServerClock } from '#lib/live/server-clock.ts';
import { pillWord } from '#lib/shell/pill.ts';

const T = Date.parse('2026-11-23T14:00:00Z');

function sample(atMs: number, lagMs: number | null): LagSample {
  return {
    pair: 'p',
    at: new Date(atMs).toISOString(),
    lagMs,
    uncertaintyMs: lagMs === null ? null : 100,
    method: lagMs === null ? 'NONE' : 'GTID',
    transactionsBehind: null,
    serverLagMs: null,
    evidence: '',
  };
}

describe('lag', () => {
  test('is known while its sample is fresh', () => {
    const reading = nextReading(null, sample(T, 0), 1000);
    expect(lagNow(reading, T + 200, 1200)).toMatchObject({ known: true, ms: 0 });
  });

  test('becomes unknown when no sample comes any more, and keeps the last value with its age', () => {
    const reading = nextReading(null, sample(T, 0), 1000);
    expect(lagNow(reading, T + 14_000, 15_000)).toEqual({ known: false, last: { ms: 0, ageMs: 14_000 } });
  });

  test('becomes unknown at once when a sample says so, and remembers what was known before', () => {
    const known = nextReading(null, sample(T, 300), 1000);
    const unknown = nextReading(known, sample(T + 9_000, null), 10_000);
    expect(lagNow(unknown, T + 9_000, 10_000)).toEqual({ known: false, last: { ms: 300, ageMs: 9_000 } });
  });

  test('that was never known has no last value', () => {
    expect(lagNow(nextReading(null, sample(T, null), 0), T, 0)).toEqual({ known: false, last: null });
    expect(lagNow(null, T, 0)).toEqual({ known: false, last: null });
  });
});

describe('the last hour', () => {
  const bucket = (minute: number, minMs: number, maxMs: number) => ({
    from: new Date(T + minute * 60_000).toISOString(),
    to: new Date(T + (minute + 1) * 60_000).toISOString(),
    minMs,
    maxMs,
  });

  test('takes history and goes on with samples', () => {
    const hour = new LagHour();
    hour.load([bucket(0, 1, 5), bucket(1, 2, 3)], T + 90_000);
    hour.add(T + 95_000, 40);
    hour.add(T + 200_000, 7);
    expect(hour.minutes).toEqual([
      { at: T, min: 1, max: 5 },
      { at: T + 60_000, min: 2, max: 40 },
      { at: T + 180_000, min: 7, max: 7 },
    ]);
  });

  test('is an hour, however far the browser’s clock is behind that of the service', () => {
    const hour = new LagHour();
    const months = new Date(T - 100 * 86_400_000).toISOString();
    hour.load([{ from: months, to: new Date(T).toISOString(), minMs: 0, maxMs: 9 }], Date.parse(months));
    expect(hour.minutes.at(-1)).toEqual({ at: T - 60_000, min: 0, max: 9 });
    expect(hour.minutes.length).toBeLessThan(65);
  });

  test('forgets what is older', () => {
    const hour = new LagHour();
    hour.add(T, 1);
    hour.add(T + 61 * 60_000, 2);
    expect(hour.minutes).toHaveLength(1);
  });
});

describe('the link', () => {
  const facts: LinkFacts = {
    connected: true,
    lastMessage: 10_000,
    lateMs: 20,
    lostAt: 0,
    browserOffline: false,
  };

  test('is live while messages come', () => expect(linkState(facts, 12_000)).toBe('live'));

  test('is not live when it is open and silent', () => {
    expect(linkState(facts, 16_000)).toBe('reconnecting');
  });

  test('is not live when all that comes is late', () => {
    expect(linkState({ ...facts, lateMs: 6_000 }, 10_100)).toBe('slow');
  });

  test('connects first, reconnects later, and is offline after half a minute', () => {
    const lost = { ...facts, connected: false, lostAt: 10_000 };
    expect(linkState({ ...lost, lastMessage: null }, 11_000)).toBe('connecting');
    expect(linkState(lost, 11_000)).toBe('reconnecting');
    expect(linkState(lost, 40_000)).toBe('offline');
  });

  test('is offline at once when the browser has no network', () => {
    expect(linkState({ ...facts, connected: false, browserOffline: true }, 11_000)).toBe('offline');
  });

  test('says how old what is shown can be', () => {
    const dataFrom = '14:02:11';
    expect(
      (['live', 'slow', 'reconnecting', 'offline'] as const).map(
        (state) => pillWord({ state, ageMs: 2_100, dataFrom }).word,
      ),
    ).toEqual([
      'Live · 2 s ago',
      'Slow line · data from 14:02:11',
      'Reconnecting… data from 14:02:11',
      'Offline · data from 14:02:11',
    ]);
    expect(pillWord({ state: 'offline', ageMs: null, dataFrom: null }).word).toBe('Offline');
  });
});

describe('the round trip', () => {
  test('is waited for longer after each that came to nothing, and no longer than a line needs', () => {
    const trip = new RoundTrip();
    expect(trip.patienceMs).toBe(3_000);
    trip.givenUp();
    trip.givenUp();
    expect(trip.patienceMs).toBe(12_000);
    for (let i = 0; i < 10; i += 1) trip.givenUp();
    expect(trip.patienceMs).toBe(60_000);
    trip.asked(1_000);
    trip.answered(6_000);
    expect(trip.patienceMs).toBe(20_000);
    trip.asked(7_000);
    trip.answered(7_020);
    expect(trip.patienceMs).toBe(3_000);
  });

  test('says how late what comes may be, also before it is over', () => {
    const trip = new RoundTrip();
    expect(trip.lateMs(500)).toBe(0);
    trip.asked(1_000);
    expect([trip.lateMs(900), trip.lateMs(8_500)]).toEqual([0, 7_500]);
    trip.answered(9_000);
    expect(trip.lateMs(9_100)).toBe(8_000);
    trip.begin();
    expect(trip.lateMs(20_000)).toBe(0);
  });
});

test('waits double up to a cap, and differ from browser to browser', () => {
  expect([0, 1, 2, 10, 1000].map((retries) => backoffMs(retries, 1))).toEqual([
    500, 1000, 2000, 10_000, 10_000,
  ]);
  expect(backoffMs(3, 0)).toBe(backoffMs(3, 1) / 2);
});

test('the service’s clock is told from the quickest of the newest messages', () => {
  const clock = new ServerClock();
  const hourAhead = (travelMs: number) => clock.observe(new Date(T).toISOString(), T + 3_600_000 + travelMs);
  for (const travel of [80, 20, 900]) hourAhead(travel);
  const [before, told, after] = [Date.now(), clock.now(), Date.now()];
  expect(told).toBeGreaterThanOrEqual(before - 3_600_020);
  expect(told).toBeLessThanOrEqual(after - 3_600_020);
});
