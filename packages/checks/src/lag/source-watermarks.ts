import { relate } from '../position/contains.ts';
import type { Position, PositionKind } from '../position/position.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { StandStill } from '../time/stand-still.ts';
import type { PositionSample } from './position-sample.ts';
import { WatermarkRing } from './watermark-ring.ts';

/** One source's watermarks, shared by all its targets. */
export class SourceWatermarks {
  readonly #gtid = new WatermarkRing();
  readonly #file = new WatermarkRing();
  readonly #standStill: StandStill;

  constructor(clock: Clock = systemClock) {
    this.#standStill = new StandStill(clock);
  }

  /**
   * False when the source went back: it does not have any more what it had at the last look. Its history was reset or
   * restored, and the old watermarks say nothing of the new one.
   */
  record(sample: PositionSample): boolean {
    this.noticeClock();
    const gtid = recordIn(this.#gtid, sample.gtid.source, sample);
    const file = !sample.binlog || recordIn(this.#file, sample.binlog.position, sample.binlog);
    return gtid && file;
  }

  /** Of what was seen before the clock stood still the age is not known. */
  noticeClock(): void {
    if (this.#standStill.noticed()) this.reset();
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

export function recordIn(
  ring: WatermarkRing,
  position: Position,
  { sentAt, receivedAt }: Pick<PositionSample, 'sentAt' | 'receivedAt'>,
): boolean {
  const newest = ring.newest?.position;
  const goesOn = !newest || newest === position || goesOnFrom(newest, position);
  if (!goesOn) ring.clear();
  ring.record(position, sentAt, receivedAt);
  return goesOn;
}

/** Of a cluster another history begins with every bootstrap; what another's GTIDs come after cannot always be told. */
function goesOnFrom(newest: Position, position: Position): boolean {
  const relation = relate(position, newest);
  return relation === 'has' || (relation === 'unknown' && position.kind !== 'galera');
}
