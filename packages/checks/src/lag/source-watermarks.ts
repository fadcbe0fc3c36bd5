import { relate } from '../position/contains.ts';
import type { Position, PositionKind } from '../position/position.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import type { PositionSample } from './position-sample.ts';
import { WatermarkRing } from './watermark-ring.ts';

/** Clocks drift and are slewed by less than this between two looks. */
const stepMs = 500;

/** One source's watermarks, shared by all its targets. */
export class SourceWatermarks {
  readonly #gtid = new WatermarkRing();
  readonly #file = new WatermarkRing();
  readonly #clock: Clock;
  #aheadMs: number | null = null;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * False when the source went back: it does not have any more what it had at the last look. Its history was reset or
   * restored, and the old watermarks say nothing of the new one.
   */
  record(sample: PositionSample): boolean {
    this.noticeClock();
    const gtid = record(this.#gtid, sample.gtid.source, sample);
    const file = !sample.binlog || record(this.#file, sample.binlog, sample);
    return gtid && file;
  }

  /**
   * The monotonic clock stands still while the machine is suspended, so that all ages are short by the sleep. The wall
   * clock does not: what it gained on the other passed unseen. (One that was set forward looks the same.)
   */
  noticeClock(): void {
    const aheadMs = this.#clock.wall().getTime() - this.#clock.now();
    if (this.#aheadMs !== null && aheadMs - this.#aheadMs > stepMs) this.reset();
    this.#aheadMs = aheadMs;
  }

  ring(kind: PositionKind): WatermarkRing {
    return kind === 'file' ? this.#file : this.#gtid;
  }

  /** Another server answers now. */
  reset(): void {
    this.#gtid.clear();
    this.#file.clear();
  }
}

function record(ring: WatermarkRing, position: Position, { sentAt, receivedAt }: PositionSample): boolean {
  const newest = ring.newest?.position;
  const goesOn = !newest || newest === position || relate(position, newest) !== 'lacks';
  if (!goesOn) ring.clear();
  ring.record(position, sentAt, receivedAt);
  return goesOn;
}
