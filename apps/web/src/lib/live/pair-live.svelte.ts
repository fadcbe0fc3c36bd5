import type { LagSample } from '#lib/api/documents/lag.ts';
import type { Pair } from '#lib/api/documents/pair.ts';
import type { Replication } from '#lib/api/documents/replication.ts';
import type { Run } from '#lib/api/documents/run.ts';
import { LagHour, type LagMinute } from './lag-hour.ts';
import { nextReading, type LagReading } from './lag-reading.ts';

/** One pair as it is now. Each part is replaced as a whole, so that only what shows it is drawn again. */
export class PairLive {
  current = $state.raw() as Pair;
  replication = $state.raw<Replication | null>(null);
  lag = $state.raw<LagReading | null>(null);
  hour = $state.raw<readonly LagMinute[]>([]);
  runs = $state.raw<readonly Run[]>([]);
  readonly #hour = new LagHour();
  #pending: LagReading | null = null;

  constructor(pair: Pair) {
    this.current = pair;
    this.replication = pair.replication;
    if (pair.lag) this.#pending = nextReading(null, pair.lag, performance.now());
    this.flush();
  }

  /** Keeps a sample; shown with the next `flush`. */
  take(sample: LagSample): void {
    this.#pending = nextReading(this.#pending ?? this.lag, sample, performance.now());
    if (sample.lagMs !== null) this.#hour.add(Date.parse(sample.at), sample.lagMs);
  }

  flush(): void {
    if (!this.#pending) return;
    this.lag = this.#pending;
    this.#pending = null;
    this.hour = [...this.#hour.minutes];
  }

  loadHour(buckets: Parameters<LagHour['load']>[0], now: number): void {
    this.#hour.load(buckets, now);
    const newest = this.#hour.newest;
    // Just opened while the lag is unknown: history still tells what it was last.
    if (this.lag && !this.lag.known && newest) {
      this.lag = { ...this.lag, known: { ms: newest.max, at: newest.at } };
    }
    this.hour = [...this.#hour.minutes];
  }

  /** Only runs that are not over are kept here. */
  takeRun(run: Run): void {
    const others = this.runs.filter((each) => each.id !== run.id);
    this.runs = isOver(run) ? others : [...others, run];
  }
}

export function isOver(run: Run): boolean {
  return run.state === 'FINISHED' || run.state === 'CANCELLED' || run.state === 'FAILED';
}
