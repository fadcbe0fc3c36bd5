/** Takes turns: so many at a time, and of those that are known to take long no more than half of them. */
export class Places {
  readonly #most: number;
  /** Who takes longer is not waited for. */
  readonly #longestMs: number;
  readonly #taken = { quick: 0, slow: 0 };
  readonly #waiting: Record<'quick' | 'slow', (() => void)[]> = { quick: [], slow: [] };

  constructor(most: number, longestMs: number) {
    this.#most = most;
    this.#longestMs = longestMs;
  }

  /** Resolves with how to leave, once there is a place. */
  async enter(kind: 'quick' | 'slow'): Promise<() => void> {
    if (this.#isFree(kind)) this.#taken[kind]++;
    else await new Promise<void>((resolve) => this.#waiting[kind].push(resolve));
    let isLeft = false;
    const leave = (): void => {
      clearTimeout(timer);
      if (isLeft) return;
      isLeft = true;
      this.#taken[kind]--;
      for (const next of ['quick', 'slow'] as const) this.#letIn(next);
    };
    const timer = setTimeout(leave, this.#longestMs);
    timer.unref();
    return leave;
  }

  #letIn(kind: 'quick' | 'slow'): void {
    while (this.#isFree(kind)) {
      const next = this.#waiting[kind].shift();
      if (!next) return;
      this.#taken[kind]++;
      next();
    }
  }

  #isFree(kind: 'quick' | 'slow'): boolean {
    const { quick, slow } = this.#taken;
    return quick + slow < this.#most && (kind === 'quick' || slow < this.#most / 2);
  }
}
