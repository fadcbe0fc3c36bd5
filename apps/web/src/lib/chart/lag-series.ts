import type { LagBucket } from '#lib/api/documents/lag.ts';

/** Bins further apart than this many times their usual distance have a gap between them. */
const gapFactor = 1.5;

const firstCapacity = 2048;

const learnFrom = 32;

/**
 * The lag of one pair over time, in bins of one width that begin at multiples of it, as the service cuts them too.
 * A bin exists only where something was known. Plain typed arrays, on purpose outside of any reactive state: this
 * takes several samples a second and is drawn from directly.
 */
export class LagSeries {
  readonly binMs: number;
  length = 0;
  /** Starts of the bins in seconds since 1970, as uPlot wants them. */
  #x = new Float64Array(firstCapacity);
  #avg = new Float64Array(firstCapacity);
  #min = new Float64Array(firstCapacity);
  #max = new Float64Array(firstCapacity);
  #samples = new Float64Array(firstCapacity);
  /** 1 where lag was unknown for a moment just before the bin, although the bins touch. */
  #broken = new Uint8Array(firstCapacity);
  #usualStepMs: number;
  /** Time of the newest sample in ms since 1970: the last bin reaches only to it. */
  #newest = 0;
  #wasUnknown = false;

  constructor(binMs: number) {
    this.binMs = binMs;
    this.#usualStepMs = binMs;
  }

  /** Buckets of one width, oldest first; the width becomes that of the series. */
  static from(buckets: readonly LagBucket[], binMs: number): LagSeries {
    const first = buckets[0];
    const series = new LagSeries(first ? Date.parse(first.to) - Date.parse(first.from) : binMs);
    for (const bucket of buckets) {
      series.#push(Date.parse(bucket.from), bucket.avgMs, bucket.minMs, bucket.maxMs, bucket.samples);
      series.#newest = Date.parse(bucket.to);
    }
    series.#usualStepMs = Math.max(series.binMs, series.#medianStepMs());
    return series;
  }

  get x(): Float64Array {
    return this.#x.subarray(0, this.length);
  }

  get avg(): Float64Array {
    return this.#avg.subarray(0, this.length);
  }

  /** Whether anything is known of a stretch, in ms since 1970. */
  hasBetween(from: number, to: number): boolean {
    return this.x.some((start) => start * 1000 + this.binMs > from && start * 1000 < to);
  }

  /** One bin; `i` must be below `length`. Times in ms since 1970. */
  at(i: number): { from: number; to: number; avg: number; min: number; max: number; samples: number } {
    const from = (this.#x[i] ?? NaN) * 1000;
    const whole = from + this.binMs;
    return {
      from,
      to: i === this.length - 1 ? Math.max(from, Math.min(whole, this.#newest)) : whole,
      avg: this.#avg[i] ?? NaN,
      min: this.#min[i] ?? NaN,
      max: this.#max[i] ?? NaN,
      samples: this.#samples[i] ?? NaN,
    };
  }

  /** Whether nothing was known for a while before bin `i`. */
  gapBefore(i: number): boolean {
    if (i === 0 || this.#broken[i] === 1) return true;
    const step = ((this.#x[i] ?? NaN) - (this.#x[i - 1] ?? NaN)) * 1000;
    return step > this.#usualStepMs * gapFactor;
  }

  /** Takes a live sample; null means unknown. Samples older than the newest are in the history already. */
  add(at: number, ms: number | null): void {
    if (at <= this.#newest && this.length > 0 && at < (this.#x[this.length - 1] ?? 0) * 1000) return;
    if (ms === null) {
      this.#wasUnknown = true;
      return;
    }
    const from = Math.floor(at / this.binMs) * this.binMs;
    const last = this.length - 1;
    if (last >= 0 && Math.round((this.#x[last] ?? NaN) * 1000) === from) {
      const samples = (this.#samples[last] ?? 0) + 1;
      this.#avg[last] = (this.#avg[last] ?? 0) + (ms - (this.#avg[last] ?? 0)) / samples;
      this.#min[last] = Math.min(this.#min[last] ?? ms, ms);
      this.#max[last] = Math.max(this.#max[last] ?? ms, ms);
      this.#samples[last] = samples;
    } else {
      this.#push(from, ms, ms, ms, 1);
      if (this.#wasUnknown) this.#broken[this.length - 1] = 1;
      // Just opened on a pair without history: how often samples come shows in the first of them.
      if (this.length <= learnFrom) this.#usualStepMs = Math.max(this.binMs, this.#medianStepMs());
    }
    this.#wasUnknown = false;
    this.#newest = at;
  }

  /** Forgets bins that ended before `time`, in ms since 1970. */
  trim(time: number): void {
    let gone = 0;
    while (gone < this.length && (this.#x[gone] ?? 0) * 1000 + this.binMs < time) gone += 1;
    // In larger steps, since it moves everything that stays.
    if (gone < 64) return;
    for (const array of this.#arrays()) array.copyWithin(0, gone, this.length);
    this.length -= gone;
  }

  #push(from: number, avg: number, min: number, max: number, samples: number): void {
    if (this.length === this.#x.length) this.#grow();
    const i = this.length++;
    this.#x[i] = from / 1000;
    this.#avg[i] = avg;
    this.#min[i] = min;
    this.#max[i] = max;
    this.#samples[i] = samples;
    this.#broken[i] = 0;
  }

  #arrays(): (Float64Array | Uint8Array)[] {
    return [this.#x, this.#avg, this.#min, this.#max, this.#samples, this.#broken];
  }

  #grow(): void {
    const wider = (array: Float64Array) => {
      const copy = new Float64Array(array.length * 2);
      copy.set(array);
      return copy;
    };
    this.#x = wider(this.#x);
    this.#avg = wider(this.#avg);
    this.#min = wider(this.#min);
    this.#max = wider(this.#max);
    this.#samples = wider(this.#samples);
    const broken = new Uint8Array(this.#broken.length * 2);
    broken.set(this.#broken);
    this.#broken = broken;
  }

  /** What lies between most bins; more than their width when samples are rarer than bins. */
  #medianStepMs(): number {
    const steps: number[] = [];
    for (let i = 1; i < this.length; i += 1) steps.push(((this.#x[i] ?? 0) - (this.#x[i - 1] ?? 0)) * 1000);
    steps.sort((a, b) => a - b);
    return Math.round(steps[Math.floor(steps.length / 2)] ?? this.binMs);
  }
}
