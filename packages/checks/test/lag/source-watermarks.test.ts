import { expect, test } from 'vitest';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { recordIn, SourceWatermarks } from '../../src/lag/source-watermarks.ts';
import { WatermarkRing } from '../../src/lag/watermark-ring.ts';
import type { Position } from '../../src/position/position.ts';

const list = (text: string, state = text): Position => ({ kind: 'mariadb-gtid', text, state });
const place = (offset: number): Position => ({ kind: 'file', text: `b:${offset}`, file: 'b', offset });
const clock = { now: () => 0, wall: () => new Date(0) };

function look(at: number, gtid: Position, offset: number | null = null): PositionSample {
  const times = { sentAt: at, receivedAt: at + 1 };
  return {
    ...times,
    gtid: { source: gtid, applied: gtid, history: gtid.text },
    binlog: offset === null ? null : { position: place(offset), ...times },
    places: null,
  };
}

test('a source goes on as long as it has what it had, by GTID and by its place', () => {
  const watermarks = new SourceWatermarks(clock);
  expect(watermarks.record(look(0, list('0-1-5'), 100))).toBe(true);
  expect(watermarks.record(look(250, list('0-1-6'), 200))).toBe(true);
  expect(watermarks.record(look(500, list('0-1-6')))).toBe(true);
  expect([watermarks.ring('mariadb-gtid').length, watermarks.ring('file').length]).toEqual([2, 2]);
  expect(watermarks.record(look(750, list('0-1-7'), 50))).toBe(false);
  expect([watermarks.ring('mariadb-gtid').length, watermarks.ring('file').length]).toEqual([3, 1]);
  expect(watermarks.record(look(1000, list('0-1-3'), 60))).toBe(false);
  expect([watermarks.ring('mariadb-gtid').length, watermarks.ring('file').length]).toEqual([1, 2]);
  watermarks.reset();
  expect([watermarks.ring('mariadb-gtid').length, watermarks.ring('file').length]).toEqual([0, 0]);
});

test('what cannot be told to come after goes on, but another history of a cluster does not', () => {
  const goesOn = (before: Position, now: Position) => {
    const ring = new WatermarkRing();
    recordIn(ring, before, { sentAt: 0, receivedAt: 1 });
    const answer = recordIn(ring, now, { sentAt: 250, receivedAt: 251 });
    expect(ring.length).toBe(answer ? 2 : 1);
    return answer;
  };
  expect(goesOn(list('0-1-23'), list('0-4711-5'))).toBe(true);
  const number = (seqno: bigint, group: string): Position => ({
    kind: 'galera',
    text: `${seqno}`,
    group,
    seqno,
  });
  expect(goesOn(number(7n, 'g'), number(8n, 'g'))).toBe(true);
  expect(goesOn(number(7n, 'g'), number(6n, 'g'))).toBe(false);
  expect(goesOn(number(7n, 'g'), number(8n, 'h'))).toBe(false);
});
