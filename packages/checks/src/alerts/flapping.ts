/** So often within … */
const TIMES = 4;
/** … this long is flapping, … */
const withinMs = 3_600_000;
/** … and then an alert goes on until its condition stayed away for this long. */
export const flappingKeepMs = 600_000;

/** Remembers how often each condition came back, so that one that comes and goes is one alert that says so. */
export class Flapping {
  /** Monotonic times, by fingerprint. */
  readonly #returns = new Map<string, number[]>();

  came(fingerprint: string, at: number): void {
    this.#forget(at);
    const times = this.#returns.get(fingerprint);
    if (times) times.push(at);
    else this.#returns.set(fingerprint, [at]);
  }

  /** How often it came within the last hour, when that is too often; else null. */
  timesOf(fingerprint: string, at: number): number | null {
    const times = (this.#returns.get(fingerprint) ?? []).filter((time) => at - time < withinMs).length;
    return times >= TIMES ? times : null;
  }

  #forget(at: number): void {
    for (const [fingerprint, times] of this.#returns) {
      const recent = times.filter((time) => at - time < withinMs);
      if (recent.length > 0) this.#returns.set(fingerprint, recent);
      else this.#returns.delete(fingerprint);
    }
  }
}
