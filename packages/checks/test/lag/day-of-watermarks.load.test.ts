import { expect, test } from 'vitest';
import { measureLag } from '../../src/lag/measure-lag.ts';
import { WatermarkRing } from '../../src/lag/watermark-ring.ts';
import { contains } from '../../src/position/contains.ts';
import type { Position } from '../../src/position/position.ts';

const at = (sequence: number): Position => ({ kind: 'mariadb-gtid', text: `0-1-${sequence}` });
const lagOf = (ring: WatermarkRing, applied: number, now: number) =>
  measureLag(ring, { position: at(applied), sentAt: now, receivedAt: now + 2 }, (wanted) =>
    contains(at(applied), wanted),
  );

// What a ring holds after a day in which the source went on and the target stood.

test('stays within its bounds and still answers right after a day of stopped replication', () => {
  const ring = new WatermarkRing();
  const day = 86_400_000;
  // Four changes a second; change n was made 100 ms before it was first seen, at n · 250 ms.
  for (let n = 0; n * 250 <= day; n++) ring.record(at(n), n * 250, n * 250 + 1);
  expect(ring.length).toBeLessThanOrEqual(4096);
  for (const applied of [0, 4000, 100_000, 345_000, 345_590]) {
    const truth = day - ((applied + 1) * 250 - 100);
    const range = lagOf(ring, applied, day);
    expect(range?.lagMs).toBeLessThanOrEqual(truth);
    expect(range?.atMostMs).toBeGreaterThanOrEqual(truth);
    const uncertainty = (range?.atMostMs ?? Infinity) - (range?.lagMs ?? 0);
    expect(uncertainty).toBeLessThanOrEqual(Math.max(300, truth * 0.02));
  }
  expect(lagOf(ring, day / 250, day)?.lagMs).toBe(0);
});

test('stays within its bounds and answers right after such a day with GTID sets of many servers', () => {
  const ring = new WatermarkRing();
  const day = 86_400_000;
  const others = 'x'.repeat(5000);
  const numberOf = ({ text }: Position): number => Number(text.slice(others.length));
  for (let n = 0; n * 250 <= day; n++) {
    ring.record({ kind: 'mysql-gtid', text: `${others}${n}` }, n * 250, n * 250 + 1);
  }
  expect(ring.length * 5000).toBeLessThanOrEqual(4 * 2 ** 20);
  for (const applied of [0, 4000, 100_000, 345_000, 345_590]) {
    const truth = day - ((applied + 1) * 250 - 100);
    const position: Position = { kind: 'mysql-gtid', text: `${others}${applied}` };
    const range = measureLag(ring, { position, sentAt: day, receivedAt: day + 2 }, (wanted) => {
      return applied >= numberOf(wanted);
    });
    expect(range?.lagMs).toBeLessThanOrEqual(truth);
    expect(range?.atMostMs).toBeGreaterThanOrEqual(truth);
    const uncertainty = (range?.atMostMs ?? Infinity) - (range?.lagMs ?? 0);
    expect(uncertainty).toBeLessThanOrEqual(Math.max(300, truth * 0.05));
  }
});
