import type { LagSample } from '#lib/api/documents/lag.ts';
import type { Pair } from '#lib/api/documents/pair.ts';
import type { Replication } from '#lib/api/documents/replication.ts';
import type { Run } from '#lib/api/documents/run.ts';
import { ownChannel } from '#lib/state/thread.ts';
import { LagHour, type LagMinute } from './lag-hour.ts';
import { type LagReading, nextReading } from './lag-reading.ts';

/** One pair as it is now. Each part is replaced as a whole, so that only what shows it is drawn again. */
export class PairLive {
  current = $state.raw() as Pair;
  replication = $state.raw<Replication | null>(null);
  /** Transactions of its own that the target has; told when they become more or fewer, not with every reading. */
  errant = $state(0);
  lag = $state.raw<LagReading | null>(null);
  hour = $state.raw<readonly LagMinute[]>([]);
  runs = $state.raw<readonly Run[]>([]);
  readonly #hour = new LagHour();
  /** The newest reading; `lag` and `hour` follow what is taken at the next `flush`. */
  #newest: LagReading | null = null;

  constructor(pair: Pair) {
    this.current = pair;
    if (pair.replication) this.takeReplication(pair.replication);
    if (pair.lag) {
      this.take(pair.lag);
      this.remember(pair.lag);
    }
    this.flush();
  }

  /** From when on its lag is too much: what is intended is not counted. */
  get thresholds(): Pair['thresholds'] {
    const { warningMs, criticalMs } = this.current.thresholds;
    return { warningMs: warningMs + this.intendedMs, criticalMs: criticalMs + this.intendedMs };
  }

  /** By how much it is delayed on purpose. */
  get intendedMs(): number {
    return ownChannel(this.replication)?.intendedDelayMs ?? 0;
  }

  takeReplication(replication: Replication): void {
    this.replication = replication;
    this.errant = Number(replication.errantCount ?? 0);
  }

  take(sample: LagSample): void {
    this.#newest = nextReading(this.#newest, sample, performance.now());
  }

  /** Puts a sample into the last hour; the same one twice changes nothing. */
  remember(sample: LagSample): void {
    if (sample.lagMs !== null) this.#hour.add(Date.parse(sample.at), sample.lagMs);
  }

  /** Shows what was taken since the last time. */
  flush(): void {
    this.lag = this.#newest;
    this.hour = this.#hour.minutes;
  }

  loadHour(buckets: Parameters<LagHour['load']>[0], now: number): void {
    this.#hour.load(buckets, now);
    const newest = this.#hour.newest;
    // Just opened while the lag is unknown: history still tells what it was last.
    if (this.#newest && !this.#newest.known && newest) {
      this.#newest = { ...this.#newest, known: { ms: newest.max, at: Math.min(now, newest.at + 60_000) } };
    }
    this.flush();
  }

  /** Only runs that are not over are kept here. */
  takeRun(run: Run): void {
    const others = this.runs.filter((each) => each.id !== run.id);
    if (isOver(run)) this.runs = others;
    else if (others.length === this.runs.length) this.runs = [...others, run];
    // In its place: a run that goes on does not change places with the one that waits for it.
    else this.runs = this.runs.map((each) => (each.id === run.id ? run : each));
  }
}

export function isOver(run: Run): boolean {
  return run.state === 'FINISHED' || run.state === 'CANCELLED' || run.state === 'FAILED';
}
