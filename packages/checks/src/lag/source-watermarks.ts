import { contains } from '../position/contains.ts';
import type { Position, PositionKind } from '../position/position.ts';
import type { PositionSample } from './position-sample.ts';
import { WatermarkRing } from './watermark-ring.ts';

/** One source's watermarks, shared by all its targets. */
export class SourceWatermarks {
  readonly #gtid = new WatermarkRing();
  readonly #file = new WatermarkRing();

  record(sample: PositionSample): void {
    record(this.#gtid, sample.gtid.source, sample);
    if (sample.binlog) record(this.#file, sample.binlog, sample);
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

function record(ring: WatermarkRing, position: Position, { sentAt, receivedAt }: PositionSample): void {
  const newest = ring.newest?.position;
  // A source whose history was reset or restored: the old watermarks say nothing of the new one.
  if (newest && newest !== position && !contains(position, newest)) ring.clear();
  ring.record(position, sentAt, receivedAt);
}
