/** Small tables side by side: most of what each costs is waiting for answers. */
const smallAtOnce = 200;
/** And with those that only wait for the target, so many. */
const mostAtOnce = 1000;

/** A table's place among those that are examined. */
export interface Place {
  /** It only waits for the target from now on, and lets others begin. */
  leave: () => void;
  /** Resolves when it may go on. */
  back: () => Promise<void>;
}

/**
 * Small tables are examined many side by side; large ones one after another, for only one can be gone on with after a
 * restart. The first failure ends it.
 */
export class TablePool {
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  readonly #taken = { small: 0, large: 0 };
  #failure: { error: unknown } | null = null;

  /** Tables that are examined, those that only wait included. */
  get size(): number {
    return this.#running.size;
  }

  /** Resolves when the task has begun. Rejects with the failure of another, when all have ended. */
  async begin(size: 'small' | 'large', task: (place: Place) => Promise<void>): Promise<void> {
    while (this.#running.size >= mostAtOnce) await this.#change();
    await this.#room(size);
    if (this.#failure) return await this.drain();
    let taken = true;
    const place: Place = {
      leave: () => {
        if (taken) this.#taken[size]--;
        taken = false;
        this.#changed();
      },
      back: async () => {
        if (taken) return;
        await this.#room(size);
        this.#taken[size]++;
        taken = true;
      },
    };
    this.#taken[size]++;
    const running: Promise<void> = task(place)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(running);
        place.leave();
      });
    this.#running.add(running);
  }

  /** Resolves when all tasks have ended; rejects when one failed. */
  async drain(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure) throw this.#failure.error;
  }

  async #room(size: 'small' | 'large'): Promise<void> {
    const most = size === 'small' ? smallAtOnce : 1;
    while (this.#taken[size] >= most) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
