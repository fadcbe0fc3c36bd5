import { describe, expect, test } from 'vitest';
import { BeatMonitor } from '../../src/heartbeat/beat-monitor.ts';
import { beatTime } from '../../src/heartbeat/beat-time.ts';

/** A watch of a heartbeat written every second by a clock that shows `ahead` more than Lockstep's own. */
function watched(ahead: number, looks: number, everyMs = 930): BeatMonitor {
  const watch = new BeatMonitor();
  for (let look = 0; look < looks; look++) see(watch, ahead, 100 + look * everyMs);
  return watch;
}

function see(watch: BeatMonitor, ahead: number, at: number): void {
  watch.see(Math.floor((at + ahead) / 1000) * 1000, at, at + 2);
}

describe('the time of a beat', () => {
  test.each([
    ['2026-11-23T21:00:00.000500', Date.UTC(2026, 10, 23, 21) + 0.5],
    ['2026-11-23T21:00:01', Date.UTC(2026, 10, 23, 21, 0, 1)],
    ['2026-11-23 21:00:01', Date.UTC(2026, 10, 23, 21, 0, 1)],
    ['2026-11-23T21:00:00.5', Date.UTC(2026, 10, 23, 21) + 500],
  ])('is read from %s', (text, ms) => {
    expect(beatTime(text)).toBe(ms);
  });

  test.each(['', 'yesterday', '2026-11-23', '2026-11-23T21:00:591.000000', '1'])(
    'is not made up from "%s"',
    (text) => {
      expect(beatTime(text)).toBeNull();
    },
  );
});

describe('a watch of beats', () => {
  test('knows nothing of the writer’s clock before a beat came while it watched', () => {
    const watch = new BeatMonitor();
    watch.see(5000, 0, 2);
    watch.see(5000, 930, 932);
    expect(watch.offset).toBeNull();
    expect(watch.intervalMs).toBeNull();
    expect(watch.everNew).toBe(false);
    expect(watch.silentMs(10_002)).toBe(10_000);
  });

  test.each([0, 9 * 3_600_000, -123_456])('encloses what a clock shows that is %d ms ahead', (ahead) => {
    const { low, high } = watched(ahead, 40).offset ?? { low: NaN, high: NaN };
    expect(low).toBeLessThanOrEqual(ahead);
    expect(high).toBeGreaterThanOrEqual(ahead);
    // Looks that come at every age in turn narrow it to what one step of the sweep is.
    expect(high - low).toBeLessThan(150);
  });

  test('does not take a write that had to wait for a clock that was set', () => {
    const watch = watched(0, 20);
    const before = watch.offset;
    // Timed at 19,000, but seen only by the look at 24,000: the row was locked.
    watch.see(19_000, 24_000, 24_002);
    expect(watch.takeMoved()).toBe(false);
    expect(watch.offset?.low).toBe(before?.low);
    expect(watch.offset?.high).toBeGreaterThanOrEqual(before?.low ?? NaN);
  });

  test.each([
    ['back', -3_600_000],
    ['ahead', 3_600_000],
  ])('begins anew when the clock is set %s, and tells so once', (_way, by) => {
    const watch = watched(0, 20);
    const known = Math.floor(100 + 19 * 930);
    see(watch, by, known + 930);
    expect(watch.takeMoved()).toBe(true);
    expect(watch.takeMoved()).toBe(false);
    for (let look = 2; look < 20; look++) see(watch, by, known + look * 930);
    expect(watch.offset?.low).toBeLessThanOrEqual(by);
    expect(watch.offset?.high).toBeGreaterThanOrEqual(by);
    expect(watch.offset?.low).toBeGreaterThan(by - 1000);
    expect(watch.knows(10_000)).toBe(false);
  });

  test('names the first beat that is known to be lacking', () => {
    const watch = watched(0, 20);
    expect(watch.nextAfter(17_000)).toBeNull();
    expect(watch.nextAfter(16_000)).toBe(17_000);
    expect(watch.nextAfter(10_000)).toBe(11_000);
    // Of before the watch: as often then as now.
    expect(watch.nextAfter(-500_000)).toBe(-499_000);
  });
});
