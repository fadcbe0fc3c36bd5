import { describe, expect, test } from 'vitest';
import { measureLag } from '../../src/lag/measure-lag.ts';
import { type Watermark, WatermarkRing } from '../../src/lag/watermark-ring.ts';
import { contains } from '../../src/position/contains.ts';
import type { Position } from '../../src/position/position.ts';
import { random } from '../support/random.ts';

const at = (sequence: number): Position => ({ kind: 'mariadb-gtid', text: `0-1-${sequence}` });
const measure = (ring: WatermarkRing, applied: number, now: number) =>
  measureLag(ring, { position: at(applied), sentAt: now, receivedAt: now + 2 }, (wanted) =>
    contains(at(applied), wanted),
  );

describe('lag by watermarks', () => {
  test('is unknown without a watermark', () => {
    expect(measure(new WatermarkRing(), 5, 1000)).toBeNull();
  });

  test('is 0 when the target has the newest watermark, and that is proved up to when the source was last asked', () => {
    const ring = new WatermarkRing();
    ring.record(at(5), 1000, 1001);
    ring.record(at(5), 1250, 1251);
    expect(measure(ring, 5, 1300)).toEqual({ lagMs: 0, atMostMs: 52, missing: null });
  });

  test('an idle source keeps it at 0 for however long', () => {
    const ring = new WatermarkRing();
    for (let t = 0; t <= 3_600_000; t += 250) ring.record(at(5), t, t + 1);
    expect(ring.length).toBe(1);
    expect(measure(ring, 5, 3_600_010)).toMatchObject({ lagMs: 0, atMostMs: 12 });
  });

  test('lies between the first sight of the oldest missing watermark and the last sight of the newest contained', () => {
    const ring = new WatermarkRing();
    ring.record(at(5), 1000, 1001);
    ring.record(at(5), 1250, 1251);
    ring.record(at(6), 1500, 1501);
    ring.record(at(7), 1750, 1751);
    expect(measure(ring, 5, 2000)).toMatchObject({ lagMs: 499, atMostMs: 752 });
    expect(measure(ring, 6, 2000)).toMatchObject({ lagMs: 249, atMostMs: 502 });
  });

  test('a change after an idle hour is as old as the change, not as the hour', () => {
    const ring = new WatermarkRing();
    for (let t = 0; t <= 3_600_000; t += 250) ring.record(at(5), t, t + 1);
    ring.record(at(6), 3_600_250, 3_600_251);
    expect(measure(ring, 5, 3_600_300)).toMatchObject({ lagMs: 49, atMostMs: 302 });
  });

  test('has no upper bound when everything watched is missing', () => {
    const ring = new WatermarkRing();
    ring.record(at(5), 1000, 1001);
    expect(measure(ring, 4, 9000)).toMatchObject({ lagMs: 7999, atMostMs: null });
  });

  test('of watermarks that the position says nothing of neither bound is taken', () => {
    const ring = new WatermarkRing();
    for (let sequence = 1; sequence <= 9; sequence++) {
      ring.record(at(sequence), 1000 * sequence, 1000 * sequence + 1);
    }
    const upTo = (number: number) => (wanted: Position) => contains(at(number), wanted);
    const applied = { position: at(3), sentAt: 10_000, receivedAt: 10_002 };
    const range = measureLag(ring, applied, upTo(3), (wanted) => !upTo(6)(wanted));
    expect(range).toMatchObject({ lagMs: 2999, atMostMs: 7002, missing: { position: at(7) } });
  });

  test('a watermark that came while the target was answering does not make it lag', () => {
    const ring = new WatermarkRing();
    ring.record(at(5), 1000, 1001);
    ring.record(at(6), 1300, 1301);
    expect(measure(ring, 5, 1300)).toMatchObject({ lagMs: 0, atMostMs: 302 });
  });
});

const numberOf = ({ text }: Position): number => Number(text.slice('0-1-'.length));

/** All that a ring holds, oldest first, as bisection finds it; `upTo`: the highest number recorded. */
function held(ring: WatermarkRing, upTo: number): Watermark[] {
  const entries: Watermark[] = [];
  for (let applied = -1; applied < upTo; applied++) {
    const { missing, contained } = ring.missingSince((wanted) => numberOf(wanted) <= applied)!;
    expect(contained).toEqual(entries.findLast(({ position }) => numberOf(position) <= applied) ?? null);
    if (numberOf(missing.position) !== numberOf(entries.at(-1)?.position ?? at(-1))) entries.push(missing);
  }
  return entries;
}

const numbers = (ring: WatermarkRing, upTo: number) =>
  held(ring, upTo).map(({ position }) => numberOf(position));

/** One change a second, from number `from` on. */
function recorded(ring: WatermarkRing, to: number, from = 0): WatermarkRing {
  for (let n = from; n <= to; n++) ring.record(at(n), 1000 * n, 1000 * n + 1);
  return ring;
}

