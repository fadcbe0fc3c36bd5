/** A source may write seldom, and the other one as well. */
const quietReadings = 10;
const mostQuietReadings = 1000;

/** Whether several servers write into one domain of a target's: then its GTIDs tell its place by chance only. */
export class MixedDomain {
  /** Null while they tell it. */
  why: string | null = null;
  readonly #target: string;
  /** For how many readings of the status nothing of others was seen there, and for how many it must not be. */
  #mixing: { quiet: number; needed: number } | null = null;
  /** Two sources could not be told apart by their server_id at the last reading. */
  #twins = false;

  constructor(target: string) {
    this.#target = target;
  }

  reset(): void {
    this.why = null;
    this.#mixing = null;
  }

  /** The status was read. `twin`: the server_id that another source has, too; null for none. */
  read(channels: number, twin: string | null): void {
    if (channels < 2 || (this.#twins && twin === null)) this.reset();
    this.#endMixing();
    this.#twins = twin !== null;
    if (this.#twins) this.why = `another source of ${this.#target} has the server_id ${twin}, too`;
  }

  /** Something of others was seen there. True when that is news. */
  seen(): boolean {
    if (this.#mixing) this.#mixing.quiet = 0;
    if (this.why !== null) return false;
    const needed = this.#mixing ? Math.min(2 * this.#mixing.needed, mostQuietReadings) : quietReadings;
    this.#mixing = { quiet: 0, needed };
    this.why = `several sources of ${this.#target} write into one replication domain`;
    return true;
  }

  /** Nothing of others comes any more. Each time that it does again it must be gone for twice as long. */
  #endMixing(): void {
    if (!this.#mixing || this.why === null || this.#twins) return;
    this.#mixing.quiet++;
    if (this.#mixing.quiet >= this.#mixing.needed) this.why = null;
  }
}
