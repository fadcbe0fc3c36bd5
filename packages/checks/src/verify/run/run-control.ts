import type { RunHolder } from '../../model/run.ts';
import { sleep } from '../../time/sleep.ts';
import { Undecidable } from '../undecidable.ts';

/** Raised where a run was cancelled; not a fault. */
export class Cancelled extends Error {
  constructor(by: string) {
    super(`cancelled by ${by}`);
    this.name = 'Cancelled';
  }
}

/** Raised where a run stops here, to be gone on with later; not a fault. */
export class Suspended extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Suspended';
  }
}

interface Hold {
  by: RunHolder;
  why: string;
  since: number;
}

/**
 * Lets a person, or the throttle, hold a run between two chunks, and cancel it at any moment. Statements in flight when
 * it is held are let finish; when it is cancelled they are ended on the servers.
 */
export class RunControl {
  readonly #controller = new AbortController();
  readonly #holds = new Map<RunHolder, Hold>();
  readonly #onChange: () => void;
  readonly #patienceMs: number;
  readonly #wake: (() => void)[] = [];
  /** How long to rest after a chunk, as a multiple of what it took; 0 when nobody else is there. */
  pace = 0;

  /** `patienceMs`: how long the throttle may hold before the rest of the run is given up as not to be decided. */
  constructor(patienceMs: number, onChange: () => void = () => undefined) {
    this.#patienceMs = patienceMs;
    this.#onChange = onChange;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(by: string): void {
    this.#end(new Cancelled(by));
  }

  /** Ends it as cancelling does, but to be gone on with. */
  suspend(why: string): void {
    this.#end(new Suspended(why));
  }

  /** `why` is shown as the run's state. Holds of different owners are independent. */
  hold(by: RunHolder, why: string): void {
    const known = this.#holds.get(by);
    this.#holds.set(by, { by, why, since: known?.since ?? performance.now() });
    if (known?.why !== why) this.#onChange();
    if (by === 'throttle') this.#wakeAll();
  }

  letGo(by: RunHolder): void {
    if (!this.#holds.delete(by)) return;
    this.#wakeAll();
    this.#onChange();
  }

  /** Why the run stands still, and by whom; null while it may go on. */
  get held(): Readonly<Pick<Hold, 'by' | 'why'>> | null {
    return this.#holds.get('operator') ?? this.#holds.get('throttle') ?? null;
  }

  /** Passed before every chunk. Rejects with Undecidable when the throttle held for too long. */
  async gate(): Promise<void> {
    for (;;) {
      this.signal.throwIfAborted();
      if (this.#holds.size === 0) return;
      const throttle = this.#holds.get('throttle');
      if (throttle && !this.#holds.has('operator') && performance.now() - throttle.since > this.#patienceMs) {
        throw new Undecidable(`held back for ${Math.round(this.#patienceMs / 1000)} s: ${throttle.why}`);
      }
      // Woken by every look of the throttle, by the operator and by cancelling.
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Does one chunk's work, and rests after it as long as manners demand; `awayMs`: how much of it was but waiting. */
  async paced<T>(work: () => Promise<T>, awayMs: () => number = () => 0): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      if (this.pace > 0) await sleep((performance.now() - began - awayMs()) * this.pace, this.signal);
    }
  }

  #end(reason: Error): void {
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }
}