describe('the ring', () => {
  test.each([0, 1, 62, 63, 64, 65, 127, 128, 129, 200])('holds what came, up to number %i', (last) => {
    const ring = recorded(new WatermarkRing(), last);
    expect(ring.length).toBe(last + 1);
    const entry = (n: number) => ({ position: at(n), firstReceivedAt: 1000 * n + 1, lastSentAt: 1000 * n });
    expect(held(ring, last)).toEqual(Array.from({ length: last + 1 }, (_, n) => entry(n)));
    expect(ring.newest).toEqual(entry(last));
  });

  test('what was seen again was last seen then, and first when it was', () => {
    const ring = recorded(new WatermarkRing(), 1);
    ring.record(at(1), 5000, 5001);
    expect(ring.newest).toEqual({ position: at(1), firstReceivedAt: 1001, lastSentAt: 5000 });
  });

  test('is as new once cleared', () => {
    const ring = recorded(new WatermarkRing({ maxTextBytes: 35 }), 6);
    ring.clear();
    expect([ring.length, ring.newest, ring.missingSince(() => false)]).toEqual([0, null, null]);
    expect(recorded(ring, 6).length).toBe(7);
    const long = recorded(new WatermarkRing(), 100);
    long.clear();
    expect(long.length).toBe(0);
  });

  test('once it is too long, half is left: the oldest, the newest, and of those between more of the young', () => {
    const ring = new WatermarkRing({ maxEntries: 20 });
    expect(recorded(ring, 19).length).toBe(20);
    expect(numbers(recorded(ring, 20, 20), 20)).toEqual([0, 5, 11, 15, 17, 18, 19, 20]);
  });

  test('of what is left there may be more than one pack, and it goes on from there', () => {
    const ring = recorded(new WatermarkRing({ maxEntries: 300 }), 300);
    const left = numbers(ring, 300);
    expect(left.length).toBe(ring.length);
    expect(left.length).toBeGreaterThan(100);
    expect(left.length).toBeLessThanOrEqual(150);
    expect([left[0], left.at(-1)]).toEqual([0, 300]);
    recorded(ring, 370, 301);
    expect(numbers(ring, 370)).toEqual([...left, ...Array.from({ length: 70 }, (_, n) => 301 + n)]);
  });

  test('two are left, however little there is room for', () => {
    const ring = recorded(new WatermarkRing({ maxEntries: 1 }), 9);
    expect(numbers(ring, 9)).toEqual([0, 9]);
  });

  test('is thinned by text as well, of which a state is a part, and not before there is too much', () => {
    const state = '0-1-1,0-2-2';
    const record = (ring: WatermarkRing, n: number) =>
      ring.record({ kind: 'mariadb-gtid', text: `0-1-${100 + n}`, state }, 1000 * n, 1000 * n + 1);
    const ring = new WatermarkRing({ maxTextBytes: 8 * 18 });
    for (let n = 0; n < 8; n++) record(ring, n);
    expect(ring.length).toBe(8);
    record(ring, 8);
    expect(ring.length).toBeLessThanOrEqual(4);
    expect(ring.length).toBeGreaterThan(2);
    // There is room again, as much as went.
    const left = ring.length;
    for (let n = 9; n <= 16 - left; n++) record(ring, n);
    expect(ring.length).toBe(8);
  });

  test('bounds the text it keeps, too', () => {
    const ring = new WatermarkRing({ maxTextBytes: 10_000 });
    for (let n = 0; n < 1000; n++) {
      ring.record({ kind: 'mysql-gtid', text: `${'x'.repeat(1000)}${n}` }, n * 250, n * 250);
    }
    expect(ring.length).toBeLessThanOrEqual(10);
  });

  test('the truth is always within the range, whatever the load, the lag and the rhythm of samples', () => {
    const { below } = random(7);
    for (let run = 0; run < 30; run++) {
      const ring = new WatermarkRing({ maxEntries: 32 });
      const commits: number[] = [];
      let now = 0;
      let applied = 0;
      for (let step = 0; step < 2000; step++) {
        now += 1 + below(60);
        for (let n = below(3); n > 0; n--) commits.push(now);
        if (below(4) === 0) ring.record(at(commits.length), now, now);
        if (below(run % 5 === 0 ? 200 : 4) === 0) applied += below(commits.length - applied + 1);
        if (below(4) !== 0 || step < 10) continue;
        const missing = commits[applied];
        const truth = missing === undefined ? 0 : now - missing;
        const range = measureLag(ring, { position: at(applied), sentAt: now, receivedAt: now }, (wanted) =>
          contains(at(applied), wanted),
        );
        if (!range || range.atMostMs === null) continue;
        expect(range.lagMs).toBeLessThanOrEqual(truth);
        expect(range.atMostMs).toBeGreaterThanOrEqual(truth);
      }
    }
  });
});
