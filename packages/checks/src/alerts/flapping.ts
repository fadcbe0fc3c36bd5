/** So often within … */
const times = 4;
/** … this long is flapping, … */
const withinMs = 3_600_000;
/** … and then an alert goes on until its condition stayed away for this long. */
export const flappingKeepMs = 600_000;
const forgetEveryMs = 60_000;

/** Remembers how often each condition came back, so that one that comes and goes is one alert that says so. */
export class Flapping {
  /** Monotonic times, by fingerprint. */
  readonly #returns = new Map<string, number[]>();
  #forgotAt = -Infinity;

  came(fingerprint: string, at: number): void {
    this.#forget(at);
    const recent = (this.#returns.get(fingerprint) ?? []).filter((time) => at - time < withinMs);
    this.#returns.set(fingerprint, [...recent, at]);
  }

  /** How often it came within the last hour, when that is too often; else null. */
  timesOf(fingerprint: string, at: number): number | null {
    const recent = (this.#returns.get(fingerprint) ?? []).filter((time) => at - time < withinMs).length;
    return recent >= times ? recent : null;
  }

  /** Ten thousand may come in one moment, so it is not looked through for each of them. */
  #forget(at: number): void {
    if (at - this.#forgotAt < forgetEveryMs) return;
    this.#forgotAt = at;
    for (const [fingerprint, when] of this.#returns) {
      if (when.every((time) => at - time >= withinMs)) this.#returns.delete(fingerprint);
    }
  }
}
